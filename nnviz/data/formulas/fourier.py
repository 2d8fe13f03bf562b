"""Fourier sums: of a formula by its integrals, and of samples by least squares."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnviz.data.formulas.formula import Formula
from nnviz.data.formulas.functions import Floats
from nnviz.errors import DataError

MOST_TERMS = 64
"""The largest number of waves."""

NODES = 16
"""Points of the Gauss-Legendre rule on each piece."""

LEVELS = 48
"""How often a piece is halved at most, towards a jump for example."""

PIECES = 20_000
"""Most pieces in all."""

ACCURACY = 1e-13
"""Of the integral over each piece, as a share of ∫ |f| over all."""

EPSILON = float(np.finfo(np.float64).eps)

SLOW, SHRINKS = 8, 0.9
"""The share to which the integral over what is not settled shrinks in so many levels at least, unless at a pole."""

NARROW = 1e-6
"""The share of ∫ |f| that may be left in pieces as narrow as numbers are apart, as at a jump."""

HINT = "it has a pole there, or jumps or turns too often: choose another range, or another function"


@dataclass(frozen=True, eq=False)
class FourierSum:
    """a₀ + Σₙ (aₙ cos 2πnfx + bₙ sin 2πnfx)

    Attributes:
        frequency: f, that of the longest wave, which takes the whole range.
        mean: a₀.
        cosines, sines: a₁, … and b₁, …, (terms,) each.
    """

    frequency: float
    mean: float
    cosines: Floats = field(repr=False)
    sines: Floats = field(repr=False)

    @property
    def terms(self) -> int:
        """The number of waves."""
        return len(self.cosines)

    def __call__(self, x: ArrayLike) -> Floats:
        """Its values; it repeats itself after each 1 / f."""
        given = np.asarray(x, np.float64)
        angles = _angles(given.ravel(), self.frequency, self.terms)
        found: Floats = self.mean + np.cos(angles) @ self.cosines + np.sin(angles) @ self.sines
        return found.reshape(given.shape)


def _angles(x: Floats, frequency: float, terms: int) -> Floats:
    """2πnfx, (x, terms). Whole turns are left out first, so that no digits are lost far from 0."""
    turns = np.outer(np.mod(x * frequency, 1.0), np.arange(1, terms + 1))
    return np.asarray(2 * np.pi * np.mod(turns, 1.0))


def fourier_sum(of: Formula, low: float, high: float, terms: int) -> FourierSum:
    """The Fourier sum over a range: f = 1 / (high − low), a₀ = f ∫ y dx, aₙ = 2 f ∫ y cos 2πnfx dx, bₙ with sin.

    Args:
        of: the function y.
        low, high: the range.
        terms: the number of waves, 0 to 64.

    Raises:
        DataError: an integral does not converge, or is not found; the message says where.
    """
    whole = _whole_sum(of, low, high)
    if isinstance(whole, DataError):
        raise whole
    terms = min(max(terms, 0), MOST_TERMS)
    return replace(whole, cosines=whole.cosines[:terms], sines=whole.sines[:terms])


@lru_cache(maxsize=16)
def _whole_sum(of: Formula, low: float, high: float) -> FourierSum | DataError:
    """With all waves, since no coefficient depends on how many there are; an error is kept as well."""
    frequency = 1 / (high - low)
    found = _integrals(of, low, high, frequency)
    if isinstance(found, float):
        return DataError(f"no Fourier sum: its integral is not found near x = {found:.6g}", HINT)
    found = found * frequency
    return FourierSum(frequency, float(found[0]), 2 * found[1 : MOST_TERMS + 1], 2 * found[MOST_TERMS + 1 :])


def _integrals(of: Formula, low: float, high: float, frequency: float) -> Floats | float:
    """∫ y, ∫ y cos, ∫ y sin, or where they are not found.

    A piece is halved until both halves together give what it gave.
    """
    # Twice as many pieces as the shortest wave has turns.
    edges = np.linspace(low, high, 2 * MOST_TERMS + 1)
    starts, ends = edges[:-1], edges[1:]
    waves, count, left = _Waves(of, frequency), 0, list[float]()
    total = np.zeros(2 * MOST_TERMS + 1)
    coarse, sizes = waves.over(starts, ends)
    size = float(sizes.sum())
    # Far from 0 the angles are rounded, and no halving mends that.
    rounding = 8 * MOST_TERMS * EPSILON * frequency * max(abs(low), abs(high))
    bound = (ACCURACY + rounding) * size
    for _ in range(LEVELS):
        middles = (starts + ends) / 2
        starts, ends = np.stack([starts, middles], axis=1).ravel(), np.stack([middles, ends], axis=1).ravel()
        fine, _ = waves.over(starts, ends)
        both = fine.reshape(len(coarse), 2, -1).sum(axis=1)
        with np.errstate(invalid="ignore"):
            # What is not finite never settles.
            settled = np.abs(both - coarse).max(axis=1) <= bound
        total += both[settled].sum(axis=0)
        rest = np.repeat(~settled, 2)
        starts, ends, coarse = starts[rest], ends[rest], fine[rest]
        count += len(starts)
        if not len(starts):
            return total
        left.append(float(np.abs(coarse).max(axis=1).sum()))
        if count > PIECES or (len(left) > 2 * SLOW and not left[-1] < SHRINKS * left[-1 - SLOW]):
            return float(starts[0] + ends[0]) / 2
    # What is left is as narrow as numbers are apart.
    if float(np.abs(coarse).sum()) <= NARROW * size:
        return np.asarray(total + coarse.sum(axis=0))
    return float(starts[0] + ends[0]) / 2


class _Waves:
    """The integrands, and a rule that integrates them over pieces."""

    def __init__(self, of: Formula, frequency: float) -> None:
        self._of, self._frequency = of, frequency
        self._nodes, self._weights = np.polynomial.legendre.leggauss(NODES)

    def over(self, starts: Floats, ends: Floats) -> tuple[Floats, Floats]:
        """The integrals over each piece, (pieces, 2 terms + 1), and ∫ |y|, (pieces,)."""
        half = (ends - starts)[:, None] / 2
        x = (starts + ends)[:, None] / 2 + half * self._nodes
        y = self._of(x) * (half * self._weights)
        found = np.empty((len(starts), 2 * MOST_TERMS + 1))
        found[:, 0] = y.sum(axis=1)
        # A wave is the longest one to a power: cos nα + i sin nα = (cos α + i sin α)ⁿ.
        one: NDArray[np.complex128] = np.exp(2j * np.pi * np.mod(x * self._frequency, 1.0))
        wave = y.astype(np.complex128)
        with np.errstate(all="ignore"):
            for number in range(1, MOST_TERMS + 1):
                wave = wave * one
                summed = wave.sum(axis=1)
                found[:, number], found[:, MOST_TERMS + number] = summed.real, summed.imag
            return found, np.abs(y).sum(axis=1)


def fourier_of_samples(x: Floats, y: Floats, low: float, high: float, terms: int) -> FourierSum:
    """The Fourier sum over a range that fits samples best: the least Σ (sum(x) − y)²; of several the smallest one.

    Args:
        x, y: the samples, (N,) each.
        low, high: the range, which the longest wave takes as a whole.
        terms: the number of waves; at most so many that there are no more coefficients than samples.
    """
    frequency = 1 / (high - low)
    terms = min(max(terms, 0), MOST_TERMS, max((len(x) - 1) // 2, 0))
    angles = _angles(x, frequency, terms)
    columns = np.concatenate([np.ones((len(x), 1)), np.cos(angles), np.sin(angles)], axis=1)
    found = np.linalg.lstsq(columns, y, rcond=None)[0]
    return FourierSum(frequency, float(found[0]), found[1 : terms + 1], found[terms + 1 :])
