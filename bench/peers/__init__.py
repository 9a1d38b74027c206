"""What the worker is measured beside: the bare limit, quixstreams, Kafka Streams."""
