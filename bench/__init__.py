"""The worker beside its peers and the bare limit: one topic, one machine, one table."""
