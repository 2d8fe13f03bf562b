"""A number that has no room is marked, never shown without its last digits: it would be another number."""

from __future__ import annotations

import pytest
from rich.style import Style
from rich.text import Text

from nnviz.tui.widgets.rows import fit, head_strip, row_strip

CELLS = (Text("7 "), Text("orange "), Text(" 16.7", justify="right"))
WIDTHS = [2, 7, 6]


@pytest.mark.parametrize(
    ("left", "width", "expected"),
    [(0, 15, "7 orange   16.7"), (0, 13, "7 orange    …"), (0, 12, "7 orange   …"), (13, 2, " …"), (0, 9, "7 orange ")],
)
def test_a_number_is_whole_or_marked(left: int, width: int, expected: str) -> None:
    strip = row_strip(CELLS, WIDTHS, Style(), False, left, width)
    assert strip.text == expected


def test_a_head_that_is_cut_stays_apart_from_the_next() -> None:
    assert head_strip(["predicted ", "  sure"], [8, 6], Style(), Style(), 0, 14).text == "predic…   sure"


def test_a_column_is_not_widened_to_be_cut() -> None:
    assert fit([4, 6, 8], 1, 16) == [4, 6, 8]
