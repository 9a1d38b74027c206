"""What the books showed at each instant of the past."""
