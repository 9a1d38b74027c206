"""OCDS and OC4IDS: contracting processes and projects as project events."""
