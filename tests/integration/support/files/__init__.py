"""Files of senders, written for tests, and the sums that they come to."""
