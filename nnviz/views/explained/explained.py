"""A number of the screen explained: its formula, the formula with its numbers, and where it comes from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from nnviz.autograd.expression import evaluate, with_numbers
from nnviz.autograd.formula import rounded

DIGITS = 6
"""Digits of the numbers in a formula."""

EXACT = 1e15
"""Whole numbers below this are written with all their digits."""


@dataclass(frozen=True)
class Explained:
    """A number, and how one gets it.

    Attributes:
        name: what it is.
        shown: as it stands on the screen.
        formula: how it is computed; empty where the words say it.
        numbers: the formula with its numbers, and what they give, a line each; empty where they are not known.
        words: where it comes from.
        value: what the formula gives for these numbers; NaN where they are not known.
    """

    name: str
    shown: str
    formula: str = ""
    numbers: str = ""
    words: str = ""
    value: float = math.nan


def explained(
    name: str,
    shown: str,
    formula: str,
    values: Mapping[str, float],
    words: str = "",
    *,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    after: str = "",
    shown_formula: str = "",
    digits: int = DIGITS,
) -> Explained:
    """A number whose formula is evaluated here, so that what is written is what gives it.

    Args:
        name, shown, words: as in `Explained`.
        formula: in the grammar of `nnviz.autograd.expression`.
        values: the numbers by their names in the formula.
        functions: those of the formula that arithmetic has not.
        after: what is said behind the formula, such as how the result is rounded.
        shown_formula: what is said for a formula that is long.
        digits: of the numbers in the formula.
    """
    value = float(evaluate(formula, {**values, **(functions or {})}))
    numbers = f"{with_numbers(formula, values, lambda one: as_factor(one, digits))} = {written(value)}"
    return Explained(name, shown, f"{shown_formula or formula}{after}", numbers, words, value)


def written(value: float, digits: int = DIGITS) -> str:
    """A number: a whole one with all its digits, another with six, or so many."""
    if math.isfinite(value) and value == int(value) and abs(value) < EXACT:
        return f"{int(value):,}".replace("-", "−")
    return rounded(value, digits)


def as_factor(value: float, digits: int = DIGITS) -> str:
    """A number in a formula: in parentheses if it is negative."""
    text = written(value, digits)
    return f"({text})" if text.startswith("−") else text
