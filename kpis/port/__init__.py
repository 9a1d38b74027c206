"""The KPIs of a port area."""
