"""The rows of the stack, each of one line or more."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
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


class LayerList(RowView):
    """The rows of a `StackView` with a cursor. While training goes on, only the cells that change are repainted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"layers--error", "layers--warning", "layers--muted"}
    DEFAULT_CSS = CSS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: StackView | None = None
        self._columns: Columns | None = None
        self._starts: list[int] = [0]
        self._lines: dict[int, tuple[Cell, ...]] = {}

    def show(self, view: StackView) -> None:
        """Show these rows, with the cursor where the view has it."""
        before = (self._columns, self._starts)
        self._view, self.rows = view, Rows(len(view.rows), self._texts)
        self._fit()
        if (self._columns, self._starts) != before:
            self.refresh()
        else:
            self._refresh_changed()
        if self.cursor_row != view.cursor or (self._columns, self._starts) != before:
            self.cursor_row = min(self.cursor_row, len(view.rows) - 1)
            self.move_cursor(view.cursor)

    def _texts(self, at: int) -> tuple[Text, ...]:
        """The cells of the first line of a row."""
        assert self._view is not None  # noqa: S101 (there are rows)
        columns = self._columns or self._view.columns(UNSEEN)
        return tuple(Text(clean(cell.text)) for cell in self._view.lines(at, columns)[0])

    def _refresh_changed(self) -> None:
        """Repaint the cells that differ from what is painted."""
        for line, was in self._lines.items():
            now = self._line(line)
            if now == was:
                continue
            if [cell.width for cell in now] != [cell.width for cell in was]:
                self.refresh_line(line + 1)
                continue
            lefts = list(accumulate((cell.width + 1 for cell in now), initial=0))
            changed = [at for at, (one, other) in enumerate(zip(now, was, strict=True)) if one != other]
            left, end = lefts[changed[0]], lefts[changed[-1]] + now[changed[-1]].width
            region = Region(left - self.scroll_offset.x, line + 1 - self.scroll_offset.y, end - left, 1)
            self.refresh(region)

    def lines_of(self, row: int) -> tuple[int, int]:
        """The first line of a row, and that after its last."""
        row = min(row, len(self._starts) - 2)
        return (self._starts[row], self._starts[row + 1]) if row >= 0 else (0, 0)

    def row_of(self, line: int) -> int:
        """The row that a line belongs to."""
        return bisect_right(self._starts, line, hi=len(self._starts) - 1) - 1

    def _line(self, line: int) -> tuple[Cell, ...]:
        if self._view is None or self._columns is None or not 0 <= line < self._starts[-1]:
            return ()
        row = self.row_of(line)
        return self._view.lines(row, self._columns)[line - self._starts[row]]

    def _fit(self) -> None:
        """Share the width among the columns."""
        if self._view is None:
            return
        width, height = self.container_size
        columns = self._lay_out(self._view, width)
        if self._starts[-1] + 1 > height > 0:
            # The scrollbar takes its column.
            width = max(width - self.styles.scrollbar_size_vertical, 0)
            columns = self._lay_out(self._view, width)
        size = Size(columns.width, self._starts[-1] + 1)
        if size != self.virtual_size:
            self.set_reactive(LayerList.virtual_size, size)
            if size.width > width or size.height > height or any(self.scrollbars_enabled):
                # If a scrollbar appears or moves, the screen is laid out again; the rows do not wait for that.
                self.call_after_refresh(self.refresh, layout=True)

    def _lay_out(self, view: StackView, width: int) -> Columns:
        self._columns = columns = view.columns(width or UNSEEN)
        self._starts = list(accumulate((1 + len(lines_below(row, columns)) for row in view.rows), initial=0))
        return columns

    def on_resize(self) -> None:
        """Fit into the new size; the row of the cursor stays in view."""
        self._fit()
        self.call_after_refresh(lambda: self.move_cursor(self.cursor_row))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render the head, or a line of a visible row."""
        plain, view, columns, line = self.plain, self._view, self._columns, y - 1 + self.scroll_offset.y
        if view is None or columns is None:
            return Strip.blank(self.size.width, plain)
        if y == 0:
            return self._strip(view.heads(columns), self.get_component_rich_style("table--head"), plain)
        if y == 1:
            self._lines = {at: was for at, was in self._lines.items() if line <= at < line + self.size.height}
        if line >= self._starts[-1]:
            return Strip.blank(self.size.width, plain)
        self._lines[line] = cells = self._line(line)
        if self.row_of(line) != self.cursor_row:
            return self._strip(cells, plain, plain)
        style = self.get_component_rich_style("table--cursor" if self.has_focus else "table--resting")
        # On the color of the cursor no other text color is readable.
        return self._strip(cells, style, style, self.has_focus)

    def _strip(self, cells: Sequence[Cell], style: Style, pad: Style, uncoloured: bool = False) -> Strip:
        segments: list[Segment] = []
        for cell in cells:
            own = Style(italic=True) if cell.kind == "given" else Style.null()
            if cell.kind not in ("", "given"):
                named = self.get_component_rich_style(f"layers--{cell.kind}")
                own = Style(color=named.color, bold=named.bold)
            segments += [Segment(_sized(cell), style + (own.without_color if uncoloured else own)), Segment(" ", style)]
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
