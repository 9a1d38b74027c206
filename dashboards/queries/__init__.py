"""PromQL for the panels."""
