"""The audit: it recounts the raw events in plain code and compares every total of the books."""
