"""The forecast: what it is made from, and the method."""
