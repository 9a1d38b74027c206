"""Reports made from the books: their values are gathered, their pages typeset."""
