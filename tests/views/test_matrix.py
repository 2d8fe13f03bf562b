"""Arrays as pictures: they fit, every field knows its elements, and nothing breaks them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from rich.cells import cell_len

from nnviz.views.matrix import AROUND, GAP, NARROWEST, facts, field_texts, lay_out, magnitude, number, titled
from nnviz.views.stop import Matrix

SHAPES = st.one_of(
    st.just(()), array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=9), st.just((300, 2)), st.just((3, 400))
)
FLOATS = arrays(np.float32, SHAPES, elements=st.floats(width=32))


@given(st.lists(FLOATS, min_size=1, max_size=4), st.integers(20, 160), st.integers(1, 40))
def test_pictures_fit_and_never_overlap(found: list[NDArray[np.float32]], width: int, height: int) -> None:
    pictures = lay_out([Matrix(f"m{i}", array) for i, array in enumerate(found)], width, height)
    assert pictures
    boxes = [picture.box for picture in pictures]
    assert all(box.left + box.width <= width for box in boxes)
    bottoms = [p.box.top + p.body.shape[0] + AROUND for p in pictures]
    assert all(bottom <= height for bottom in bottoms) or all(box.top == 0 for box in boxes)
    for (one, end), (other, _) in itertools.pairwise(zip(boxes, bottoms, strict=True)):
        assert other.left >= one.left + one.width + GAP or other.top > end
    # What stands last, the result, is always among them.
    assert pictures[-1].matrix.array is found[-1]
    for picture in pictures:
        assert picture.body.shape[0] <= max(height - 4, 1)
        assert picture.body.shape[1] * (7 if picture.numbers else 2) <= max(picture.box.width, 7)
    # What has one shape is drawn on one grid.
    grids = {(picture.whole, picture.numbers, picture.body.shape) for picture in pictures}
    assert len(grids) == len({(whole, numbers) for whole, numbers, _ in grids})


@given(FLOATS, st.integers(13, 160), st.integers(5, 40), st.data())
def test_every_element_has_a_field_and_every_field_an_element(
    array: NDArray[np.float32], width: int, height: int, data: st.DataObject
) -> None:
    if not array.size:
        return
    index = tuple(data.draw(st.integers(0, size - 1)) for size in array.shape)
    (picture,) = lay_out([Matrix("m", array, index)], width, height)
    field = picture.field(index)
    assert field is not None
    assert 0 <= field[0] < picture.body.shape[0]
    assert 0 <= field[1] < picture.body.shape[1]
    back = picture.place(*field)
    assert len(back) == array.ndim
    assert picture.field(back) == field


def test_a_field_that_stands_for_several_is_their_mean() -> None:
    array = np.arange(800, dtype=np.float64).reshape(2, 400)
    (picture,) = lay_out([Matrix("m", array)], 40, 10)
    assert picture.body.shape == (2, 20)
    np.testing.assert_allclose(picture.body, array.reshape(2, 20, 20).mean(axis=2))


@given(st.floats(), st.sampled_from([5, 6]))
def test_a_number_takes_the_columns_it_has(value: float, width: int) -> None:
    text = number(value, width)
    assert cell_len(text) == width
    if np.isfinite(value) and 1e-3 < abs(value) < 9_000:
        assert float(text.replace("−", "-")) == pytest.approx(value, rel=0.5)


@pytest.mark.parametrize(
    ("value", "six", "five"),
    [
        (0, "     0", "    0"),
        (-0.0034, "−.0034", "−3e−3"),
        (0.0006, "  6e−4", " 6e−4"),
        (0.0014, " .0014", ".0014"),
        (-0.2194, "−0.219", "−0.22"),
        (0.2194, " 0.219", "0.219"),
        (-12.345, "−12.35", "−12.3"),
        (1234.5, "1234.5", " 1234"),
        (123456, "123456", "  1e5"),
        (-3e-12, "−3e−12", "   ≈0"),
        (1e300, " 1e300", "1e300"),
        (-1e300, "−1e300", "   ≪0"),
    ],
)
def test_the_digits_that_fit_are_shown(value: float, six: str, five: str) -> None:
    assert (number(value), number(value, 5)) == (six, five)


@given(st.floats(), st.floats(0, allow_nan=False))
def test_a_field_shows_sign_and_size_without_colour(value: float, largest: float) -> None:
    text = field_texts(np.array([[value]]), largest)[0][0]
    assert cell_len(text) == 2
    if np.isnan(value):
        assert text == "!!"


def test_the_sign_and_the_size_are_told() -> None:
    assert field_texts(np.array([[0, 0.3], [-0.5, 1.0], [-1.0, np.inf]]), 1.0) == [
        ["  ", "+░"],
        ["−▒", "+█"],
        ["−█", "!!"],
    ]


@given(FLOATS, st.integers(NARROWEST, 60))
def test_lowest_highest_and_mean_are_told_and_never_cut(array: NDArray[np.float32], width: int) -> None:
    lines = facts(array, width)
    assert all(len(line) <= width for line in lines)
    assert titled(Matrix("m", array)).startswith("m (")
    assert np.isfinite(magnitude(array))
    if not array.size:
        assert lines == ["empty"]
        return
    words = " ".join(lines).split()
    assert words[::2] == ["min", "max", "mean"]
    with np.errstate(all="ignore"):
        told = [array.min(), array.max(), array.mean(dtype=np.float64)]
    for word, number_told in zip(words[1::2], told, strict=True):
        # One digit at least: half of it is what rounding may take.
        assert float(word.replace("−", "-")) == pytest.approx(float(number_told), rel=0.5, nan_ok=True)


def test_a_picture_smaller_than_its_array_is_known_as_such() -> None:
    (whole,) = lay_out([Matrix("m", np.zeros((4, 4)))], 60, 12)
    (part,) = lay_out([Matrix("m", np.zeros((400, 4)))], 60, 12)
    assert (whole.condensed, part.condensed) == (False, True)
