"""History sent again from archives, topics or files, at a chosen pace."""
