"""What processes must agree on: events, snapshots, topics, encoding, book, settings, errors."""
