"""What the numbers mean; pure."""
