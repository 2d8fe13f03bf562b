"""The rows of the stack, each of one line or more."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.geometry import Region, Size
from textual.strip import Strip

from nnviz.tui.text import clean
from nnviz.tui.widgets.row_view import RowView
from nnviz.tui.widgets.rows import Rows
from nnviz.views.stack_columns import Columns, lines_below
from nnviz.views.stack_rows import Cell, StackView

CSS = """
LayerList {
    & > .layers--error { color: $text-error; text-style: bold; }
    & > .layers--warning { color: $text-warning; }
    & > .layers--muted { color: $text-muted; }
}
"""

UNSEEN = 200
"""Columns that are assumed before the list has a size."""


@dataclass(frozen=True)
class Layout:
    """Where the lines of rows stand.

    Attributes:
        columns: the columns, where there are rows.
        starts: the first line of each row, and that after the last row.
    """

    columns: Columns | None = None
    starts: Sequence[int] = (0,)

    @classmethod
    def of(cls, view: StackView, width: int) -> Layout:
        """The layout of a view in `width` cells."""
        columns = view.columns(width or UNSEEN)
        return cls(columns, [*accumulate((1 + len(lines_below(row, columns)) for row in view.rows), initial=0)])

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return self.starts[-1]

    @property
    def width(self) -> int:
        """How many cells a line has."""
        return self.columns.width if self.columns else 0

    def lines_of(self, row: int) -> tuple[int, int]:
        """The first line of a row, and that after its last."""
        row = min(row, len(self.starts) - 2)
        return (self.starts[row], self.starts[row + 1]) if row >= 0 else (0, 0)

    def row_of(self, line: int) -> int:
        """The row that a line belongs to."""
        return bisect_right(self.starts, line, hi=len(self.starts) - 1) - 1

    def line(self, view: StackView | None, line: int) -> tuple[Cell, ...]:
        """The cells of a line of a view."""
        if view is None or self.columns is None or not 0 <= line < self.lines:
            return ()
        row = self.row_of(line)
        return view.lines(row, self.columns)[line - self.starts[row]]


class LayerList(RowView):
    """The rows of a `StackView` with a cursor. While training goes on, only the cells that change are repainted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"layers--error", "layers--warning", "layers--muted"}
    DEFAULT_CSS = CSS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: StackView | None = None
        self._layout = Layout()
        self._lines: dict[int, tuple[Cell, ...]] = {}

    def show(self, view: StackView) -> None:
        """Show these rows, with the cursor where the view has it."""
        before, was = self._layout, self._view
        self._view, self.rows = view, Rows(len(view.rows), lambda at: _texts(view, at, self._layout.columns))
        self._fit()
        changed = self._layout != before
        if changed:
            self.refresh()
        elif was is None or not view.shows_the_same(was):
            self._refresh_changed()
        if self.cursor_row != view.cursor or changed:
            self.cursor_row = min(self.cursor_row, len(view.rows) - 1)
            self.move_cursor(view.cursor)

    def _refresh_changed(self) -> None:
        """Repaint the cells that differ from what is painted."""
        for line, was in self._lines.items():
            now = self._layout.line(self._view, line)
            if now != was:
                left, width = _changed(now, was)
                self.refresh(Region(left - self.scroll_offset.x, line + 1 - self.scroll_offset.y, width, 1))

    def lines_of(self, row: int) -> tuple[int, int]:
        """The first line of a row, and that after its last."""
        return self._layout.lines_of(row)

    def row_of(self, line: int) -> int:
        """The row that a line belongs to."""
        return self._layout.row_of(line)

    def _fit(self) -> None:
        """Share the width among the columns; a scrollbar takes one."""
        if self._view is None:
            return
        width, height = self.container_size
        self._layout = Layout.of(self._view, width)
        if self._layout.lines + 1 > height > 0:
            width = max(width - self.styles.scrollbar_size_vertical, 0)
            self._layout = Layout.of(self._view, width)
        self.take_size(Size(self._layout.width, self._layout.lines + 1), Size(width, height))

    def render_line(self, y: int) -> Strip:
        """Render the head, or a line of a visible row."""
        plain, view, layout, line = self.part(), self._view, self._layout, y - 1 + self.scroll_offset.y
        if view is None or layout.columns is None:
            return Strip.blank(self.size.width, plain)
        if y == 0:
            return self._strip(view.heads(layout.columns), self.part("table--head"), plain)
        if y == 1:
            self._lines = {at: was for at, was in self._lines.items() if line <= at < line + self.size.height}
        if line >= layout.lines:
            return Strip.blank(self.size.width, plain)
        self._lines[line] = cells = layout.line(view, line)
        marked = layout.row_of(line) == self.cursor_row
        cursor = self.part("table--cursor" if self.has_focus else "table--resting")
        style = cursor if marked else plain
        # On the color of the cursor no other text color is readable.
        return self._strip(cells, style, style, marked and self.has_focus)

    def _strip(self, cells: Sequence[Cell], style: Style, pad: Style, uncolored: bool = False) -> Strip:
        named = {kind: self.part(f"layers--{kind}") for kind in ("error", "warning", "muted")}
        segments = [segment for cell in cells for segment in _segments(cell, style, named, uncolored)]
        left, width = self.scroll_offset.x, self.size.width
        return Strip(segments).extend_cell_length(left + width, pad).crop(left, left + width)


def _sized(cell: Cell) -> str:
    """Its text in its width: padded, or cut with an ellipsis."""
    text = clean(cell.text)
    length = cell_len(text)
    if length > cell.width:
        text = set_cell_size(text, max(cell.width - 1, 0)).rstrip() + "…"
    elif cell.right:
        text = " " * (cell.width - length) + text
    return set_cell_size(text, cell.width)


def _segments(cell: Cell, style: Style, named: Mapping[str, Style], uncolored: bool) -> tuple[Segment, Segment]:
    """A cell in `style` and the style of its kind, and the blank behind it."""
    own = Style(italic=cell.kind == "given" or None)
    if cell.kind in named:
        own = Style(color=named[cell.kind].color, bold=named[cell.kind].bold)
    return Segment(_sized(cell), style + (own.without_color if uncolored else own)), Segment(" ", style)


def _changed(now: Sequence[Cell], was: Sequence[Cell]) -> tuple[int, int]:
    """The first column in which two lines differ, and how many up to the last cell that does; all, of other widths."""
    if [cell.width for cell in now] != [cell.width for cell in was]:
        return 0, sum(cell.width + 1 for cell in (*now, *was))
    lefts = list(accumulate((cell.width + 1 for cell in now), initial=0))
    changed = [at for at, (one, other) in enumerate(zip(now, was, strict=True)) if one != other]
    return lefts[changed[0]], lefts[changed[-1]] + now[changed[-1]].width - lefts[changed[0]]


def _texts(view: StackView, at: int, columns: Columns | None) -> tuple[Text, ...]:
    """The cells of the first line of a row."""
    return tuple(Text(clean(cell.text)) for cell in view.lines(at, columns or view.columns(UNSEEN))[0])
