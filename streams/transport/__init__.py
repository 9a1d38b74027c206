"""Faust fed by whole batches: the consumer, record batches, and records on their way out."""
