"""The model of a KPI: its declaration, the calendar, and the page that documents it."""
