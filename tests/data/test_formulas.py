"""Formulas: parsed and never executed, equal to numpy, with errors that name the place."""

from __future__ import annotations

import builtins
import math
import os
import re
import string
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.data.formulas import LONGEST, FormulaError, formula
from nnviz.data.formulas.functions import CONSTANTS, FUNCTIONS, OPERATORS
from nnviz.data.formulas.parse import DEEPEST
from tests.examples import examples

X = np.linspace(-2.5, 2.5, 41)

NUMPY: dict[str, Any] = {
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "exp": np.exp,
    "log": np.log, "log2": np.log2, "log10": np.log10, "sqrt": np.sqrt, "abs": np.abs, "sign": np.sign, "floor": np.floor,
    "asin": np.arcsin, "acos": np.arccos, "atan": np.arctan, "min": np.minimum, "max": np.maximum,
    "relu": lambda x: np.maximum(x, 0), "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "step": lambda x: np.heaviside(x, 1.0), "square": lambda x: np.where(np.isfinite(x), 1.0 - 2 * (np.mod(x, 2 * np.pi) >= np.pi), np.nan),
    "sawtooth": lambda x: 2 * (x / (2 * np.pi) - np.floor(x / (2 * np.pi))) - 1,
    "pi": np.pi, "e": np.e, "tau": 2 * np.pi,
}  # fmt: skip
"""What each name is, written a second time."""


def in_numpy(text: str, x: Any) -> Any:
    """The value of a text that a test has made, as Python and numpy have it."""
    # Numbers as arrays: Python's own raise an error where 1 is divided by 0.
    written = re.sub(r"(?<![a-z0-9.])[0-9.]+([eE][+-][0-9]+)?", r"F(\g<0>)", text.replace("^", "**"))
    with np.errstate(all="ignore"):
        return eval(written, {"__builtins__": {}, **NUMPY, "x": x, "F": lambda number: np.full_like(x, number)})  # noqa: S307


def texts() -> st.SearchStrategy[str]:
    """Formulas, also as a person types them: with and without parentheses and spaces."""
    numbers = st.integers(0, 9).map(str) | st.sampled_from(["0.5", ".25", "2.", "1e-1", "3.5E+0"])
    leaves = numbers | st.just("x") | st.sampled_from(sorted(CONSTANTS))

    def larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        one = [name for name, function in FUNCTIONS.items() if function.arguments == 1]
        two = [name for name, function in FUNCTIONS.items() if function.arguments == 2]
        return st.one_of(
            st.builds("{}{}{}".format, inner, st.sampled_from(["+", " - ", "*", " / "]), inner),
            st.builds("({})^{}".format, inner, st.sampled_from(["2", "3", "x", "(-1)", "1.5"])),
            st.builds("({})".format, inner),
            st.builds("-{}".format, inner),
            st.builds("{}({})".format, st.sampled_from(one), inner),
            st.builds("{}({}, {})".format, st.sampled_from(two), inner, inner),
        )

    return st.recursive(leaves, larger, max_leaves=8).filter(lambda text: len(text) <= LONGEST)


@examples(150, 5000)
@given(texts())
def test_values_are_those_of_numpy(text: str) -> None:
    found = formula(text)(X)
    assert found.shape == X.shape
    expected = np.broadcast_to(np.asarray(in_numpy(text, X), np.float64), X.shape)
    same = np.isclose(found, expected, rtol=1e-9, atol=1e-15, equal_nan=True)
    # Of huge or jumping intermediate values rounding decides; everywhere else they are equal.
    assert same.mean() > 0.8, text
    if not any(name in text for name in ("floor", "square", "sawtooth", "step", "sign", "tan", "sin", "cos")):
        assert same.all(), text


@examples(300, 20_000)
@given(
    st.text(max_size=60)
    | st.text(string.ascii_letters + string.digits + "+-*/^()., _'\"[]{}:;=!@#%&|~<>\\x00\x1b", max_size=60)
)
def test_whatever_is_typed_is_a_formula_or_a_named_error(text: str) -> None:
    try:
        found = formula(text)
    except FormulaError as caught:
        error = caught
    else:
        assert found.text.isascii()
        assert found(X).shape == X.shape
        return
    assert error.message.isascii()
    assert error.message.isprintable()
    assert 0 <= error.at <= LONGEST


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')", "x.__class__", "().__class__", "open('a')", "exec(x)", "lambda: x", "[x for x in x]",
        "x if x else x", "x := 1", "x = 1", "f'{x}'", "x; x", "x or x", "eval(x)", "getattr(x, x)", "numpy.sin(x)", "os", "x[0]",
        "globals()", "print(x)", "x\nimport os", "y", "X", "nan", "inf", "True", "None",
    ],
)  # fmt: skip
def test_nothing_is_executed(text: str) -> None:
    with pytest.raises(FormulaError), nothing_runs():
        formula(text)


