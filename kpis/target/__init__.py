"""Targets: any KPI against its goal and plan."""
