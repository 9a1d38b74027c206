"""The whole thing on one machine, and the command line."""
