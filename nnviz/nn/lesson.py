"""The activation functions of the lesson: those that are compared at first."""

from __future__ import annotations

from nnviz.nn.activations import LeakyReLU, ReLU, Sigmoid, Tanh

LESSON = tuple(one.__name__ for one in (Sigmoid, Tanh, ReLU, LeakyReLU))
"""Their names."""

LESSON_SLOPE = 0.2
"""The slope a of LeakyReLU in the lesson."""

REFERENCE = ReLU.__name__
"""The function whose time is 1."""
