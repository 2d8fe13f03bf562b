"""Numbers below each other have equally many digits."""

from __future__ import annotations

import math

import pytest

from nnviz.views.digits import column_text, significant


@pytest.mark.parametrize(
    ("values", "digits", "texts"),
    [
        ((0.678, 0.66423, 0.14621), 4, ("0.6780", "0.6642", "0.1462")),
        ((0.67802, 0.02358), 4, ("0.67802", "0.02358")),
        ((0.99996, 1.5), 4, ("1.000", "1.500")),
        ((0.0, 0.5, -2.25), 3, ("0.000", "0.500", "−2.250")),
        ((1234.5, 20.25), 3, ("1234.5", "20.2")),
        ((math.nan, math.inf, -math.inf, 0.25), 2, ("NaN", "∞", "−∞", "0.25")),
        # Too far apart for as many decimals.
        ((0.678, 3e-5, 12.0, 0.0), 3, ("0.678", "3.00e−05", "12.0", "0")),
        ((4e9, 123.0), 3, ("4.00e+09", "123")),
        ((), 3, ()),
    ],
)
def test_all_of_a_column_have_as_many(values: tuple[float, ...], digits: int, texts: tuple[str, ...]) -> None:
    assert tuple(map(column_text(values, digits), values)) == texts


def test_zeros_at_the_end_are_kept() -> None:
    assert significant(0.678, 4) == "0.6780"
    assert significant(279.0, 3) == "279"
    assert significant(-0.5, 2) == "−0.50"
