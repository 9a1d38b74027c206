"""Plans of targets, and the progress of figures against them."""