@contextmanager
def nothing_runs() -> Iterator[None]:
    """Whatever runs code that is text fails within."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("executed")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "system", never)
        # As an entry: setattr of the patch imports a module itself.
        for name in ("eval", "exec", "compile", "open", "print", "__import__"):
            patch.setitem(vars(builtins), name, never)
        yield


@pytest.mark.parametrize(
    ("text", "words", "at", "hint"),
    [
        ("", "expected a formula in x, got nothing", 0, "for example sin(x) + 0.3*x"),
        ("2x", "character 2: expected an operator, got 'x'", 1, "for a product write 2*x"),
        ("sin x", "character 1: sin is a function, and its argument is missing", 0, "write sin(x)"),
        ("sin(x", "character 6: expected ) for the ( at character 4, got the end", 5, ""),
        ("(x + 1))", "character 8: expected an operator, got ')'", 7, "a parenthesis closes that was not opened"),
        ("1 +", "character 4: expected a number, x, a function or (, got the end", 3, "for example sin(x) + 0.3*x"),
        ("tanj(x)", "character 1: no function or constant is called 'tanj'", 0, "did you mean tan?"),
        ("min(x)", "character 1: min takes 2 arguments, got 1", 0, ""),
        ("x^101", "character 2: expected an exponent of at most 100, got 101", 1, "write a smaller exponent"),
        ("x^-9^9", "character 2: expected an exponent of at most 100, got -3.8742e+08", 1, "write a smaller exponent"),
        ("1e999", "character 1: '1e999' is beyond all numbers", 0, "write a smaller number"),
        ("x $ 2", "character 3: '$' is not part of a formula", 2, "write it with + - * / ^ and ( ), for example sin(x) + 0.3*x"),
        ("x\x1b[2J", "character 2: '\\x1b' is not part of a formula", 1, "write it with + - * / ^ and ( ), for example sin(x) + 0.3*x"),
    ],
)  # fmt: skip
def test_an_error_says_where_and_what_to_do(text: str, words: str, at: int, hint: str) -> None:
    with pytest.raises(FormulaError) as caught:
        formula(text)
    assert (caught.value.message, caught.value.at, caught.value.hint) == (words, at, hint)


def test_length_and_depth_have_limits() -> None:
    assert formula("+".join(["x"] * (LONGEST // 2)))(2.0) == LONGEST
    for text in ("x" + "+x" * LONGEST, " " * 3 + "1" * (LONGEST + 1), "x+" * 10_000_000):
        with pytest.raises(FormulaError, match=f"expected at most {LONGEST} characters"):
            formula(text)
    deep = DEEPEST - 1
    assert formula("(" * deep + "x" + ")" * deep)(3.0) == 3
    for text in ("(" * 90 + "x" + ")" * 90, "-" * 180 + "x", "x^" * 90 + "x", "-(" * 60 + "x" + ")" * 60):
        with pytest.raises(FormulaError, match=f"more than {DEEPEST} parts within each other"):
            formula(text)


def test_the_usual_rules_hold() -> None:
    for text, value in {
        "-x^2": -9, "2^3^2": 512, "2^-1": 0.5, "8/2/2": 2, "1-2-3": -4, "-x*2": -6, "--x": 3, "+x": 3, "2**3": 8,
        "x−1": 2, "2·π": 2 * math.pi, "6÷x": 2, "  x +  1 ": 4, "-2^2": -4, "x^0.5^2": 3**0.25,
    }.items():  # fmt: skip
        assert formula(text)(3.0) == pytest.approx(value, rel=1e-15), text


def test_equal_texts_are_the_same_formula() -> None:
    assert formula("sin(x)  + 1") == formula("sin(x) + 1")
    assert formula(" 2·x").text == "2*x"
    assert hash(formula("x")) == hash(formula(" x "))


def test_every_name_is_tested_against_numpy() -> None:
    assert {*NUMPY} == {*FUNCTIONS, *CONSTANTS}
    assert not {*FUNCTIONS} & {*OPERATORS}
