"""Chords, beside all chords there are; and functions that are known to be convex or not."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product
from math import gcd

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.run.convexity import Chord, chord_between, line_between, worst_chord, worst_line
from tests.examples import examples

X = np.linspace(-3, 3, 61)

CONVEX: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda x: 2 * x - 1, "exponential": np.exp, "absolute": np.abs, "square": np.square,
    "softplus": lambda x: np.log1p(np.exp(x)), "constant": lambda x: np.full_like(x, 3.0),
}  # fmt: skip

NOT_CONVEX: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "sine": np.sin, "cube": lambda x: x**3, "two valleys": lambda x: (x**2 - 1) ** 2, "bump": lambda x: -np.square(x),
    "tanh": np.tanh, "step": lambda x: (x > 0).astype(float),
}  # fmt: skip


@pytest.mark.parametrize("name", CONVEX)
def test_every_chord_of_a_convex_function_lies_on_or_above_it(name: str) -> None:
    y = CONVEX[name](X)
    assert worst_chord(X, y) is None
    for first, last in combinations(range(0, len(X), 7), 2):
        found = chord_between(X, y, first, last)
        assert found is not None
        assert not found.violates


@pytest.mark.parametrize("name", NOT_CONVEX)
def test_a_chord_below_is_found_where_there_is_one(name: str) -> None:
    y = NOT_CONVEX[name](X)
    found = worst_chord(X, y)
    assert found is not None
    assert found.violates
    first, last = found.ends
    there = X[found.middle]
    chord = y[first] + (there - X[first]) / (X[last] - X[first]) * (y[last] - y[first])
    assert y[found.middle] - chord == pytest.approx(found.gap)


@given(st.lists(st.floats(-5, 5), min_size=3, max_size=14))
@examples(quick=60, long=1000)
def test_no_other_chord_is_farther_below(values: list[float]) -> None:
    y = np.array(values)
    x = np.cumsum(1.0 + np.arange(len(y)) % 3)
    every = [chord_between(x, y, a, b) for a, b in combinations(range(len(y)), 2) if b > a + 1]
    best = max(one.gap for one in every if one is not None)
    found = worst_chord(x, y)
    if found is None:
        assert best <= 1e-8
    else:
        assert found.gap == pytest.approx(best, abs=1e-12)


def test_what_is_not_finite_takes_no_part() -> None:
    y = np.square(X)
    y[[3, 30]] = np.nan, np.inf
    assert worst_chord(X, y) is None
    assert chord_between(X, y, 3, 10) is None
    assert chord_between(X, y, 4, 5) is None
    assert worst_chord(X[:2], y[:2]) is None
    assert worst_chord(X, np.full(len(X), np.nan)) is None
    found = chord_between(X, np.sin(X), 50, 20)
    assert isinstance(found, Chord)
    assert found.ends == (20, 50)


A, B = np.meshgrid(np.linspace(-1, 1, 13), np.linspace(-1, 1, 11))


def middles(values: np.ndarray) -> float:
    """The largest gap at the middle of a chord, by trying them all."""
    cells = list(product(range(values.shape[0]), range(values.shape[1])))
    gaps = [
        values[(a + c) // 2, (b + d) // 2] - (values[a, b] + values[c, d]) / 2
        for (a, b), (c, d) in combinations(cells, 2)
        if (a + c) % 2 == 0 and (b + d) % 2 == 0
    ]
    return float(np.max([gap for gap in gaps if np.isfinite(gap)]))


@pytest.mark.parametrize(
    "values", [A**2 + B**2, np.exp(A + 2 * B), np.abs(A) + B, np.log(np.exp(3 * A) + np.exp(B - A)), 0 * A]
)
def test_a_convex_surface_lies_above_no_chord(values: np.ndarray) -> None:
    assert worst_line(values) is None


# A saddle is convex along both axes: only a slanted chord shows that it is not.
@pytest.mark.parametrize("values", [A * B, np.sin(4 * A) + B**2, (A**2 - 0.5) ** 2 + B, -((A - B) ** 2)])
def test_the_worst_chord_of_a_surface_is_found(values: np.ndarray) -> None:
    found = worst_line(values)
    assert found is not None
    assert found.violates
    (a, b), (c, d) = found.ends
    assert found.middle == ((a + c) // 2, (b + d) // 2)
    assert found.gap == pytest.approx(middles(values))
    assert found.gap == pytest.approx(values[found.middle] - (values[a, b] + values[c, d]) / 2)


@given(st.integers(0, 2**32 - 1))
@examples(quick=20, long=300)
def test_of_any_surface(seed: int) -> None:
    values = np.random.default_rng(seed).standard_normal((5, 7))
    values.flat[seed % 35] = np.nan if seed % 2 else np.inf
    found = worst_line(values)
    assert found is not None
    assert found.gap == pytest.approx(middles(values))


def test_a_chord_on_a_surface_is_compared_where_the_grid_has_points() -> None:
    values = np.sin(3 * A) + B
    found = line_between(values, (1, 2), (9, 6))
    assert found is not None
    count = gcd(8, 4)
    at = [(1 + 2 * k, 2 + k) for k in range(count + 1)]
    gaps = [values[cell] - (values[1, 2] * (1 - k / count) + values[9, 6] * k / count) for k, cell in enumerate(at)]
    best = int(np.argmax(gaps[1:-1])) + 1
    assert found.middle == at[best]
    assert found.gap == pytest.approx(gaps[best])
    assert line_between(values, (0, 0), (1, 3)) is None
    assert line_between(values, (2, 2), (2, 2)) is None


def test_what_is_huge_far_away_hides_no_chord() -> None:
    values = np.sin(3 * A)
    huge = values.copy()
    huge[-1, -1] = 1e15
    found = worst_line(huge)
    assert found is not None
    assert found.gap == pytest.approx(worst_line(values).gap, rel=0.2)  # type: ignore[union-attr]
    y = np.concatenate([np.sin(X), [1e15]])
    assert worst_chord(np.append(X, 4.0), y) is not None
    # What is below the rounding of what is huge is no gap.
    assert worst_line(1e12 + 1e-5 * np.sin(3 * A)) is None
    assert worst_chord(X, 1e12 + 1e-5 * np.sin(X)) is None
