"""What a plot shows, as plain data; and the arithmetic of drawing it: decimation, finite pieces, ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FAR = 1e100
"""Beyond this a number is drawn as if it were this: still far outside any range, and safe to subtract."""


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


def finite_runs(x: NDArray[np.floating], y: NDArray[np.floating]) -> list[tuple[Floats, Floats]]:
    """The pieces between points that are not finite, each clipped to ±FAR."""
    count = min(len(x), len(y))
    xs, ys = np.asarray(x[:count], np.float64), np.asarray(y[:count], np.float64)
    good = np.isfinite(xs) & np.isfinite(ys)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], good, [False]])))
    return [(xs[a:b].clip(-FAR, FAR), ys[a:b].clip(-FAR, FAR)) for a, b in edges.reshape(-1, 2)]


def decimate(x: Floats, y: Floats, columns: int) -> tuple[Floats, Floats]:
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


def dotted(x: Floats, y: Floats, count: int) -> tuple[Floats, Floats]:
    """About `count` of the points, evenly."""
    rows = np.unique(np.linspace(0, len(x) - 1, max(count, 2)).astype(int))
    return x[rows], y[rows]


def extent(values: list[Floats]) -> tuple[float, float]:
    """Lowest and highest of all; a constant gets room on both sides, and nothing at all is (0, 1)."""
    finite = [v for v in values if len(v)]
    if not finite:
        return 0.0, 1.0
    low, high = min(float(v.min()) for v in finite), max(float(v.max()) for v in finite)
    if high - low > 1e-12 * max(abs(low), abs(high)):
        return low, high
    room = abs(low) * 0.1 or 1.0
    return low - room, high + room


def nice_ticks(low: float, high: float, count: int) -> tuple[list[float], list[str]]:
    """Round numbers, 1, 2 or 5 times a power of ten apart, within [low, high]; about `count` of them, with labels."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or count < 1:
        return [], []
    raw = (high - low) / count
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999), 10 * power)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    if last - first > 4 * count:
        return [], []
    ticks = [i * step for i in range(first, last + 1)]
    return ticks, labels(ticks, step)


def labels(ticks: list[float], step: float) -> list[str]:
    """The ticks as text: as many decimals as the step needs, or powers of ten where that would be long."""
    largest = max((abs(tick) for tick in ticks), default=0.0)
    if largest >= 1e6 or step < 1e-4:
        return [f"{tick:.3g}" for tick in ticks]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [f"{tick + 0.0:.{decimals}f}" for tick in ticks]
