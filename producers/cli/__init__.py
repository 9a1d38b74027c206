"""The commands of the producers: what a person or a supervisor types."""
