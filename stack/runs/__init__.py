"""Replays with books of their own, beside the live ones."""
