"""From text to a tree of numbers, x, operators and named functions: top-down operator precedence (V. Pratt, 1973).

Nothing is executed: a name that is none of the known functions and constants is an error, as is everything else that
the grammar does not have. Errors say at which character, counted from 1.
"""

from __future__ import annotations

import difflib
import math
import re
from dataclasses import dataclass

import numpy as np

from nnviz.data.formulas.functions import CONSTANTS, FUNCTIONS, OPERATORS, Function
from nnviz.errors import ArgumentError

LONGEST = 200
"""Characters of a formula."""

DEEPEST = 40
"""Parentheses, signs and powers within each other."""

MOST_EXPONENT = 100.0
"""The largest constant exponent, in either direction."""

EXAMPLE = "for example sin(x) + 0.3*x"

_TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign>\*\*|[-+*/^(),])",
    re.ASCII,
)
_ALSO = str.maketrans({"−": "-", "·": "*", "×": "*", "÷": "/", "π": "pi", "[": "(", "]": ")"})
"""What is typed in place of the usual signs."""

BINARY = {"+": 10, "-": 10, "*": 20, "/": 20, "^": 40}
"""How strongly each operator binds."""
SIGN = 30
"""How strongly a sign before its operand binds: −x^2 is −(x^2), and −x*y is (−x)*y."""


class FormulaError(ArgumentError):
    """A text is no formula.

    Args:
        message, hint: as for every error.
        at: the character where it fails, counted from 0.
    """

    def __init__(self, message: str, hint: str = "", at: int = 0) -> None:
        super().__init__(message, hint)
        self.at = at


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True)
class Variable:
    """x"""


@dataclass(frozen=True)
class Call:
    """An operator or a function with its operands.

    Attributes:
        name: what it is called.
        function: the entry.
        operands: the operands.
    """

    name: str
    function: Function
    operands: tuple[Node, ...]


Node = Number | Variable | Call


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def normalized(text: str) -> str:
    """The text with single spaces, and the usual signs in place of typographic ones."""
    return " ".join(text.translate(_ALSO).split())


def parse(text: str) -> Node:
    """The tree of a normalized text.

    Raises:
        FormulaError: it is empty, too long, nested too deeply, has an exponent that is too large, or is no formula.
    """
    if not text.strip():
        raise FormulaError("expected a formula in x, got nothing", EXAMPLE)
    if len(text) > LONGEST:
        raise FormulaError(f"expected at most {LONGEST} characters, got {len(text):,}", "write it shorter", LONGEST)
    return _Parser(_tokens(text), text).whole()


def depends(node: Node) -> bool:
    """Whether x is in it."""
    return isinstance(node, Variable) or (isinstance(node, Call) and any(map(depends, node.operands)))


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None:
            raise FormulaError(
                f"character {at + 1}: {_shown(text[at])} is not part of a formula",
                f"write it with + - * / ^ and ( ), {EXAMPLE}",
                at,
            )
        found.append(_Token(str(match.lastgroup), "^" if match[0] == "**" else match[0], at))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


def _shown(text: str) -> str:
    return ascii(text[:20])


