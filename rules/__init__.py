"""The rules and configuration of Prometheus and Alertmanager, as values."""
