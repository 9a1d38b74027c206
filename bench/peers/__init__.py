"""The systems that the worker is compared with: the bare limit, quixstreams, Kafka Streams."""
