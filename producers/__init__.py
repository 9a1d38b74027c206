"""All that writes raw events."""
