"""The figures of this moment, gathered in the background from the books."""
