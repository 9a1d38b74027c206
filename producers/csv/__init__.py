"""Readers of CSV tables: container moves, projects and published indicators."""
