"""A broker that asks for TLS and a login."""
