"""A broker that asks for TLS and a login, and denies what no right allows."""
