"""The files that describe a port, written for it by `quaymark init`."""
