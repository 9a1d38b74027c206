"""How events change the books, without any input or output."""
