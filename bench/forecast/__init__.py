"""The back-test of the forecast, beside simple methods."""
