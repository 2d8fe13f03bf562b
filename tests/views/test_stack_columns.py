"""What falls away first as the stack gets narrower."""

from __future__ import annotations

import pytest

from nnviz.network import opening
from nnviz.network.presets import digits_cnn
from nnviz.views.layer_rows import layer_rows
from nnviz.views.stack_columns import BAR, NARROWEST, SPARK, Columns, columns_of


def columns(width: int, digits: bool = False) -> Columns:
    return columns_of(layer_rows(digits_cnn() if digits else opening()), 1, width)


def shown(found: Columns) -> list[str]:
    names = ("number", "name", "sizes", "arguments", "shape", "parameters", "spark", "bar")
    return [name for name in names if getattr(found, name)]


LEAST = ["number", "name", "shape", "parameters"]


@pytest.mark.parametrize(
    ("width", "opening_has", "digits_have"),
    [
        (30, ["spark"], []),
        (35, ["sizes"], []),
        (36, ["sizes", "spark"], []),
        (42, ["sizes", "spark"], ["spark"]),
        (56, ["sizes", "spark", "bar"], ["sizes", "spark"]),
        (68, ["sizes", "spark", "bar"], ["sizes", "spark", "bar"]),
        (100, ["sizes", "spark", "bar"], ["sizes", "arguments", "spark", "bar"]),
    ],
)
def test_the_columns_of_each_width(width: int, opening_has: list[str], digits_have: list[str]) -> None:
    assert set(shown(columns(width))) == {*LEAST, *opening_has}
    assert set(shown(columns(width, digits=True))) == {*LEAST, *digits_have}


@pytest.mark.parametrize("digits", [False, True])
def test_what_falls_away_first(digits: bool) -> None:
    """As it gets narrower: the arguments beside the sizes, the bars, then the sizes or the histograms."""
    falls = ["arguments", "bar", "sizes", "spark"] if digits else ["bar", "sizes", "spark"]
    first = {name: min(w for w in range(8, 200) if name in shown(columns(w, digits))) for name in falls}
    assert [first[name] for name in falls] == sorted(first.values(), reverse=True)
    assert len(set(first.values())) == len(falls)


@pytest.mark.parametrize("digits", [False, True])
@pytest.mark.parametrize("width", range(8, 200))
def test_no_more_than_the_width_is_taken(width: int, digits: bool) -> None:
    found = columns(width, digits)
    assert found.width <= width or found.name == NARROWEST
    assert not found.spark or SPARK[0] <= found.spark <= SPARK[1]
    assert not found.bar or BAR[0] <= found.bar <= BAR[1]
    assert not found.bar or found.spark
