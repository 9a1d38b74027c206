"""What all processes agree on: events, snapshots, topics, encoding, book, settings and errors."""
