"""Grafana itself: panels, appearance, language and what grafanalib lacks."""
