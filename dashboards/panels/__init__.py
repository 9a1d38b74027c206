"""Groups of panels that the boards are composed of."""
