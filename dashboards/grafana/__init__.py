"""Grafana itself: panel types, layout, appearance, language, and what grafanalib lacks."""
