"""Small pictures on a grid: how large each is, and how many stand side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SMALLEST, LARGEST = 3, 16
"""Rows of a picture."""


SHADES = "≡=-. ░▒▓█"
"""From the lowest value to the highest, where there are no colors."""


@dataclass(frozen=True, eq=False)
class Tile:
    """One picture.

    Attributes:
        title: what it is.
        brief: the same, where the title has no room.
        values: (rows, columns).
        largest: the magnitude of the strongest color; a value of 0 has the color of the background.
    """

    title: str
    values: NDArray[np.floating]
    largest: float
    brief: str = ""

    def titled(self, columns: int) -> str:
        """The title in so many columns, as a number is never cut."""
        return self.title if len(self.title) <= columns or not self.brief else self.brief


class Grid(NamedTuple):
    """A grid of groups of pictures.

    Attributes:
        rows, columns: cells of each picture.
        across: how many groups stand side by side.
        shelves: how many lines of groups there are.
        seen: how many of them there is room for.
    """

    rows: int
    columns: int
    across: int
    shelves: int
    seen: int


def grid_of(groups: Sequence[Sequence[Tile]], width: int, height: int) -> Grid:
    """The grid with the largest pictures of which all are seen; of the smallest as many as there is room for."""
    most = max((len(group) for group in groups), default=1)
    found = Grid(SMALLEST, 2 * SMALLEST, 1, len(groups), 1)
    for rows in range(LARGEST, SMALLEST - 1, -1):
        columns = 2 * rows
        across = max(width // (most * (columns + 1) + between(most)), 1)
        shelves = -(-len(groups) // across)
        seen = max(height // (rows + 1), 1)
        found = Grid(rows, columns, across, shelves, seen)
        if shelves <= seen and most * (columns + 1) <= width and rows < height:
            return found
    # The line that says which part is seen takes one.
    return found._replace(seen=max((height - 1) // (found.rows + 1), 1))


def between(most: int) -> int:
    """Columns between two groups of at most so many pictures, besides the one after each picture."""
    return 1 if most > 1 else 0


def shade_texts(values: NDArray[np.float64], largest: float) -> list[str]:
    """(rows, columns) values as a character each: by sign and size, ! for what is not finite."""
    finite = np.isfinite(values)
    share = np.clip(np.where(finite, values, 0) / (largest or 1.0), -1, 1)
    half = len(SHADES) // 2
    code = np.rint(share * half).astype(int) + half
    return [
        "".join(SHADES[at] if good else "!" for at, good in zip(row, known, strict=True))
        for row, known in zip(code.tolist(), finite.tolist(), strict=True)
    ]