class _Parser:
    """The tokens, and how far they are read."""

    def __init__(self, tokens: list[_Token], text: str) -> None:
        self._tokens, self._text, self._next, self._depth = tokens, text, 0, 0

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _taken(self) -> _Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def whole(self) -> Node:
        """The formula; all of the text belongs to it."""
        node = self._expression(0)
        if self._token.kind != "end":
            raise self._unexpected(self._token, "an operator", self._missing_sign())
        return node

    def _missing_sign(self) -> str:
        token, before = self._token, self._tokens[self._next - 1]
        if token.text == ")":
            return "a parenthesis closes that was not opened"
        if token.kind in ("name", "number") or token.text == "(":
            return f"for a product write {before.text}*{token.text}"
        return EXAMPLE

    def _expression(self, binding: int) -> Node:
        """What follows, as far as its operators bind more strongly than `binding`."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise FormulaError(
                f"character {self._token.at + 1}: more than {DEEPEST} parts within each other",
                "write it flatter",
                self._token.at,
            )
        left = self._operand()
        while (token := self._token).kind == "sign" and BINARY.get(token.text, -1) > binding:
            self._taken()
            # Of equal operators the left one comes first, of powers the right one.
            right = self._expression(BINARY[token.text] - (token.text == "^"))
            if token.text == "^":
                self._check_exponent(right, token)
            left = Call(token.text, OPERATORS[token.text], (left, right))
        self._depth -= 1
        return left

    def _operand(self) -> Node:
        """A number, x, a constant, a function with its arguments, what is in parentheses, or a sign before these."""
        token = self._taken()
        if token.kind == "number":
            return self._number(token)
        if token.kind == "name":
            return self._name(token)
        if token.text == "(":
            node = self._expression(0)
            self._close(token)
            return node
        if token.text in ("-", "+"):
            node = self._expression(SIGN)
            return node if token.text == "+" else Call("negative", OPERATORS["negative"], (node,))
        raise self._unexpected(token, "a number, x, a function or (", EXAMPLE)

    def _number(self, token: _Token) -> Node:
        value = float(token.text)
        if not math.isfinite(value):
            raise FormulaError(
                f"character {token.at + 1}: {_shown(token.text)} is beyond all numbers",
                "write a smaller number",
                token.at,
            )
        return Number(value)

    def _name(self, token: _Token) -> Node:
        name = token.text
        if name == "x":
            return Variable()
        if name in CONSTANTS:
            return Number(CONSTANTS[name])
        if name not in FUNCTIONS:
            raise self._unknown(token)
        function = FUNCTIONS[name]
        if self._token.text != "(":
            written = ", ".join("xy"[: function.arguments])
            raise FormulaError(
                f"character {token.at + 1}: {name} is a function, and its argument is missing",
                f"write {name}({written})",
                token.at,
            )
        opened = self._taken()
        operands = [self._expression(0)]
        while self._token.text == ",":
            self._taken()
            operands.append(self._expression(0))
        self._close(opened)
        if len(operands) != function.arguments:
            raise FormulaError(
                f"character {token.at + 1}: {name} takes {_counted(function.arguments)}, got {len(operands)}",
                "",
                token.at,
            )
        return Call(name, function, tuple(operands))

    def _close(self, opened: _Token) -> None:
        token = self._taken()
        if token.text != ")":
            why = f"for the ( at character {opened.at + 1}"
            if token.kind == "end":
                raise FormulaError(f"character {token.at + 1}: expected ) {why}, got the end", "", token.at)
            self._next -= 1
            raise self._unexpected(token, f"an operator, or ) {why}", self._missing_sign())

    def _check_exponent(self, node: Node, token: _Token) -> None:
        """A constant exponent is within its bounds."""
        if depends(node):
            return
        value = evaluated(node)
        if not abs(value) <= MOST_EXPONENT:
            raise FormulaError(
                f"character {token.at + 1}: expected an exponent of at most {MOST_EXPONENT:g}, got {value:.6g}",
                "write a smaller exponent",
                token.at,
            )

    def _unexpected(self, token: _Token, expected: str, hint: str) -> FormulaError:
        got = "the end" if token.kind == "end" else _shown(token.text)
        return FormulaError(f"character {token.at + 1}: expected {expected}, got {got}", hint, token.at)

    def _unknown(self, token: _Token) -> FormulaError:
        known = ["x", *CONSTANTS, *FUNCTIONS]
        close = difflib.get_close_matches(token.text.lower(), known, 1, 0.6)
        hint = f"did you mean {close[0]}?" if close else f"there are x, {', '.join(known[1:])}"
        return FormulaError(
            f"character {token.at + 1}: no function or constant is called {_shown(token.text)}", hint, token.at
        )


def evaluated(node: Node) -> float:
    """The value of a tree without x."""
    if isinstance(node, Number):
        return node.value
    assert isinstance(node, Call)  # noqa: S101 (it has no x)
    with np.errstate(all="ignore"):
        return float(node.function.values(*(np.float64(evaluated(one)) for one in node.operands)))


def _counted(count: int) -> str:
    return "1 argument" if count == 1 else f"{count} arguments"
