"""Small pictures on a grid: all are seen where there is room, and none is wider than the page."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nnviz.views.tiles import SHADES, SMALLEST, Tile, between, grid_of, shade_texts


@given(st.integers(1, 70), st.integers(1, 2), st.integers(16, 200), st.integers(5, 60))
def test_the_grid_lies_within_the_page(count: int, of: int, width: int, height: int) -> None:
    groups = [[Tile("", np.zeros((2, 2)), 1.0)] * of for _ in range(count)]
    grid = grid_of(groups, width, height)
    assert grid.across * grid.shelves >= count
    assert grid.across * of * (grid.columns + 1) <= width + (of == 2) * between(2) or grid.across == 1
    assert grid.seen * (grid.rows + 1) <= height
    assert grid.seen >= grid.shelves or grid.rows == SMALLEST


def test_characters_stand_for_sign_and_size() -> None:
    assert shade_texts(np.array([[-1.0, -0.5, 0.0, 0.5, 1.0, np.nan, 9.0]]), 1.0) == ["≡- ▒█!█"]
    assert shade_texts(np.zeros((1, 2)), 0.0) == ["  "]
    assert len(set(SHADES)) == 9
