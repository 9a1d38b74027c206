"""What the command line shows of the running system: headline figures, targets, alerts."""
