"""The bench of the whole chain, which takes a year from Parquet to Prometheus blocks."""
