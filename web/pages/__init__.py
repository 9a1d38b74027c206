"""The pages as values: figures in, markup out."""
