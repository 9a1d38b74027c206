"""Years of files as history: read once, sorted by time, and sent as they came then."""
