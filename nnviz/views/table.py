"""A table as plain data, whose lines are made when they become visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Emphasis = Literal["", "chosen", "given", "error"]
"""What makes a line stand out: it is chosen, it is no layer but given, or it has an error."""


@dataclass(frozen=True)
class Line:
    """One line: a text for each column. Texts are not sanitised; the widget does that."""

    cells: tuple[str, ...]
    emphasis: Emphasis = ""


@dataclass(frozen=True, eq=False)
class Table:
    """Lines under a head.

    Attributes:
        heads: the heading of each column.
        count: how many lines there are.
        line: makes one of them.
        elastic: the column that is cut where there is no room for all; None where none is.
        right: the columns that end at their right edge.
        cursor: the line with the cursor; None to leave it unchanged.
    """

    heads: tuple[str, ...]
    count: int
    line: Callable[[int], Line]
    elastic: int | None = None
    right: frozenset[int] = frozenset()
    cursor: int | None = None
