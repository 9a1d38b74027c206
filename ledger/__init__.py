"""How an event changes the books; pure."""
