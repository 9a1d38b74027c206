"""Tables of state, kept locally and in Kafka changelogs."""
