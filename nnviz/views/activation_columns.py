"""The columns of the table of activation functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnviz.text import percent
from nnviz.views.activation_words import BEND, Known, decimal, flat_text, range_text, short


@dataclass(frozen=True, eq=False)
class Column:
    """One column.

    Attributes:
        head: its heading.
        width: the cells that it takes, with the space behind it.
        cell: what it says of a function.
        key: what the functions are sorted by.
        right: whether it ends at its right edge.
    """

    head: str
    width: int
    cell: Callable[[Known], str]
    key: Callable[[Known], Any]
    right: bool = False


def _value(value: float) -> str:
    return f"{value + 0.0:.5f}".replace("-", "−") if abs(value) < 100 else short(value)


def _kinks(one: Known) -> str:
    curve = one.facts.curve
    if curve is None:
        return "?"
    return f"not at {', '.join(map(short, curve.kinks))}" if curve.kinks else "everywhere"


def _bend(one: Known) -> str:
    curve = one.facts.curve
    return "?" if curve is None else BEND[curve.curvature]


def _time(one: Known) -> str:
    return "–" if math.isnan(one.seconds) else f"{one.times_relu:.1f}×"


def _slope(one: Known) -> str:
    return _value(one.slope) + ("*" if one.on_kink else " ")


def _range(one: Known) -> str:
    return range_text(one.facts.outputs)


def _bounds(one: Known) -> tuple[float, float]:
    return one.facts.outputs.low, one.facts.outputs.high


def _formula(one: Known) -> str:
    return one.facts.formula.partition(" = ")[2] or one.facts.formula


def _last(value: float) -> tuple[bool, float]:
    """The key of a number: what is none comes last."""
    # Beyond the ninth decimal, means that are 0 differ by rounding.
    return math.isnan(value), 0.0 if math.isnan(value) else round(value, 9)


COLUMNS = (
    Column("name", 13, lambda one: one.name, lambda one: one.name),
    Column("f(z)", 9, lambda one: _value(one.f), lambda one: _last(one.f), right=True),
    Column("f′(z)", 10, _slope, lambda one: _last(one.slope), right=True),
    Column("convex", 8, _bend, lambda one: (_bend(one) != "convex", _bend(one))),
    Column("mean", 6, lambda one: decimal(one.facts.mean), lambda one: _last(one.facts.mean), right=True),
    Column("std", 5, lambda one: decimal(one.facts.std), lambda one: _last(one.facts.std), right=True),
    Column("time", 6, _time, lambda one: _last(one.seconds), right=True),
    Column("derivative", 14, _kinks, lambda one: (_kinks(one) != "everywhere", _kinks(one))),
    Column("range", 13, _range, _bounds),
    Column("flat", 6, lambda one: percent(one.facts.flat_share), lambda one: _last(one.facts.flat_share), right=True),
    Column("|f′| < 0.01", 25, lambda one: flat_text(one.facts.flat), lambda one: _last(one.facts.flat_share)),
    Column("formula", 50, _formula, _formula),
)  # fmt: skip
"""All columns, the most important first; `f(z)` and `f′(z)` are at the reading line."""

READ = ("f(z)", "f′(z)")
"""The columns that the page has only beside the curves."""


def brief_columns(table: bool, sort: int, timed: bool, width: int) -> list[Column]:
    """The columns that have room in `width`, among them the one the table is sorted by.

    Args:
        table: whether it is the table of all facts; otherwise the values at the reading line are in it.
        sort: the number of that column, 0 if it is sorted by none.
        timed: whether times are known: then the table has them.
        width: in cells.
    """
    wanted = [one for one in COLUMNS if not (table and one.head in READ) or one is COLUMNS[sort]]
    times = [one for one in wanted if table and timed and one.head == "time"]
    first = list(dict.fromkeys([wanted[0], COLUMNS[sort], *times]))
    room = width - sum(one.width for one in first)
    taken = set(map(id, first))
    for one in wanted:
        if id(one) not in taken:
            if one.width > room:
                break
            taken.add(id(one))
            room -= one.width
    return [one for one in wanted if id(one) in taken]
