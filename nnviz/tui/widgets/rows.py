"""The rows of a table: made one by one, measured, and turned into segments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import overload

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.strip import Strip

MEASURED = 50
"""In a table with more than three times as many rows, so many at its ends and around the cursor are measured."""

NARROWEST = 8
"""Columns of a cell that are never cut: the table scrolls instead."""

Cells = Sequence[Text]
Look = tuple[tuple[str, str], ...]


class Rows(Sequence[Cells]):
    """Rows that are made one by one, when they are read.

    Args:
        count: the number of rows.
        make: row number → cells.
    """

    def __init__(self, count: int, make: Callable[[int], Cells]) -> None:
        self._count = count
        self._make = make

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> Cells: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Cells]: ...
    def __getitem__(self, at: int | slice) -> Cells | Sequence[Cells]:
        if isinstance(at, slice):
            return [self._make(i) for i in range(*at.indices(self._count))]
        if not -self._count <= at < self._count:
            raise IndexError(at)
        return self._make(at % self._count)

    def __iter__(self) -> Iterator[Cells]:
        return (self._make(at) for at in range(self._count))


def measure(heads: Sequence[str], rows: Sequence[Cells], cursor: int) -> list[int]:
    """The width of each column in terminal cells. Of many rows only some are measured."""
    if len(rows) > 3 * MEASURED:
        first = min(max(cursor - MEASURED // 2, MEASURED), len(rows) - 2 * MEASURED)
        rows = [*rows[:MEASURED], *rows[first : first + MEASURED], *rows[-MEASURED:]]
    widths = [cell_len(head) for head in heads]
    for row in rows:
        widths = [max(width, cell.cell_len) for width, cell in zip(widths, row, strict=True)]
    return widths


def fit(widths: Sequence[int], elastic: int | None, room: int) -> list[int]:
    """The widths, with column `elastic` cut so that all fit into `room`."""
    fitted, excess = list(widths), sum(widths) - room
    if elastic is not None and room and excess > 0:
        fitted[elastic] = max(fitted[elastic] - excess, min(fitted[elastic], NARROWEST))
    return fitted


def look(cells: Cells) -> Look:
    """What a row looks like, for comparison: rich compares texts without their style."""
    return tuple((cell.plain, str(cell.style)) for cell in cells)


def head_strip(heads: Sequence[str], widths: Sequence[int], own: Style, style: Style, left: int, width: int) -> Strip:
    """The head in its `own` style: `width` columns of it from `left`, padded in `style`."""
    return _strip(
        [Segment(_head(head, size), own) for head, size in zip(heads, widths, strict=True)], style, left, width
    )


def row_strip(cells: Cells, widths: Sequence[int], style: Style, plain: bool, left: int, width: int) -> Strip:
    """A row in `style`: `width` columns of it from `left`. With `plain` the colors of its cells are left out."""
    segments, at = [], 0
    for cell, size in zip(cells, widths, strict=True):
        seen = min(at + size, left + width) - max(at, left)
        segments.append(_segment(cell, size, style, plain))
        if 0 < seen < size and _is_number_cut(cell, at, size, left, width):
            # A number without its last digits is another number.
            marked = " " * (max(left - at, 0) + seen - 1) + "…"
            segments[-1] = Segment(set_cell_size(marked, size), segments[-1].style)
        at += size
    return _strip(segments, style, left, width)


def _is_number_cut(cell: Text, at: int, size: int, left: int, width: int) -> bool:
    """Whether the edge of the view goes through the digits of a cell that ends at its right edge."""
    digits = at + size - len(cell.plain.lstrip())
    return cell.justify == "right" and bool(cell.plain.strip()) and (at + size > left + width or digits < left)


def _head(head: str, size: int) -> str:
    """The head of a column of so many cells: where it is cut, with an ellipsis, and apart from the next."""
    name = head.rstrip()
    return set_cell_size(head if cell_len(name) <= size else f"{set_cell_size(name, max(size - 2, 0)).rstrip()}…", size)


def _strip(segments: list[Segment], style: Style, left: int, width: int) -> Strip:
    return Strip(segments).extend_cell_length(left + width, style).crop(left, left + width)


def _segment(text: Text, size: int, style: Style, plain: bool) -> Segment:
    """A cell, cut with an ellipsis or padded to `size`."""
    words, length = text.plain, text.cell_len
    if length > size:
        words = set_cell_size(words, size - 1).rstrip() + "…"
    elif text.justify == "right":
        words = " " * (size - length) + words
    own = Style.parse(text.style) if isinstance(text.style, str) else text.style
    return Segment(set_cell_size(words, size), style + (own.without_color if plain else own))
