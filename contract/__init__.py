"""Everything that two processes must agree on: events, snapshots, topics, encoding, the book, settings, errors."""
