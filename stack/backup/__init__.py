"""A backup of one installation: made, gone on with, checked and restored."""
