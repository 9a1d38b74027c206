"""The bench of the whole chain: a year from Parquet to Prometheus blocks."""
