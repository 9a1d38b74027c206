"""What HTTP servers of ours and those who ask them agree on."""
