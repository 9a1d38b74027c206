"""What files show of their senders, before a profile describes them."""
