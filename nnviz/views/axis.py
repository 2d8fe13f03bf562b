"""Axes whose ticks stand on the centers of cells, so that a tick lies exactly on its value."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnviz.views.series import FAR, Floats, labels

OCTAVE = math.log10(2)
"""From one tick to the next on a logarithmic axis that has room for hardly more than a power of ten."""

SMALLEST = -300
"""log₁₀ of what is too small for floating-point numbers to tell powers of two below it apart."""

NEARLY = 1e-9
"""Rounding, in cells."""


@dataclass(frozen=True)
class Tick:
    """A tick on the center of a cell.

    Attributes:
        cell: counted from the left, or from the top.
        label: its value as text.
    """

    cell: int
    label: str


@dataclass(frozen=True)
class Axis:
    """A scale along a row or a column of cells: cell c reaches from c to c + 1, and its center is c + ½.

    Attributes:
        cells: how many there are.
        anchor: a value; log₁₀ of it on a logarithmic axis.
        at: the cell on whose center it lies; it may be beyond the ends.
        scale: cells per unit, or per power of ten; negative where values grow upwards, since rows count from the top.
        ticks: round values, those on the first cells first.
        log: whether the axis is logarithmic.
    """

    cells: int
    anchor: float
    at: int
    scale: float
    ticks: tuple[Tick, ...]
    log: bool = False

    def position(self, values: Floats) -> Floats:
        """Where values lie, in cells; NaN for NaN, and for what has no logarithm where the axis is logarithmic."""
        if not self.log:
            return self.place(values)
        with np.errstate(all="ignore"):
            return self.place(np.log10(np.where(values > 0, values, np.nan)))

    def place(self, values: Floats) -> Floats:
        """The same, of log₁₀ of the values where the axis is logarithmic."""
        with np.errstate(all="ignore"):
            return np.asarray((self.at + 0.5 + (values - self.anchor) * self.scale).clip(-FAR, FAR))

    def value(self, position: float) -> float:
        """What is read off at a position."""
        found = self.anchor + (position - self.at - 0.5) / self.scale
        return 10.0**found if self.log else found


@dataclass(frozen=True)
class _Scale:
    """How an axis can be laid: ticks at the multiples of `step` from `origin`, `every` cells apart.

    Tick number `first` is on cell `at`, counted from the low end.
    """

    step: float
    origin: float
    every: int
    first: int
    at: int

    def ticks(self, cells: int) -> range:
        """The numbers of the ticks on these cells."""
        low = self.first + math.ceil(-self.at / self.every)
        return range(low, self.first + (cells - 1 - self.at) // self.every + 1)

    def labels(self, numbers: range, log: bool) -> list[str]:
        """The values of ticks as text."""
        if not log:
            return labels([number * self.step for number in numbers], self.step)
        if self.step < 1:
            octaves = round(self.step / OCTAVE)
            return [f"{10.0**self.origin * 2.0 ** (octaves * number):g}" for number in numbers]
        powers = [round(number * self.step) for number in numbers]
        return [f"{10.0**p:g}" if -4 <= p < 6 else f"1e{p:+03d}" for p in powers]


@lru_cache(maxsize=256)
def x_axis(low: float, high: float, cells: int) -> Axis:
    """The axis from left to right that shows `low` to `high` at least, with `low` as near to its end as can be.

    Args:
        low, high: the range; `is_range` holds of it.
        cells: how many columns there are, at least 2.
    """

    def ideal(scale: _Scale) -> float:
        numbers = scale.ticks(cells)
        ends = labels([numbers[0] * scale.step, numbers[-1] * scale.step], scale.step) if numbers else []
        return max(max(map(len, ends), default=0) + 4, cells / 8)

    found = [scale for step in _round_steps(low, high, cells) if (scale := _fit(low, high, cells, step, 0.0, True))]
    scale = max(found, key=lambda one: _score(one, high - low, cells, ideal(one)))
    return _axis(scale, cells, False, False)


@lru_cache(maxsize=256)
def y_axis(low: float, high: float, cells: int, log: bool = False, floored: bool = False) -> Axis:
    """The axis from top to bottom that shows `low` to `high` at least.

    Args:
        low, high: the range; `is_range` holds of it. On a logarithmic axis log₁₀ of the values.
        cells: how many rows there are, at least 2.
        log: whether it is logarithmic.
        floored: whether `low` is as near to the bottom as can be; otherwise the range is in the middle.
    """
    if log:
        low, high = _octave(low, high)
    steps = _decades(low, high) if log else ((step, 0.0) for step in _round_steps(low, high, cells))
    found = [scale for step, origin in steps if (scale := _fit(low, high, cells, step, origin, floored))]
    ideal = max(2.0, min(3.5, cells / 3), cells / 12)
    return _axis(max(found, key=lambda one: _score(one, high - low, cells, ideal)), cells, log, True)


def _octave(low: float, high: float) -> tuple[float, float]:
    """The range, widened to a factor of two where it has less: a power of two times the power of ten below."""
    if high - low >= 2 * OCTAVE:
        return low, high
    if low < SMALLEST:
        return math.floor(low), math.floor(high) + 1.0
    origin = math.floor(low)
    first = math.floor((low - origin) / OCTAVE + NEARLY)
    last = max(math.ceil((high - origin) / OCTAVE - NEARLY), first + 1)
    return min(low, origin + first * OCTAVE), max(high, origin + last * OCTAVE)


def _round_steps(low: float, high: float, cells: int) -> Iterator[float]:
    """1, 2 and 5 times the powers of ten that come into question as distances of ticks."""
    power = math.floor(math.log10((high - low) / cells))
    return (factor * 10.0**p for p in (power, power + 1, power + 2) for factor in (1, 2, 5))


def _decades(low: float, high: float) -> Iterator[tuple[float, float]]:
    """Powers of ten as distances of ticks, and of two where there are few; and where the multiples begin."""
    if high - low < 2 and low >= SMALLEST:
        yield from ((octaves * OCTAVE, float(math.floor(low))) for octaves in (1, 2, 3))
    yield from ((float(powers), 0.0) for powers in (1, 2, 5, 10, 20, 50, 100, 200, 500))


def _fit(low: float, high: float, cells: int, step: float, origin: float, start: bool) -> _Scale | None:
    """The largest scale at which the range lies on the cells.

    Args:
        step, origin: ticks are at the multiples of `step` from `origin`.
        start: whether `low` is as near to the low end as can be; otherwise the range is in the middle.
    """
    first = math.floor((low - origin) / step + NEARLY)
    below, above = low - origin - first * step, high - origin - first * step
    most = math.floor(cells * step / (high - low) + NEARLY)
    for every in range(most, max(most - 4, 0), -1):
        least = math.ceil(-0.5 - below / step * every - NEARLY)
        last = math.floor(cells - 0.5 - above / step * every + NEARLY)
        if least <= last:
            return _Scale(step, origin, every, first, least if start else (least + last) // 2)
    return None


def _score(scale: _Scale, span: float, cells: int, ideal: float) -> float:
    """How good a scale is: the share of the cells that the range takes, if its ticks are neither dense nor rare."""
    ticks, used = len(scale.ticks(cells)), span / scale.step * scale.every / cells
    return used - 0.1 * abs(math.log2(scale.every / ideal)) - (1.0 if ticks < 2 else 0.2 if ticks < 3 else 0.0)


def _axis(scale: _Scale, cells: int, log: bool, upward: bool) -> Axis:
    numbers = scale.ticks(cells)
    places = [scale.at + (number - scale.first) * scale.every for number in numbers]
    ticks = list(map(Tick, [cells - 1 - at if upward else at for at in places], scale.labels(numbers, log)))
    return Axis(
        cells=cells,
        anchor=scale.origin + scale.first * scale.step,
        at=cells - 1 - scale.at if upward else scale.at,
        scale=(-1 if upward else 1) * scale.every / scale.step,
        ticks=tuple(reversed(ticks) if upward else ticks),
        log=log,
    )
