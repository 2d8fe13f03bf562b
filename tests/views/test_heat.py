"""Fields of colour from any numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnviz.views.heat import (
    GLYPHS,
    HOLLOW,
    PALETTE,
    Points,
    cells_of,
    class_colors,
    point_colours,
    resize,
    smooth,
    value_colors,
)

DARK = (30, 30, 30)


@given(
    arrays(
        np.float32, st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 12)), elements=st.floats(width=32)
    )
)
def test_class_field_of_anything(probabilities: np.ndarray) -> None:
    pixels = class_colors(probabilities, DARK)
    assert pixels.shape == (*probabilities.shape[:2], 3)
    assert pixels.dtype == np.uint8


def test_the_surer_the_more_colour() -> None:
    p = np.array([[[0.5, 0.5], [0.7, 0.3], [1.0, 0.0], [0.0, 1.0], [np.nan, 1.0]]])
    even, rather, orange, blue, unknown = class_colors(p, DARK)[0].astype(int)
    away = [int(np.abs(pixel - np.array(DARK)).sum()) for pixel in (even, rather, orange)]
    assert away == sorted(set(away))
    assert orange[0] > orange[2]
    assert blue[2] > blue[0]
    np.testing.assert_array_equal(unknown, DARK)


@given(arrays(np.float32, (3, 4), elements=st.floats(width=32)), st.floats(), st.floats())
def test_value_field_of_anything(values: np.ndarray, low: float, high: float) -> None:
    assert value_colors(values, low, high, DARK).shape == (3, 4, 3)


def test_value_field_diverges() -> None:
    low, middle, high, unknown = value_colors(np.array([[-1.0, 0.0, 1.0, np.nan]]), -1, 1, DARK)[0].astype(int)
    assert low[0] > low[2]
    assert high[2] > high[0]
    np.testing.assert_array_equal(middle, DARK)
    np.testing.assert_array_equal(unknown, DARK)


def test_every_class_has_its_own_marks_and_colour() -> None:
    assert len(set(GLYPHS + HOLLOW)) == 2 * len(GLYPHS) == 2 * len(HOLLOW) == 2 * len(PALETTE)
    for dark in (True, False):
        assert len(set(point_colours(dark))) == len(PALETTE)


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (7, 3), (100, 100)])
def test_resize_takes_the_nearest(shape: tuple[int, int]) -> None:
    field = np.arange(12).reshape(3, 4)
    assert resize(field, *shape).shape == shape
    np.testing.assert_array_equal(resize(field, 3, 4), field)
    np.testing.assert_array_equal(resize(field, 6, 8)[::2, ::2], field)


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (7, 3), (100, 100)])
def test_smooth_stays_between(shape: tuple[int, int]) -> None:
    pixels = np.zeros((4, 5, 3), np.uint8)
    pixels[:, 3:] = 200
    out = smooth(pixels, *shape)
    assert out.shape == (*shape, 3)
    assert out.max(initial=0) <= 200
    assert np.all(np.diff(out.astype(int), axis=1) >= 0)


def test_points_fall_into_their_cells() -> None:
    points = Points(np.array([0.0, 1.0, 0.5]), np.array([0.0, 1.0, 0.5]), np.array([0, 1, 12]))
    assert cells_of(points, (0.0, 1.0, 0.0, 1.0), 10, 20) == {(9, 0): "●", (0, 19): "▲", (5, 10): "◆"}


def test_held_out_points_are_hollow_and_give_way() -> None:
    x = np.array([0.1, 0.1, 0.9])
    points = Points(x, x, np.array([0, 1, 1]), np.array([False, True, True]))
    assert set(cells_of(points, (0.0, 1.0, 0.0, 1.0), 4, 4).values()) == {"●", "△"}


@given(
    arrays(np.float32, 5, elements=st.floats(width=32)),
    arrays(np.float32, 5, elements=st.floats(width=32)),
    st.tuples(st.floats(), st.floats(), st.floats(), st.floats()),
)
def test_any_points_in_any_extent(x: np.ndarray, y: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    for row, column in cells_of(Points(x, y, np.arange(5)), extent, 6, 9):
        assert 0 <= row < 6
        assert 0 <= column < 9
