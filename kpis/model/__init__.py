"""What a KPI is: its declaration, its calendar, its published page."""
