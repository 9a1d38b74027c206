"""How Chinese and English say and write what a report shows."""
