"""Events to Kafka: records, the sender, and what already stands in the topics."""
