"""History, loaded into a running Prometheus as blocks of its own storage format."""
