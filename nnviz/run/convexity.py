"""Chords: a function is convex where each of them lies on or above its graph. Pure functions of numpy arrays."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import gcd

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Cell = tuple[int, int]

ROUNDING = 1e-9
"""A gap below this share of the values at both ends and between may be rounding: the loss is computed in float64."""


@dataclass(frozen=True)
class Chord:
    """A chord between two points of a graph.

    Attributes:
        ends: where it begins and ends.
        middle: where the graph is highest above it, or least far below.
        gap: the graph minus the chord there: above 0, the function is not convex.
        rounding: what of a gap may be rounding.
    """

    ends: tuple[int, int]
    middle: int
    gap: float
    rounding: float

    @property
    def violates(self) -> bool:
        """Whether the graph lies above the chord, so that the function is not convex."""
        return self.gap > self.rounding


def chord_between(x: Floats, y: Floats, first: int, last: int) -> Chord | None:
    """The chord from point `first` to point `last` > first + 1 of a graph; None where it has no finite values.

    Shape:
        x, y: (n,), x ascending.
    """
    first, last = min(first, last), max(first, last)
    inner = np.arange(first + 1, last)
    if not len(inner) or not np.isfinite(y[[first, last]]).all():
        return None
    along = (x[inner] - x[first]) / (x[last] - x[first])
    with np.errstate(all="ignore"):
        gaps = y[inner] - (y[first] + along * (y[last] - y[first]))
    gaps = np.where(np.isfinite(gaps), gaps, -np.inf)
    best = int(gaps.argmax())
    if not np.isfinite(gaps[best]):
        return None
    middle = int(inner[best])
    return Chord((first, last), middle, float(gaps[best]), ROUNDING * float(np.abs(y[[first, middle, last]]).max()))


def worst_chord(x: Floats, y: Floats) -> Chord | None:
    """Of all chords of a graph the one that it lies above by most; None if it lies above none: then it is convex.

    The largest gap is that to the lower convex hull (Andrew's monotone chain), whose edges are such chords.
    """
    finite = np.flatnonzero(np.isfinite(y))
    hull: list[int] = []
    for at in finite.tolist():
        while len(hull) >= 2 and _turns(x, y, hull[-2], hull[-1], at) <= 0:
            hull.pop()
        hull.append(at)
    found = [chord_between(x, y, a, b) for a, b in pairwise(hull)]
    worst = max((one for one in found if one is not None), key=lambda one: one.gap - one.rounding, default=None)
    return worst if worst is not None and worst.violates else None


def _turns(x: Floats, y: Floats, a: int, b: int, c: int) -> float:
    """Above 0 where the way from a over b to c turns left."""
    return float((x[b] - x[a]) * (y[c] - y[a]) - (y[b] - y[a]) * (x[c] - x[a]))


@dataclass(frozen=True)
class Line:
    """A chord between two points of a surface that is known on a grid.

    Attributes:
        ends: the two points, as (row, column).
        middle: the grid point on the chord where the surface is highest above it.
        gap: the surface minus the chord there: above 0, the function is not convex.
        rounding: what of a gap may be rounding.
    """

    ends: tuple[Cell, Cell]
    middle: Cell
    gap: float
    rounding: float

    @property
    def violates(self) -> bool:
        """Whether the surface lies above the chord, so that the function is not convex."""
        return self.gap > self.rounding


def line_between(values: Floats, first: Cell, last: Cell) -> Line | None:
    """The chord between two points of a grid, compared at the points of the grid that lie exactly on it.

    Returns:
        The chord; None where no point of the grid lies between its ends, or a value is not finite.
    """
    down, right = last[0] - first[0], last[1] - first[1]
    count = gcd(down, right)
    steps = np.arange(count + 1)
    rows, columns = first[0] + steps * (down // max(count, 1)), first[1] + steps * (right // max(count, 1))
    y = values[rows, columns]
    found = chord_between(steps.astype(np.float64), y, 0, count) if count >= 2 else None
    if found is None:
        return None
    middle = int(rows[found.middle]), int(columns[found.middle])
    return Line((first, last), middle, found.gap, found.rounding)


def worst_line(values: Floats) -> Line | None:
    """Of all chords whose middle is a point of the grid the one that the surface lies above by most there.

    A continuous function is convex exactly where no chord lies below the graph at its middle.

    Returns:
        The chord; None if the surface lies above none, as far as the grid shows.

    Shape:
        values: (rows, columns), evenly spaced in each direction; what is not finite takes no part.
    """
    height, width = values.shape
    best: tuple[float, Cell, Cell, Cell] | None = None
    with np.errstate(all="ignore"):
        for down in range((height + 1) // 2):
            for right in range(-((width - 1) // 2) if down else 1, (width + 1) // 2):
                rows, columns = height - 2 * down, width - 2 * abs(right)
                one = values[:rows, max(-2 * right, 0) :][:, :columns]
                other = values[2 * down :, max(2 * right, 0) :][:, :columns]
                middle = values[down : down + rows, abs(right) : abs(right) + columns]
                largest = np.maximum(np.maximum(np.abs(one), np.abs(other)), np.abs(middle))
                gaps = middle - (one + other) / 2 - ROUNDING * largest
                gaps = np.where(np.isfinite(gaps), gaps, -np.inf)
                at = int(gaps.argmax())
                gap = float(gaps.flat[at])
                if best is None or gap > best[0]:
                    row, column = divmod(at, columns)
                    first = row, column + max(-2 * right, 0)
                    best = gap, first, (first[0] + 2 * down, first[1] + 2 * right), (first[0] + down, first[1] + right)
    if best is None or not best[0] > 0:
        return None
    return _line_at(values, best[1], best[2], best[3])


def _line_at(values: Floats, first: Cell, last: Cell, middle: Cell) -> Line:
    """The chord from one point of a grid to another, compared at its middle."""
    ends, there = np.array([values[first], values[last]]), float(values[middle])
    rounding = ROUNDING * max(float(np.abs(ends).max()), abs(there))
    return Line((first, last), middle, there - float(ends.mean()), rounding)
