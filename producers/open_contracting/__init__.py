"""Readers of OCDS and OC4IDS: contracting processes and projects become project events."""
