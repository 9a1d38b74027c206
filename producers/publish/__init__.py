"""Sending events to Kafka: records, the sender, and what the topics already hold."""
