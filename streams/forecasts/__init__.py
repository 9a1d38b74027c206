"""Forecasts on a schedule, computed by a process of their own."""
