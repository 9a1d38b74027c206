"""What Grafana shows; pure."""
