"""What people see in the terminal: headline figures, targets, alerts, freshness."""
