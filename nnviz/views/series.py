"""What a plot shows, as plain data; and the arithmetic of drawing it: pieces, clipping, decimation, means, labels.

Pieces are cut on the unit square, the frame of the plot, so that what draws them never sees a number outside [0, 1].
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Piece = tuple[Floats, Floats]

FAR = 1e100
"""Beyond this a number is drawn as if it were this: still far outside any range, and safe to subtract."""

BEYOND = 1e6
"""Sides of the frame from which on it does not matter how far away a point is; its digits are kept for the cut."""

FEW = 4000
"""Points that are drawn faster than they are decimated."""

FINEST = 1e-12
"""Below this share of its numbers' size, an extent is rounding noise."""


Stroke = Literal["line", "dashes", "dots", "points", "pairs", "rings"]


@dataclass(frozen=True, eq=False)
class Series:
    """One curve.

    Args:
        name: what it is called at its end, or in the legend.
        x, y: its points, in drawing order; NaN and infinity leave gaps.
        style: a solid, dashed or dotted line through the points, so that curves differ without color; or the points
            alone, each as a dot, two or a ring.
        averaged: where a column holds many points, the line is their running mean, and a faint band reaches from the
            lowest to the highest. The points are in the order of x.
        color: the number of its color, where that is not its place among the curves: 0 for what is trained on and for
            f, 1 for test data, 2 for a derivative.
    """

    name: str
    x: NDArray[np.floating]
    y: NDArray[np.floating]
    style: Stroke = "line"
    averaged: bool = False
    color: int | None = None


@dataclass(frozen=True)
class Mark:
    """A place on the x axis where something happened.

    Args:
        x: where.
        words: what; they stand beside the mark where there is room.
        breaks: whether what is left and what is right of it cannot be compared: then it is a solid line.
    """

    x: float
    words: str
    breaks: bool = False


@dataclass(frozen=True)
class Frame:
    """How a plot is framed.

    Args:
        title: what y is, with its unit; it stands above the axis.
        x_label: what x is, with its unit.
        x_range, y_range: what is shown at least; the data's own extent where left out. The axes reach further where
            that brings their ticks onto the centers of cells.
        y_floor: y starts here or below, whatever the data.
        log_y: y by powers of ten; what is not above 0 is left out.
        empty: what stands there while there is nothing to draw.
        marks: vertical marks, in the order of x.
        diagonal: whether the line on which y is x is drawn, below all else.
    """

    title: str = ""
    x_label: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    y_floor: float | None = None
    log_y: bool = False
    empty: str = "Nothing to draw yet."
    marks: tuple[Mark, ...] = ()
    diagonal: bool = False


def points_of(series: Series, log_y: bool = False) -> Piece:
    """The points as float64, clipped to ±FAR, with NaN where there is none; y as log₁₀ y where asked."""
    xs, ys = np.ravel(series.x), np.ravel(series.y)
    count = min(len(xs), len(ys))
    with np.errstate(all="ignore"):
        x, y = (np.where(np.isfinite(v), v, np.nan).astype(np.float64)[:count].clip(-FAR, FAR) for v in (xs, ys))
        return x, np.log10(np.where(y > 0, y, np.nan)) if log_y else y


def finite_runs(x: Floats, y: Floats) -> list[Piece]:
    """The pieces between points that are not finite."""
    good = np.isfinite(x) & np.isfinite(y)
    return [(x[a:b], y[a:b]) for a, b in _stretches(good).tolist()]


