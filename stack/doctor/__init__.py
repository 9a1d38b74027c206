"""What is missing before a board can be believed: facts, checks and findings."""
