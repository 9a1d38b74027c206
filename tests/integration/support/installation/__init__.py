"""A port's folder with everything in it, and a systemd that runs it."""
