"""The command line, and everything that runs on one machine."""
