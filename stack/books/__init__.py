"""The books: verified against a recount, and rebuilt."""
