"""One import, from files to Kafka: detect the form, predict, deduplicate, sum up, retry."""
