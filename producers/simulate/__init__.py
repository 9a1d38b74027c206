"""The simulated port and the simulated zone: seeded sources of container and project events."""
