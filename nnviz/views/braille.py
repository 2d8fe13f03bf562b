"""The dots of curves, two by four in a cell of braille.

Positions are in dots from the upper left of a grid of cells; dot d reaches from d to d + 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.views.series import Floats

Dots = NDArray[np.intp]

ACROSS, DOWN = 2, 4
"""Dots of a cell."""

NUDGE = 1e-6
"""Dots down and to the right: what lies on a tick, between two dots, is drawn by the same one despite of rounding."""

BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
"""What a dot adds to the number of a braille character, by row and column."""

STROKES: dict[str, tuple[tuple[int, ...], ...]] = {
    "points": ((1, 1),),
    "pairs": ((1, 3),),
    "line": ((1, 0), (7, 1), (3, 1), (5, 1, 1, 1)),
    "dashes": ((6, 4), (4, 3), (4, 2, 2, 2), (2, 2)),
    "dots": ((1, 2), (1, 1), (1, 3), (1, 4)),
    "rings": ((1, 5),),
}
"""Dots that are set and left out by turns along a curve: of the first of its style, of the second, and so on.

What comes later here is drawn over what comes before.
"""

SHAPES = {
    "points": ((0, 0),),
    "pairs": ((0, 0), (0, 1)),
    "rings": tuple((x, y) for x in range(-2, 3) for y in range(-2, 3) if 3 < x * x + y * y < 8),
}
"""The styles that draw the points alone, with the dots of each point, right of it and below it."""

SAMPLE = 4
"""Columns of the sample of a curve in the legend."""


class Layer:
    """Dots on a grid of cells, merged; each cell has the role of the last dot in it.

    Args:
        shape: rows and columns of cells.

    Attributes:
        bits: the dots of each cell, as BITS has them.
        roles: the role of each cell.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.bits = np.zeros(shape, np.uint32)
        self.roles = np.zeros(shape, np.int16)

    def set(self, columns: Dots, rows: Dots, role: int) -> None:
        """Set the dots in these columns and rows."""
        cell = rows // DOWN, columns // ACROSS
        np.bitwise_or.at(self.bits, cell, BITS[rows % DOWN, columns % ACROSS])
        self.roles[cell] = role


def dots_of(positions: Floats, count: int) -> Dots:
    """The dots that positions lie in, of `count` in a row or column."""
    return np.asarray(np.minimum((positions + NUDGE).astype(np.intp), count - 1))


def stamp(columns: Dots, rows: Dots, style: str, across: int, down: int) -> tuple[Dots, Dots]:
    """The dots of the shape of a style at each of these dots, as far as they lie on the grid."""
    right, below = np.array(SHAPES[style], np.intp).T
    x, y = (columns[:, None] + right).ravel(), (rows[:, None] + below).ravel()
    there = (x >= 0) & (x < across) & (y >= 0) & (y < down)
    return x[there], y[there]


def shade(layer: Layer, x: Floats, high: Floats, low: Floats, role: int) -> None:
    """Set every other dot between two curves, in the cells' columns where these have points.

    Args:
        layer: where.
        x, high, low: points of the curves on the unit square, with y from the top, one for each column.
        role: that of the dots.
    """
    rows, columns = layer.bits.shape
    cells = dots_of(x * columns, columns)
    first, last = (np.floor(edge.clip(-1, 2) * (rows * DOWN) + NUDGE) for edge in (high, low))
    row = np.arange(rows * DOWN)[:, None]
    # In even rows of dots the left one of a cell, in odd ones the right one.
    one = BITS[row % DOWN, row % ACROSS]
    bits = np.where((row >= first) & (row <= last), one, 0).reshape(rows, DOWN, len(cells)).sum(axis=1, dtype=np.uint32)
    layer.bits[:, cells] |= bits
    layer.roles[:, cells] = np.where(bits > 0, role, layer.roles[:, cells])


def rasterize(x: Floats, y: Floats, across: int, down: int, stroke: tuple[int, ...]) -> tuple[Dots, Dots]:
    """The dots of a line through points.

    A flat segment is drawn where it passes the middle of a column of dots, a steep one where it passes that of a row.
    To these come the points themselves where they are few, else those where the line turns up or down, or from flat to
    steep: so there are no gaps.

    Args:
        x, y: points, in dots.
        across, down: how many dots there are.
        stroke: how many are set and left out by turns.
    """
    dx, dy = x[1:] - x[:-1], y[1:] - y[:-1]
    steep = np.abs(dy) > np.abs(dx)
    start, step = np.where(steep, y[:-1], x[:-1]), np.where(steep, dy, dx)
    low = np.ceil(np.minimum(start, start + step) - 0.5).astype(np.intp)
    high = np.ceil(np.maximum(start, start + step) - 0.5).astype(np.intp)
    count = high - low
    segment = np.repeat(np.arange(len(count)), count)
    offset = np.arange(len(segment)) - np.repeat(np.cumsum(count) - count, count)
    middle = np.where(step[segment] >= 0, low[segment] + offset, high[segment] - 1 - offset) + 0.5
    share = (middle - start[segment]) / step[segment]
    length = np.concatenate([[0.0], np.cumsum(np.abs(step))])
    few = len(x) <= across
    turns = (dy[:-1] * dy[1:] <= 0) | (steep[:-1] != steep[1:])
    own = np.ones(len(x), np.bool_) if few else np.concatenate([[True], turns, [True]])
    along = np.concatenate([length[segment] + share * np.abs(step[segment]), length[own]])
    columns = dots_of(np.concatenate([x[segment] + share * dx[segment], x[own]]), across)
    rows = dots_of(np.concatenate([y[segment] + share * dy[segment], y[own]]), down)
    there = set_by(stroke, along)
    return columns[there], rows[there]


def set_by(stroke: tuple[int, ...], along: Floats) -> NDArray[np.bool_]:
    """Which places along a curve, in dots from its beginning, a stroke sets."""
    if stroke[1] == 0:
        return np.ones(len(along), np.bool_)
    bounds = np.cumsum(stroke)
    return np.asarray(np.searchsorted(bounds, (along + NUDGE) % bounds[-1], "right") % 2 == 0)


def sample_shape(style: str) -> str:
    """A point as a style of points draws it."""
    layer = Layer((1, 2))
    layer.set(*stamp(np.array([1]), np.array([1]), style, 2 * ACROSS, DOWN), 0)
    return "".join(chr(0x2800 + bits) if bits else " " for bits in layer.bits[0].tolist())


def sample(stroke: tuple[int, ...]) -> str:
    """A piece of a level curve."""
    layer = Layer((1, SAMPLE))
    columns = np.arange(SAMPLE * ACROSS)
    columns = columns[set_by(stroke, columns.astype(np.float64))]
    layer.set(columns, np.full_like(columns, 1), 0)
    return "".join(chr(0x2800 + bits) if bits else " " for bits in layer.bits[0].tolist())
