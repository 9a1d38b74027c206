"""The inbox: files that others drop into a folder are imported, each exactly once."""
