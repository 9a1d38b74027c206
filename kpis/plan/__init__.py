"""How far a figure should have come, and how far it has come."""
