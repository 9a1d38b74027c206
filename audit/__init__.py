"""Checks the books: recounts the raw events in plain code and compares every total."""
