"""Every number asks back: what `?` says of the numbers on a page, with the formula and its numbers in it."""

from nnviz.views.explained.explained import Explained

__all__ = ["Explained"]
