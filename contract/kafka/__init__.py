"""Settings of the connection to Kafka."""
