"""Characters in cells, each with a role, of which a picture is put together."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np

Run = tuple[str, int]
"""Text, and its role."""

PLAIN = 0
"""The role of what has no other."""


class TextGrid:
    """Rows of cells, all of them blank at first.

    Args:
        rows, columns: how many there are.

    Attributes:
        text: the character of each cell; empty where a wide one reaches into it.
        roles: the role of each.
    """

    def __init__(self, rows: int, columns: int) -> None:
        self.text = np.full((rows, columns), " ", "<U1")
        self.roles = np.full((rows, columns), PLAIN, np.int16)

    def put(self, row: int, column: int, text: str, role: int) -> int:
        """Write text as far as there is room; the column after it."""
        for character in text:
            size = display_width(character)
            if column + size > self.text.shape[1]:
                break
            if size:
                self.text[row, column : column + size] = [character, ""][:size]
                self.roles[row, column : column + size] = role
            column += size
        return column

    def is_free(self, row: int, column: int, length: int, below: Callable[[int, str], bool]) -> bool:
        """Whether there are such cells, and all of them are blank or have what text may cover.

        Args:
            row, column, length: the first cell, and how many they are.
            below: whether text may cover a character of this role.
        """
        if column < 0 or column + length > self.text.shape[1]:
            return False
        text, roles = self.text[row, column : column + length], self.roles[row, column : column + length]
        return all(
            character == " " or below(role, character)
            for character, role in zip(text.tolist(), roles.tolist(), strict=True)
        )

    def lines(self) -> list[list[Run]]:
        """The rows as runs of one role each. Leading spaces are a run of their own: some viewers swallow them."""
        width = self.text.shape[1]
        bounds = np.ones(self.text.shape, np.bool_)
        bounds[:, 1:] = self.roles[:, 1:] != self.roles[:, :-1]
        starts = np.flatnonzero(bounds)
        roles = self.roles.ravel()[starts].tolist()
        characters, begins = self.text.ravel().tolist(), starts.tolist()
        lines: list[list[Run]] = [[] for _ in self.text]
        for begin, end, role in zip(begins, [*begins[1:], len(characters)], roles, strict=True):
            run = "".join(characters[begin:end])
            bare = run.lstrip(" ")
            if len(bare) < len(run):
                lines[begin // width].append((run[: len(run) - len(bare)], PLAIN))
            if bare:
                lines[begin // width].append((bare, role))
        return lines


def display_width(text: str) -> int:
    """Columns a terminal gives to `text`: two for a wide character, none for a combining or invisible one."""
    if text.isascii():
        return len(text)
    columns = 0
    for character in text:
        if unicodedata.category(character) not in {"Mn", "Me", "Cf"}:
            columns += 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
    return columns
