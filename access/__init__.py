"""Certificates, keys and tokens in files; who may ask our HTTP servers, and how we ask them."""