def _stretches(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """(n, 2) begin and end of each stretch that is true."""
    edges = np.concatenate([[False], mask, [False]])
    return np.flatnonzero(edges[1:] != edges[:-1]).reshape(-1, 2)


def visible(x: Floats, y: Floats, columns: int) -> list[Piece]:
    """The pieces of a line on the unit square that are to be drawn, decimated for `columns` columns.

    A line in more pieces than there are columns could not be told from dots: then its points alone are left.
    """
    good = np.isfinite(x) & np.isfinite(y)
    if 2 * int(good.sum()) >= len(x) and np.count_nonzero(np.diff(good)) <= 2 * columns:
        pieces = [piece for run in finite_runs(x, y) for piece in clip(*run, columns)]
        if len(pieces) <= columns:
            total = sum(len(px) for px, _ in pieces)
            if total <= FEW:
                return pieces
            return [decimate(px, py, max(columns * len(px) // total, 2)) for px, py in pieces]
    xs, ys = decimate(*inside(x, y), columns)
    return [(xs[i : i + 1], ys[i : i + 1]) for i in range(len(xs))]


def inside(x: Floats, y: Floats) -> Piece:
    """The points that lie on the unit square."""
    there = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
    return x[there], y[there]


def clip(x: Floats, y: Floats, most: int) -> list[Piece]:
    """What of a line of finite points lies on the unit square, cut at its edges; the first `most` + 1 pieces.

    Each segment a + t (b − a) is kept for the t between its last entry and its first exit (Liang and Barsky, "A new
    concept and method for line clipping", 1984).
    """
    if len(inside(x, y)[0]) == len(x):
        return [(x, y)] if len(x) else []
    x, y = x.clip(-BEYOND, BEYOND), y.clip(-BEYOND, BEYOND)
    enter, leave = np.zeros(max(len(x) - 1, 0)), np.ones(max(len(x) - 1, 0))
    for v in (x, y):
        start, step = v[:-1], np.diff(v)
        within = (start >= 0) & (start <= 1)
        still = step == 0
        safe = np.where(still, 1.0, step)
        with np.errstate(over="ignore"):
            to_low, to_high = -start / safe, (1 - start) / safe
        enter = np.maximum(enter, np.where(still, np.where(within, 0.0, 2.0), np.minimum(to_low, to_high)))
        leave = np.minimum(leave, np.where(still, 1.0, np.maximum(to_low, to_high)))
    seen = np.flatnonzero(enter <= leave)
    joined = (np.diff(seen) == 1) & (leave[seen[:-1]] == 1) & (enter[seen[1:]] == 0)
    groups = np.split(seen, np.flatnonzero(~joined)[: most + 1] + 1)[: most + 1] if len(seen) else []
    return [(_cut(x, g, enter, leave), _cut(y, g, enter, leave)) for g in groups]


def _cut(v: Floats, segments: NDArray[np.intp], enter: Floats, leave: Floats) -> Floats:
    """One coordinate along neighboring segments, from the entry into the first to the exit from the last."""
    first, last = int(segments[0]), int(segments[-1])
    head = v[first] + enter[first] * (v[first + 1] - v[first])
    tail = v[last] + leave[last] * (v[last + 1] - v[last])
    return np.concatenate([[head], v[first + 1 : last + 1], [tail]]).clip(0, 1)


def decimate(x: Floats, y: Floats, columns: int) -> Piece:
    """At most two points a column: the lowest and the highest, in their order; and always the first and the last."""
    if len(x) <= 2 * columns or columns < 1:
        return x, y
    bounds = np.linspace(0, len(x), columns + 1).astype(int)
    kept = {0, len(x) - 1}
    for a, b in pairwise(bounds.tolist()):
        kept.add(a + int(np.argmin(y[a:b])))
        kept.add(a + int(np.argmax(y[a:b])))
    rows = np.array(sorted(kept))
    return x[rows], y[rows]


@dataclass(frozen=True, eq=False)
class Averaged:
    """Many points, column by column.

    Attributes:
        x: the middle of the points of each column that has any.
        mean: their running mean, over as many columns to the left and to the right as there are in WINDOW.
        low, high: the lowest and the highest.
    """

    x: Floats
    mean: Floats
    low: Floats
    high: Floats


WINDOW = 1
"""Columns on either side that a running mean takes in."""

MANY = 3
"""Points a column from which on their mean is drawn."""


def averaged(x: Floats, y: Floats, columns: int) -> Averaged | None:
    """Finite points by columns of equal width on the unit square; None where columns do not hold many.

    Args:
        x: in ascending order; what is not in [0, 1] is left out.
        y: of any size. Where it is a logarithm, the mean is that of the logarithms.
        columns: how many there are.
    """
    there = (x >= 0) & (x <= 1)
    x, y = x[there], y[there]
    starts = np.flatnonzero(np.diff(np.minimum((x * columns).astype(np.intp), columns - 1), prepend=-1))
    if len(x) < MANY * len(starts) or not len(x):
        return None
    counts = np.diff(starts, append=len(x)).astype(np.float64)
    total, weight = (_running(np.add.reduceat(y, starts)), _running(counts))
    middle = np.add.reduceat(x, starts) / counts
    return Averaged(middle, total / weight, np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts))


def _running(values: Floats) -> Floats:
    """The sum of each and its WINDOW neighbors on either side."""
    sums = np.concatenate([np.zeros(WINDOW + 1), np.cumsum(values), np.full(WINDOW, values.sum())])
    return np.asarray(sums[2 * WINDOW + 1 :] - sums[: len(values)])


def extent(values: list[Floats]) -> tuple[float, float]:
    """Lowest and highest of all finite ones; a constant gets room on both sides, and nothing at all is (0, 1)."""
    finite = [v for v in (each[np.isfinite(each)] for each in values) if len(v)]
    if not finite:
        return 0.0, 1.0
    low, high = min(float(v.min()) for v in finite), max(float(v.max()) for v in finite)
    return (low, high) if is_range(low, high) else _around(low)


def _around(value: float) -> tuple[float, float]:
    room = abs(value) * 0.1 if abs(value) > 1 / FAR else 1.0
    return value - room, value + room


def is_range(low: float, high: float) -> bool:
    """Whether `low` and `high` are finite and far enough apart to be told from one another when drawn."""
    if not (abs(low) <= 2 * FAR and abs(high) <= 2 * FAR):
        return False
    return high - low > max(FINEST * max(abs(low), abs(high)), 1 / FAR)


def labels(ticks: list[float], step: float) -> list[str]:
    """The ticks as text: as many digits as tell them apart, as powers of ten where that would be long."""
    largest = max((abs(tick) for tick in ticks), default=0.0)
    if largest >= 1e6 or step < 1e-4:
        digits = max(0, math.floor(math.log10(max(largest, step)) + 1e-9) - math.floor(math.log10(step) + 1e-9))
        return [f"{tick:.{digits}e}" if tick else "0" for tick in ticks]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"{tick + 0.0:.{decimals}f}" for tick in ticks]
