"""The HTTP receiver: events that other systems post, imported as files are."""
