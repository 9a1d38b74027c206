"""The HTTP server: what may be asked, and what is answered."""
