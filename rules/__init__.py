"""What Prometheus and Alertmanager are told; pure."""
