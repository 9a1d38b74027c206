"""An installed port in a folder of its own, and a systemd user manager that runs it."""
