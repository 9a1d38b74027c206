"""The KPIs of a development zone."""
