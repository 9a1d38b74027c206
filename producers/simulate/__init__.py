"""The simulated port and zone."""
