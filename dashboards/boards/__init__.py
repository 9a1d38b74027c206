"""The four dashboards, a module each."""
