"""The four dashboards, one module for each."""
