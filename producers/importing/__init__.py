"""One import from its files to Kafka: detection, judgement, deduplication, summary, retry."""
