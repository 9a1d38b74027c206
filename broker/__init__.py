"""The one place that connects to Kafka: clients, reading topics to their end, administration."""
