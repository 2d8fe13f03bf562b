"""Formulas as they stand on the screen, evaluated, and written with numbers in place of their names.

So that a formula is written once: what a reader sees is what is tested against the code that computes.

Grammar: sums and products with `+`, `−`, `·` and `/`; powers as superscripts (`g²`, `β₁ᵗ`, `e⁻ᶻ`) or with `^`; `√`,
`|a|`, `aᵀ`; functions with or without parentheses (`max(a, b)`, `ln a`), of which `Σ` takes a whole product; and
cases: `z for z > 0, else 0`. A product with a transposed factor is that of matrices. At the end a name may be defined:
`1 − t², where t = tanh(z)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from nnviz.autograd.formula import factor
from nnviz.autograd.modes import quiet
from nnviz.errors import ArgumentError

_NAME = r"[A-Za-zα-ωΦ][A-Za-zα-ω0-9_₀-₉ₐ-ₜ\u0302′]*"
_TOKEN = re.compile(
    rf"(?P<number>\d+(?:\.\d+)?)|(?P<up>[⁰¹²³⁴-⁹⁺⁻ᵃᵇᵈᵖᵗᶻ]+)|(?P<name>{_NAME})|(?P<sign>[-+−·/(),|√Σ^<>≤≥=≠ᵀ])|(?P<space>\s+)"
)
_DOWN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ᵃᵇᵈᵖᵗᶻ", "0123456789+−abdptz")

_KNOWN: Mapping[str, Any] = {
    "e": np.e, "π": np.pi, "√": np.sqrt, "ln": np.log, "max": np.maximum, "min": np.minimum, "sign": np.sign,
    "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "sinh": np.sinh, "cosh": np.cosh,
}  # fmt: skip
_RELATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    ">": np.greater, "<": np.less, "≥": np.greater_equal, "≤": np.less_equal, "=": np.equal, "≠": np.not_equal,
}  # fmt: skip


class _Transposed:
    """A matrix on which ᵀ was written: its products are those of matrices."""

    def __init__(self, array: Any) -> None:
        self.array = np.swapaxes(array, -1, -2)


@quiet
def evaluate(formula: str, values: Mapping[str, Any]) -> Any:
    """The value of a formula.

    Args:
        formula: what is written.
        values: by name, numbers or arrays that broadcast, and functions beyond those of arithmetic.

    Raises:
        ArgumentError: it is not a formula, or a name has no value.
    """
    formula, _, definition = formula.partition(", where ")
    known = {**_KNOWN, **values}
    if definition:
        name, _, meaning = definition.partition(" = ")
        known[name] = evaluate(meaning, known)
    reader = _Reader(formula, known)
    found = reader.choice()
    if reader.peek():
        raise reader.error()
    return found.array if isinstance(found, _Transposed) else found


def with_numbers(formula: str, values: Mapping[str, float], write: Callable[[float], str] = factor) -> str:
    """The formula with a number in place of each name that has a value; powers become `^`: 0.9^3.

    Args:
        formula: what is written.
        values: numbers by name.
        write: a number as a factor.

    Raises:
        ArgumentError: it is not a formula.
    """
    parts = []
    for kind, text in _tokens(formula):
        if kind == "up" and any(letter in values for letter in text.translate(_DOWN)):
            inner = with_numbers(text.translate(_DOWN), values, write)
            parts.append(f"^{inner if len(text) == 1 else f'({inner})'}")
        else:
            parts.append(write(values[text]) if kind == "name" and text in values else text)
    return "".join(parts)


def names(formula: str) -> list[str]:
    """The names in a formula, in order; each as often as it stands there.

    Raises:
        ArgumentError: it is not a formula.
    """
    found: list[str] = []
    for kind, text in _tokens(formula):
        found += names(text.translate(_DOWN)) if kind == "up" else [text] if kind == "name" else []
    return found


@lru_cache(maxsize=512)
def _tokens(formula: str) -> tuple[tuple[str, str], ...]:
    """Kind and text of every token."""
    found, at = [], 0
    while at < len(formula):
        match = _TOKEN.match(formula, at)
        if match is None:
            raise ArgumentError(
                f"{formula!r} is not a formula: {formula[at:]!r} cannot be read", "see the grammar above"
            )
        found.append((str(match.lastgroup), match[0]))
        at = match.end()
    return tuple(found)


class _Reader:
    """Reads a formula from left to right; each method one level of the grammar, and evaluates what it reads."""

    def __init__(self, formula: str, values: Mapping[str, Any]) -> None:
        self._formula, self._values = formula, values
        self._tokens = [token for token in _tokens(formula) if token[0] != "space"]
        self._at = 0

    def peek(self) -> str:
        """The next token; empty at the end."""
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def error(self) -> ArgumentError:
        """That the next token does not belong there."""
        found = repr(self.peek()) if self.peek() else "its end"
        return ArgumentError(f"{self._formula!r} is not a formula: {found} is not expected there", "see the grammar")

    def _take(self, *texts: str) -> str:
        """The next token, taken, if it is one of these; otherwise empty."""
        found = self.peek()
        if found not in texts:
            return ""
        self._at += 1
        return found

    def _expect(self, text: str) -> None:
        if not self._take(text):
            raise self.error()

    def choice(self) -> Any:
        """A sum, or cases."""
        value = self._sum()
        if not self._take("for", "where"):
            return value
        condition = self._condition()
        self._expect(",")
        self._expect("else")
        return np.where(condition, value, self.choice())

    def _condition(self) -> Any:
        left = self._sum()
        if self.peek() not in _RELATIONS:
            return left
        found = np.True_
        while (relation := self._take(*_RELATIONS)) != "":
            right = self._sum()
            found, left = found & _RELATIONS[relation](left, right), right
        return found

    def _sum(self) -> Any:
        value = self._product()
        while (sign := self._take("+", "−")) != "":
            other = self._product()
            value = value + other if sign == "+" else value - other
        return value

    def _product(self) -> Any:
        value = self._signed()
        while (sign := self._take("·", "/")) != "":
            other = self._signed()
            if isinstance(value, _Transposed) or isinstance(other, _Transposed):
                value = np.matmul(getattr(value, "array", value), getattr(other, "array", other))
            else:
                value = value * other if sign == "·" else value / other
        return value

    def _signed(self) -> Any:
        return -self._signed() if self._take("−") else self._power()

    def _power(self) -> Any:
        value = self._single()
        while True:
            if self._at < len(self._tokens) and self._tokens[self._at][0] == "up":
                value = value ** evaluate(self._tokens[self._at][1].translate(_DOWN), self._values)
                self._at += 1
            elif self._take("^"):
                value = value ** self._single()
            elif self._take("ᵀ"):
                value = _Transposed(value)
            else:
                return value

    def _single(self) -> Any:
        kind, text = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        self._at += 1
        if kind == "number":
            return float(text)
        if text == "(":
            value = self.choice()
            self._expect(")")
            return value
        if text == "|":
            value = self._sum()
            self._expect("|")
            return np.abs(value)
        if text not in self._values or text in ("for", "where", "else"):
            self._at -= 1
            raise self.error()
        value = self._values[text]
        return self._called(value, text) if callable(value) else value

    def _called(self, function: Callable[..., Any], name: str) -> Any:
        """A function of what follows: a product after Σ, otherwise arguments in parentheses, or a power."""
        if name == "Σ":
            return function(self._product())
        if not self._take("("):
            return function(self._power())
        arguments = [self.choice()]
        while self._take(","):
            arguments.append(self.choice())
        self._expect(")")
        return function(*arguments)
