"""A stream of files into an inbox that is killed."""
