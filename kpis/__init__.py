"""The KPIs and their formulas, without any input or output."""
