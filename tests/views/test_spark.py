"""Histograms in a row of cells: every cell is read back as the sum it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.errors import ArgumentError
from nnviz.views.spark import LEVELS, spark, trend

histograms = st.lists(st.integers(0, 10**12), max_size=40)


def sums(counts: list[int], width: int) -> list[float]:
    """The area of the histogram over each cell, by adding up the overlaps one by one."""
    bins = len(counts)
    found = []
    for cell in range(width):
        left, right = cell * bins, (cell + 1) * bins
        parts = (counts[at] * max(min(right, (at + 1) * width) - max(left, at * width), 0) for at in range(bins))
        found.append(sum(parts) / width)
    return found


@given(histograms, st.integers(1, 90))
def test_every_cell_is_as_high_as_its_share_of_the_largest(counts: list[int], width: int) -> None:
    drawn = spark(np.array(counts, np.int64), width)
    assert len(drawn) == width
    expected = sums(counts, width)
    for sign, wanted in zip(drawn, expected, strict=True):
        height = LEVELS.index(sign)
        assert (height > 0) == (wanted > 0)
        if height > 1:
            assert abs(height - 8 * wanted / max(expected)) <= 0.5 + 1e-9
    assert not any(counts) or "█" in drawn


def test_what_is_even_is_flat_at_any_width() -> None:
    """Also where the intervals do not divide by the cells: no cell may stand out for having one more of them."""
    for width in range(1, 100):
        assert spark(np.full(32, 7), width) == "█" * width


def test_what_is_rare_is_seen() -> None:
    assert spark(np.array([10**9, 0, 1, 5 * 10**8]), 4) == "█ ▁▄"


def test_nothing_is_blank() -> None:
    assert spark(np.zeros(32, np.int64), 5) == "     "
    assert spark(np.array([], np.int64), 5) == "     "
    assert spark(np.array([1, 2]), 0) == ""


@pytest.mark.parametrize("counts", [np.ones((2, 2)), np.array([1, -1]), np.array(3)])
def test_other_arrays_are_refused(counts: np.ndarray) -> None:
    with pytest.raises(ArgumentError, match="one dimension"):
        spark(counts, 4)


@given(st.lists(st.floats(0, 1e6), max_size=200), st.integers(0, 40))
def test_a_trend_is_read_back_from_its_bars(values: list[float], width: int) -> None:
    """Its last bar is the last number, as a share of the largest that is shown, to an eighth."""
    bars = trend(np.array(values), width)
    assert len(bars) == min(len(values), width)
    if bars and max(values[-1:]) > 0:
        shown = (
            values if len(values) <= width else [values[int((i + 1) * len(values) / width) - 1] for i in range(width)]
        )
        height = LEVELS.index(bars[-1])
        assert height >= 1
        assert abs(height / 8 - values[-1] / max(shown)) <= 1 / 8


def test_a_trend_marks_what_is_not_finite() -> None:
    assert trend(np.array([1.0, np.nan, np.inf, 0.0]), 4) == "█!! "
