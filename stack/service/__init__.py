"""The installation as systemd units: rendered, installed, asked about and removed."""
