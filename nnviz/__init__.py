"""See a neural network think, in a terminal."""

__version__ = "0.1.0"
