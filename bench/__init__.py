"""The bench compares the worker with its peers and the bare limit on one topic and machine."""
