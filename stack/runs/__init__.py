"""Runs: replays that have their own books, beside the live ones."""
