"""The listed images side by side, so that many are seen at a glance: their grid, and what each shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from nnviz.views.sample import Thumbnail

MOST_ROWS = 8
"""Most lines of a picture; larger images are reduced."""

NARROWEST = 6
"""Least columns of a picture, so that there is room for the words above it."""


@dataclass(frozen=True, eq=False)
class Shown:
    """One image.

    Attributes:
        number: its number on its side.
        words: its class; where it is taken for another, both.
        wrong: whether it is taken for another.
        picture: what it looks like.
    """

    number: int
    words: str
    wrong: bool
    picture: Thumbnail


@dataclass(frozen=True, eq=False)
class Gallery:
    """The images in the order of the list.

    Attributes:
        count: how many there are.
        image: that at a place in the list.
        cursor: the place of the chosen one.
        shape: (H, W) the pixels of an image.
        source: the samples that the images are of, told apart by identity.
    """

    count: int
    image: Callable[[int], Shown]
    cursor: int
    shape: tuple[int, int]
    source: object


class Shelves(NamedTuple):
    """How the images stand: `across` in a line; of a line `rows` hold pictures, each `columns` wide, below a title."""

    rows: int
    columns: int
    across: int
    seen: int

    @property
    def lines(self) -> int:
        """The lines of a shelf: titles, and the pictures below."""
        return self.rows + 1


def shelves(shape: tuple[int, int], width: int, height: int) -> Shelves:
    """The shelves of images of so many pixels in so many cells. A pixel is half a line high and a column wide."""
    high, wide = shape
    rows = max(min(math.ceil(high / 2), MOST_ROWS, height - 1), 1)
    columns = max(min(round(wide * 2 * rows / high), width), min(NARROWEST, width), 1)
    return Shelves(rows, columns, max((width + 1) // (columns + 1), 1), max(height // (rows + 1), 1))
