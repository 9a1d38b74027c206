"""Grafana's dashboards, rendered as JSON from the KPI catalogue; this room is pure."""
