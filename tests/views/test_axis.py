"""Axes: ticks are round, stand on centers of cells, and lie exactly on their values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nnviz.views.axis import Axis, x_axis, y_axis
from nnviz.views.series import is_range

LOW = st.floats(-1e9, 1e9)
SPAN = st.floats(1e-9, 1e9)
CELLS = st.integers(2, 200)


def check(axis: Axis, low: float, high: float) -> None:
    """The range is on the cells, and every label is the value of its cell's center."""
    ends = axis.place(np.array([low, high]))
    assert -1e-6 <= ends.min() <= ends.max() <= axis.cells + 1e-6
    places = [tick.cell for tick in axis.ticks]
    assert places == sorted(set(places))
    assert all(0 <= place < axis.cells for place in places)
    assert len({tick.label for tick in axis.ticks}) == len(axis.ticks)
    if axis.cells >= 4:
        assert len(axis.ticks) >= 2
    if len(axis.ticks) > 2:
        assert len(set(np.diff(places))) == 1, "ticks are evenly apart"
    rounding = 4 * np.spacing(max(abs(low), abs(high)))
    for tick in axis.ticks:
        at = axis.position(np.array([float(tick.label)]))
        assert at[0] == pytest.approx(tick.cell + 0.5, abs=1e-6 + rounding * abs(axis.scale)), tick
        assert axis.value(tick.cell + 0.5) == pytest.approx(
            float(tick.label), rel=1e-6, abs=1e-6 * (high - low) + rounding
        )


@given(LOW, SPAN, CELLS, st.booleans())
def test_linear_axes(low: float, span: float, cells: int, floored: bool) -> None:
    high = low + span
    assume(is_range(low, high))
    check(x_axis(low, high, cells), low, high)
    check(y_axis(low, high, cells, floored=floored), low, high)


@given(st.floats(-99, 99), st.floats(1e-6, 190), CELLS)
def test_logarithmic_axes(low: float, span: float, cells: int) -> None:
    high = min(low + span, 100.0)
    assume(is_range(low, high))
    check(y_axis(low, high, cells, log=True), low, high)


@pytest.mark.parametrize(
    ("axis", "names"),
    [
        (y_axis(0, 1, 16, floored=True), {0: "1.0", 3: "0.8", 6: "0.6", 9: "0.4", 12: "0.2", 15: "0.0"}),
        (y_axis(0, 1, 6, floored=True), {0: "1.0", 1: "0.8", 2: "0.6", 3: "0.4", 4: "0.2", 5: "0.0"}),
        (y_axis(-1, 1, 13), {0: "1.0", 3: "0.5", 6: "0.0", 9: "-0.5", 12: "-1.0"}),
        (x_axis(0, 120, 50), {0: "0", 8: "20", 16: "40", 24: "60", 32: "80", 40: "100", 48: "120"}),
        (x_axis(0, 4e-5, 50), {0: "0", 12: "1e-05", 24: "2e-05", 36: "3e-05", 48: "4e-05"}),
        (x_axis(-1e100, 1e100, 20), {0: "-1e+100", 9: "0", 18: "1e+100"}),
        (y_axis(-2, 0, 12, log=True), {1: "1", 6: "0.1", 11: "0.01"}),
        (y_axis(-100, 100, 12, log=True), {1: "1e+100", 6: "1", 11: "1e-100"}),
        (y_axis(-1.2, -0.2, 12, log=True), {1: "0.64", 4: "0.32", 7: "0.16", 10: "0.08"}),
        (y_axis(-323.2, -323.1, 12, log=True), {0: "1e-323", 11: "1e-324"}),
    ],
)  # fmt: skip
def test_ticks(axis: Axis, names: dict[int, str]) -> None:
    assert {tick.cell: tick.label for tick in axis.ticks} == names


def test_zero_has_no_sign() -> None:
    for cells in range(4, 60):
        for low, high in ((-0.6, 0.3), (-1e-7, 1e-7), (-7e8, 3e8)):
            assert not [
                tick
                for tick in (*y_axis(low, high, cells).ticks, *x_axis(low, high, cells).ticks)
                if tick.label.startswith("-0") and not float(tick.label)
            ]


def test_positions_of_anything() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, -1.0])
    for axis in (y_axis(0, 1, 10), y_axis(-3, 0, 10, log=True)):
        found = axis.position(values)
        assert np.isnan(found[0])
        assert np.all(np.isfinite(found) | np.isnan(values) | (axis.log & (values <= 0)))
