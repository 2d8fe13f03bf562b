"""Where things stand in a TOML text, which the parser does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

Path = tuple[str | int, ...]
"""The keys that lead to a value; a number counts the items of a list, from 0."""

DEEPEST = 8
"""The most parts of a dotted key. The parser's memory grows with the square of their number."""

_TOKEN = re.compile(
    r'''(?P<part>"""(?:[^"\\]|\\.|"(?!""))*+"{0,5}|"(?:[^"\\\n]|\\.)*+"?|'''
    r"""'''(?:[^']|'(?!''))*+'{0,5}|'[^'\n]*+'?|[^\s"'#\[\]{}=,.]++)"""
    r"|(?P<mark>[\[\]{}=,.\n])|#[^\n]*+",
    re.DOTALL,
)


class _Token(NamedTuple):
    text: str
    start: int
    is_part: bool


def _tokens(text: str) -> Iterator[_Token]:
    """Strings, bare words and punctuation, newlines included; comments and spaces are left out."""
    for found in _TOKEN.finditer(text):
        if found.lastgroup is not None:
            yield _Token(found[0], found.start(), found.lastgroup == "part")


def line_of_long_key(text: str) -> int | None:
    """The line of the first dotted key with more than `DEEPEST` parts; None if there is none."""
    parts, after_dot = 0, False
    for token in _tokens(text):
        if token.is_part:
            parts = parts + 1 if after_dot else 1
            if parts > DEEPEST:
                return text.count("\n", 0, token.start) + 1
            after_dot = False
        else:
            after_dot = token.text == "." and parts > 0
            parts = parts if after_dot else 0
    return None


def lines_of(text: str) -> dict[Path, int]:
    """The line of each key, table and item of a list in a valid TOML text."""
    return _Places(text).found


class _Places:
    """Goes through a valid text once.

    Args:
        text: the text.

    Attributes:
        found: the first line of each path.
    """

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._text = text
        self._at = 0
        # Where the line is counted from, so that all are counted in one go.
        self._start, self._line = 0, 1
        self.found: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        table: Path = ()
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token.text == "[":
                table = self._header()
            elif token.is_part:
                self._pair(table)
            else:
                self._at += 1

    def _note(self, path: Path, token: _Token) -> None:
        self._line += self._text.count("\n", self._start, token.start)
        self._start = token.start
        self.found.setdefault(path, self._line)

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else "\n"

    def _key(self) -> Path:
        """The parts of a key, up to what ends it."""
        parts: list[str | int] = []
        while self._at < len(self._tokens) and (self._tokens[self._at].is_part or self._peek() == "."):
            token = self._tokens[self._at]
            if token.is_part:
                parts.append(_plain(token.text))
            self._at += 1
        return tuple(parts)

    def _header(self) -> Path:
        first = self._tokens[self._at]
        several = self._tokens[self._at + 1].text == "["
        self._at += 2 if several else 1
        path = self._inside(self._key())
        self._at += 2 if several else 1
        self._note(path, first)
        if several:
            number = self._counts.get(path, 0)
            self._counts[path] = number + 1
            path = (*path, number)
            self._note(path, first)
        return path

    def _inside(self, path: Path) -> Path:
        """A path in which each list of tables before the last part stands for its last table."""
        found: Path = ()
        for number, part in enumerate(path, 1):
            found = (*found, part)
            if number < len(path) and found in self._counts:
                found = (*found, self._counts[found] - 1)
        return found

    def _pair(self, table: Path) -> None:
        first = self._tokens[self._at]
        path = table
        for part in self._key():
            path = (*path, part)
            self._note(path, first)
        self._at += 1
        self._value(path)

    def _value(self, path: Path) -> None:
        opening = self._peek()
        if opening not in ("[", "{"):
            while self._peek() not in (",", "]", "}", "\n"):
                self._at += 1
            return
        self._at += 1
        number = 0
        while self._at < len(self._tokens) and self._peek() not in ("]", "}"):
            if self._peek() in ("\n", ","):
                self._at += 1
            elif opening == "{":
                self._pair(path)
            else:
                self._note((*path, number), self._tokens[self._at])
                self._value((*path, number))
                number += 1
        self._at += 1


def _plain(part: str) -> str:
    """A part of a key without its quotes."""
    if part[0] not in "\"'":
        return part
    return str(tomllib.loads(f"key = {part}")["key"])
