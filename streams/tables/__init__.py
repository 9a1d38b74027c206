"""State in front of Kafka changelogs."""
