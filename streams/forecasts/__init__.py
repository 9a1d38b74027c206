"""Forecasts on a schedule, computed by a separate process."""
