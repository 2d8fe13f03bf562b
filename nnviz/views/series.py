"""What a plot shows, as plain data; and the arithmetic of drawing it: pieces, clipping, decimation, ticks.

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

FINEST = 1e-12
"""Below this share of its numbers' size, an extent is rounding noise."""


@dataclass(frozen=True, eq=False)
class Series:
    """One curve.

    Args:
        name: what the legend calls it.
        x, y: its points, in drawing order; NaN and infinity leave gaps.
        style: a line through the points, or dots along it, so that two curves differ without colour.
    """

    name: str
    x: NDArray[np.floating]
    y: NDArray[np.floating]
    style: Literal["line", "dots"] = "line"


@dataclass(frozen=True)
class Frame:
    """How a plot is framed.

    Args:
        title: what y is; it stands before the legend.
        x_label: what x is.
        x_range, y_range: lowest and highest shown; the data's own where left out.
        y_floor: y starts here or below, whatever the data.
        log_y: y by powers of ten; what is not above 0 is left out.
        empty: what stands there while there is nothing to draw.
    """

    title: str = ""
    x_label: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    y_floor: float | None = None
    log_y: bool = False
    empty: str = "Nothing to draw yet."


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
    return np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]))).reshape(-1, 2)


def visible(x: Floats, y: Floats, columns: int) -> list[Piece]:
    """The pieces of a line on the unit square that are to be drawn, decimated for `columns` columns.

    A line in more pieces than there are columns could not be told from dots: then its points alone are left.
    """
    good = np.isfinite(x) & np.isfinite(y)
    if 2 * int(good.sum()) >= len(x) and np.count_nonzero(np.diff(good)) <= 2 * columns:
        pieces = [piece for run in finite_runs(x, y) for piece in clip(*run, columns)]
        if len(pieces) <= columns:
            total = sum(len(px) for px, _ in pieces)
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
    """One coordinate along neighbouring segments, from the entry into the first to the exit from the last."""
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


def dotted(x: Floats, y: Floats, count: int) -> Piece:
    """About `count` of the points, evenly."""
    if not len(x):
        return x, y
    rows = np.unique(np.linspace(0, len(x) - 1, max(count, 2)).astype(int))
    return x[rows], y[rows]


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


def nice_ticks(low: float, high: float, count: int) -> tuple[list[float], list[str]]:
    """Round numbers, 1, 2 or 5 times a power of ten apart, within [low, high]; about `count` of them, with labels.

    None where there is no such range.
    """
    if not is_range(low, high) or count < 1:
        return [], []
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999), 10 * power)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    ticks = [i * step for i in range(first, last + 1)]
    return ticks, labels(ticks, step)


def labels(ticks: list[float], step: float) -> list[str]:
    """The ticks as text: as many digits as tell them apart, as powers of ten where that would be long."""
    largest = max((abs(tick) for tick in ticks), default=0.0)
    if largest >= 1e6 or step < 1e-4:
        digits = max(0, math.floor(math.log10(max(largest, step)) + 1e-9) - math.floor(math.log10(step) + 1e-9))
        return [f"{tick:.{digits}e}" if tick else "0" for tick in ticks]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"{tick + 0.0:.{decimals}f}" for tick in ticks]


def log_ticks(low: float, high: float, count: int) -> tuple[list[float], list[str]]:
    """Ticks of a logarithmic scale from 10^low to 10^high: where they stand, as log₁₀, and their labels.

    Whole powers of ten, thinned out to about `count`; round numbers where the range has fewer than two powers.
    """
    if not is_range(low, high) or count < 1 or max(abs(low), abs(high)) > 300:
        return [], []
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    if last - first < 1:
        ticks, names = nice_ticks(10.0**low, 10.0**high, count)
        kept = [(math.log10(tick), name) for tick, name in zip(ticks, names, strict=True) if tick > 0]
        return [at for at, _ in kept], [name for _, name in kept]
    every = max(1, math.ceil((last - first + 1) / count))
    powers = range(-(-first // every) * every, last + 1, every)
    return [float(p) for p in powers], [f"{10.0**p:g}" if -4 <= p < 6 else f"1e{p:+03d}" for p in powers]
