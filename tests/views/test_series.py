"""The arithmetic of plots: pieces, clipping, decimation and means, on whatever numbers come."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnviz.views.series import (
    FAR,
    WINDOW,
    Series,
    averaged,
    clip,
    decimate,
    extent,
    finite_runs,
    is_range,
    points_of,
    visible,
)

ANY = st.floats(width=64)
VALUES = arrays(np.float64, st.integers(0, 40), elements=ANY)
NEAR = arrays(np.float64, st.integers(0, 40), elements=st.floats(-5, 5))


@given(VALUES, VALUES, st.booleans())
def test_points_are_nan_or_within_bounds(x: np.ndarray, y: np.ndarray, log_y: bool) -> None:
    for v in points_of(Series("", x, y), log_y):
        assert len(v) == min(len(x), len(y))
        assert np.all(np.isnan(v) | (np.abs(v) <= FAR))


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.longdouble, np.int64, np.uint8, np.bool_])
def test_points_of_any_kind_and_shape(kind: type) -> None:
    x, y = points_of(Series("", np.ones((2, 3), kind), np.ones((), kind)))
    assert x.dtype == y.dtype == np.float64
    assert len(x) == len(y) == 1


def test_no_logarithm_of_zero_and_below() -> None:
    _, y = points_of(Series("", np.arange(4.0), np.array([-1.0, 0.0, 1.0, 100.0])), log_y=True)
    np.testing.assert_array_equal(y, [np.nan, np.nan, 0.0, 2.0])


@given(VALUES)
def test_runs_hold_every_finite_point_once(y: np.ndarray) -> None:
    runs = finite_runs(np.arange(len(y), dtype=np.float64), y)
    kept = np.concatenate([x for x, _ in runs]) if runs else np.array([])
    np.testing.assert_array_equal(kept, np.flatnonzero(np.isfinite(y)))
    assert all(len(x) for x, _ in runs)


@given(arrays(np.float64, st.integers(1, 500), elements=st.floats(-1e6, 1e6)), st.integers(1, 60))
def test_decimation_keeps_ends_and_extremes(y: np.ndarray, columns: int) -> None:
    x = np.arange(len(y), dtype=np.float64)
    dx, dy = decimate(x, y, columns)
    assert len(dx) <= 2 * columns + 2
    assert (dx[0], dx[-1]) == (x[0], x[-1])
    assert (dy.min(), dy.max()) == (y.min(), y.max())
    assert np.all(np.diff(dx) > 0)
    np.testing.assert_array_equal(y[dx.astype(int)], dy)


@given(NEAR, NEAR, st.integers(1, 50))
def test_clipped_pieces_lie_on_the_square_and_on_the_line(x: np.ndarray, y: np.ndarray, most: int) -> None:
    n = min(len(x), len(y))
    x, y = x[:n], y[:n]
    pieces = clip(x, y, most)
    assert len(pieces) <= most + 1
    for px, py in pieces:
        for v in (px, py):
            assert np.all((v >= 0) & (v <= 1))
        for a, b in zip(px, py, strict=True):
            assert _distance(x, y, a, b) < 1e-9


def _distance(x: np.ndarray, y: np.ndarray, a: float, b: float) -> float:
    """From (a, b) to the line through all points."""
    if len(x) == 1:
        return float(np.hypot(x[0] - a, y[0] - b))
    dx, dy = np.diff(x), np.diff(y)
    length = dx * dx + dy * dy
    t = np.where(length > 0, ((a - x[:-1]) * dx + (b - y[:-1]) * dy) / np.where(length > 0, length, 1), 0).clip(0, 1)
    return float(np.hypot(x[:-1] + t * dx - a, y[:-1] + t * dy - b).min())


def test_a_line_through_the_square_from_far_outside() -> None:
    ((x, y),) = clip(np.array([-1.0, 3.0]), np.array([-1.0, 3.0]), 10)
    np.testing.assert_allclose((x, y), [[0, 1], [0, 1]])
    ((x, y),) = clip(np.array([0.5, 0.5]), np.array([-FAR, FAR]), 10)
    np.testing.assert_allclose((x, y), [[0.5, 0.5], [0, 1]], atol=1e-9)


def test_a_line_that_leaves_comes_back_as_another_piece() -> None:
    pieces = clip(np.array([0.0, 0.25, 0.5, 0.75, 1.0]), np.array([0.5, 2.0, 0.5, 0.6, 0.7]), 10)
    assert [len(x) for x, _ in pieces] == [2, 4]


def test_no_piece_runs_on_over_a_gap() -> None:
    x, y = np.array([1.0, 1.0, 1.0, 0.0, 1.0]), np.array([0.0, 2.0, 0.0, 2.0, 0.0])
    assert [len(px) for px, _ in clip(x, y, 1)] == [2, 3]


@given(VALUES, VALUES, st.integers(1, 30))
def test_what_is_visible_is_little_and_within(x: np.ndarray, y: np.ndarray, columns: int) -> None:
    x, y = points_of(Series("", x, y))
    pieces = visible(x, y, columns)
    for px, py in pieces:
        assert len(px) == len(py) > 0
        assert np.all((px >= 0) & (px <= 1) & (py >= 0) & (py <= 1))
    assert len(pieces) <= 2 * columns + 2


def test_a_million_points_in_half_a_million_pieces() -> None:
    x = np.linspace(0, 1, 10**6)
    y = np.where(np.arange(10**6) % 2 == 0, x, np.nan)
    assert sum(len(px) for px, _ in visible(x, y, 80)) <= 162


@given(arrays(np.float64, st.integers(0, 300), elements=st.floats(-5, 5)), st.integers(1, 30))
def test_averages_of_columns_with_many_points(y: np.ndarray, columns: int) -> None:
    x = np.linspace(0, 1, len(y))
    found = averaged(x, y, columns)
    if found is None:
        assert len(y) < 3 * columns
        return
    place = np.minimum((x * columns).astype(int), columns - 1)
    for number, column in enumerate(np.unique(place)):
        near = y[place == column]
        assert (found.low[number], found.high[number]) == (near.min(), near.max())
        around = y[np.isin(place, np.unique(place)[max(number - WINDOW, 0) : number + WINDOW + 1])]
        assert found.mean[number] == pytest.approx(around.mean(), abs=1e-9)
        assert found.x[number] == pytest.approx(x[place == column].mean())


def test_few_points_are_not_averaged_and_those_outside_do_not_count() -> None:
    assert averaged(np.linspace(0, 1, 20), np.ones(20), 10) is None
    assert averaged(np.zeros(0), np.zeros(0), 10) is None
    found = averaged(np.array([-1.0, 0.1, 0.1, 0.1, 7.0]), np.array([9.0, 1.0, 2.0, 3.0, 9.0]), 4)
    assert found is not None
    assert (found.mean.tolist(), found.high.tolist()) == ([2.0], [3.0])


@given(st.lists(VALUES, max_size=3))
def test_extent_is_always_a_range(values: list[np.ndarray]) -> None:
    low, high = extent([points_of(Series("", v, v))[0] for v in values])
    assert is_range(low, high)


def test_extent_of_nothing_and_of_a_constant() -> None:
    assert extent([]) == extent([np.array([np.nan])]) == (0.0, 1.0)
    assert extent([np.zeros(3)]) == (-1.0, 1.0)
    assert extent([np.full(3, 10.0)]) == (9.0, 11.0)
