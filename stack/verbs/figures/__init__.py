"""Verbs that take a figure apart: explain, find, register."""
