"""Arrays as pictures: they fit, every field is one element, the chosen one is in view, and nothing breaks them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from rich.cells import cell_len

from nnviz.views.matrix import (
    GAP,
    NARROWEST,
    NUMBER,
    SHADE,
    Picture,
    facts,
    field_texts,
    lay_out,
    magnitude,
    number,
    titled,
)
from nnviz.views.stop import Matrix

SHAPES = st.one_of(
    st.just(()), array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=9), st.just((300, 2)), st.just((3, 400))
)
FLOATS = arrays(np.float32, SHAPES, elements=st.floats(width=32))


WIDTHS, HEIGHTS = st.integers(13, 160), st.integers(2, 40)


def chosen_in(array: NDArray[np.float32], data: st.DataObject) -> tuple[int, ...] | None:
    """An element of an array; None where there is none."""
    return tuple(data.draw(st.integers(0, size - 1)) for size in array.shape) if array.size else None


def elements(picture: Picture) -> NDArray[np.float64]:
    """What the array holds at the place of each drawn field."""
    places = [[picture.place(r, c) for c in range(len(picture.columns))] for r in range(len(picture.rows))]
    array = picture.matrix.array.astype(np.float64)
    return np.array([[array[place] for place in row] for row in places]).reshape(picture.body.shape)


@given(st.lists(FLOATS, min_size=1, max_size=7), st.integers(20, 160), st.integers(2, 40), st.booleans())
def test_pictures_fit_and_never_overlap(
    found: list[NDArray[np.float32]], width: int, height: int, readable: bool
) -> None:
    pictures = lay_out([Matrix(f"m{i}", array) for i, array in enumerate(found)], width, height, readable)
    assert pictures
    for picture in pictures:
        box, drawn = picture.box, picture.body.shape
        assert box.left + box.width <= width
        assert 1 + drawn[0] + len(picture.below) <= max(box.height, 2)
        assert box.top + 1 + drawn[0] + len(picture.below) <= height
        assert drawn[1] * (NUMBER if picture.numbers else SHADE) <= box.width
        assert all(len(line) <= box.width for line in picture.below)
        assert picture.numbers or not readable
    for one, other in itertools.combinations(pictures, 2):
        beside = other.box.left >= one.box.left + one.box.width + GAP
        assert beside or other.box.top > one.box.top + one.body.shape[0] + len(one.below)
    # What stands last, the result, is always among them.
    assert pictures[-1].matrix.array is found[-1]
    # What has one shape is drawn on one grid.
    grids = {(picture.whole, picture.numbers, picture.body.shape) for picture in pictures}
    assert len(grids) == len({whole for whole, _, _ in grids})


@given(st.lists(FLOATS, min_size=1, max_size=4), WIDTHS, HEIGHTS, st.booleans(), st.data())
def test_every_field_is_one_element_and_the_chosen_one_is_among_them(
    found: list[NDArray[np.float32]], width: int, height: int, readable: bool, data: st.DataObject
) -> None:
    matrices = [Matrix(f"m{i}", array, chosen_in(array, data)) for i, array in enumerate(found)]
    for picture in lay_out(matrices, width, height, readable):
        array, chosen = picture.matrix.array, picture.matrix.chosen
        if not array.size:
            assert picture.body.size == 0
            continue
        np.testing.assert_array_equal(picture.body, elements(picture))
        # What is drawn is a block without holes, so that neighbors in the picture are neighbors in the array.
        assert (picture.rows.step, picture.columns.step) == (1, 1)
        assert chosen is not None
        field = picture.field(chosen)
        assert field is not None
        assert picture.place(*field) == chosen
        assert picture.body[field] == float(array[chosen]) or np.isnan(array[chosen])


@given(FLOATS, WIDTHS, HEIGHTS, st.data())
def test_the_part_that_is_drawn_is_said(
    array: NDArray[np.float32], width: int, height: int, data: st.DataObject
) -> None:
    (picture,) = lay_out([Matrix("m", array, chosen_in(array, data))], width, height)
    words = " ".join([picture.head.partition(" · ")[2], *picture.below])
    # Counted from 0, as in out[0, 0].
    cut = [at for at, count in zip((picture.rows, picture.columns), picture.whole, strict=True) if len(at) < count]
    has_room = picture.box.height > 1 + len(picture.rows) + len(cut)
    for at in cut if has_room else ():
        assert (f"{at[0]}–{at[-1]}" if len(at) > 1 else f"{at[0]}") in words
    assert cut or not any(word in words for word in ("rows", "col", "elements"))


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40), st.integers(45, 160), st.integers(10, 40), st.data())
def test_row_and_column_of_the_factors_scroll_along(
    n: int, k: int, m: int, width: int, height: int, data: st.DataObject
) -> None:
    i, j = data.draw(st.integers(0, n - 1)), data.draw(st.integers(0, m - 1))
    a = Matrix("a", np.zeros((n, k)), marked=frozenset((i, c) for c in range(k)))
    b = Matrix("b", np.zeros((k, m)), marked=frozenset((r, j) for r in range(k)))
    bias = Matrix("bias", np.zeros(m), marked=frozenset([(j,)]))
    out = Matrix("out", np.zeros((n, m)), (i, j), open=True)
    pictures = lay_out([a, b, bias, out], width, height)
    for picture in pictures:
        places = picture.matrix.marked or {(i, j)}
        fields = [field for place in places if (field := picture.field(place)) is not None]
        # All of it, or as much as there is room for.
        room = picture.body.shape[0 if picture.matrix is b else 1]
        assert len(fields) == min(len(places), room)


def test_pictures_are_stacked_where_they_are_cut_side_by_side() -> None:
    array = np.arange(160.0).reshape(10, 16)
    pictures = lay_out([Matrix("a", array), Matrix("b", array[0]), Matrix("out", array, (3, 4), open=True)], 82, 28)
    assert [picture.body.shape for picture in pictures] == [(10, 16), (1, 16), (10, 16)]
    assert [picture.box.top for picture in pictures] == [0, 0, pictures[2].box.top]
    assert pictures[2].box.top > 10


def test_what_is_too_large_for_any_room_is_scrolled_around_what_is_chosen() -> None:
    array = np.arange(10.0**6).reshape(1000, 1000)
    (picture,) = lay_out([Matrix("weight", array, (700, 300))], 60, 20)
    assert picture.body.shape == (18, 30)
    assert picture.head == "weight (1000, 1000)"
    assert picture.below == ("rows 692–709 of 1000, columns 286–315 of 1000",)
    (picture,) = lay_out([Matrix("weight", array, (999, 0))], 80, 20)
    assert picture.head == "weight (1000, 1000) · rows 981–999 of 1000, columns 0–39 of 1000"
    assert picture.body[-1, 0] == 999_000


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
def test_a_field_shows_sign_and_size_without_color(value: float, largest: float) -> None:
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
