"""A statement of others beside the books: their figure, ours, and the difference by cause."""
