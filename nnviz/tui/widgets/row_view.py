"""Rows with a cursor, of which only the visible ones are made and painted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView

from nnviz.tui.widgets.guarded import Guarded
from nnviz.tui.widgets.rows import Cells

CSS = """
RowView {
    height: 1fr;
    & > .table--head { text-style: bold; color: $text-muted; }
    & > .table--resting { background: $foreground 15%; color: $foreground; }
    & > .table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
}
"""


class RowView(ScrollView, Guarded, can_focus=True):
    """The base of lists: rows of one line or more under a head, and a cursor that keys and clicks move.

    Attributes:
        rows: the cells of each row.
        cursor_row: the row of the cursor.
    """

    class Highlighted(Message):
        """The user has moved the cursor to another row."""

        def __init__(self, table: RowView, row: int) -> None:
            super().__init__()
            self.table = table
            self.row = row

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--head", "table--cursor", "table--resting"}
    DEFAULT_CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor(1)", "Down", show=False),
        Binding("k,up", "cursor(-1)", "Up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("home,ctrl+home", "end(-1)", "First", show=False),
        Binding("end,ctrl+end", "end(1)", "Last", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows: Sequence[Cells] = ()
        self._focus_moves = False
        self.cursor_row = 0

    def lines_of(self, row: int) -> tuple[int, int]:
        """The first line of a row, and that after its last, counted without the head."""
        return row, row + 1

    def row_of(self, line: int) -> int:
        """The row that a line belongs to."""
        return line

    def _fit(self) -> None:
        """Share the present size among the columns, and call `take_size`."""

    def take_size(self, size: Size, room: Size) -> None:
        """Take `size` for head and rows together, of which `room` is in view."""
        if size == self.virtual_size:
            return
        self.set_reactive(RowView.virtual_size, size)
        if size.width > room.width or size.height > room.height or any(self.scrollbars_enabled):
            # If a scrollbar appears or moves, the screen is laid out again; the rows do not wait for that.
            self.call_after_refresh(self.refresh, layout=True)

    def on_resize(self) -> None:
        """Fit into the new size; the row of the cursor stays in view."""
        self._fit()
        self.call_after_refresh(lambda: self.move_cursor(self.cursor_row))
        self.refresh()

    def move_cursor(self, row: int) -> None:
        """Move the cursor to a row and scroll there, without a message."""
        before, self.cursor_row = self.cursor_row, max(min(row, len(self.rows) - 1), 0)
        first, end = self.lines_of(self.cursor_row)
        region = Region(0, first, 1, end - first + 1)
        self.scroll_to_region(region, animate=False, force=True, x_axis=False, immediate=True)
        for changed in {before, self.cursor_row}:
            self.refresh(self._region_of(changed))

    def _region_of(self, row: int) -> Region:
        """The lines of a row, as they are seen."""
        first, end = self.lines_of(row)
        return Region(0, first + 1 - self.scroll_offset.y, self.size.width, end - first)

    def _go(self, row: int) -> None:
        before = self.cursor_row
        self.move_cursor(row)
        if self.cursor_row != before:
            self.post_message(self.Highlighted(self, self.cursor_row))

    def action_cursor(self, by: int) -> None:
        """Move by rows."""
        self._go(self.cursor_row + by)

    def action_page(self, by: int) -> None:
        """Move by a page."""
        page, (first, _) = max(self.size.height - 2, 1), self.lines_of(self.cursor_row)
        end = self.lines_of(max(len(self.rows) - 1, 0))[1]
        row = self.row_of(min(max(first + by * page, 0), end - 1))
        self._go(row if row != self.cursor_row else row + by)

    def action_end(self, way: int) -> None:
        """Move to the first row or the last."""
        self._go(0 if way < 0 else len(self.rows) - 1)

    def on_click(self, event: Click) -> None:
        """Move to the row under the mouse."""
        line = event.y - 1 + self.scroll_offset.y
        if event.y >= 1 and self.rows and line < self.lines_of(len(self.rows) - 1)[1]:
            self._go(self.row_of(line))

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Repaint the row of the cursor. Textual repaints all rows: a key to another panel then takes 13 ms more."""
        self._focus_moves = True

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Repaint all or these regions; the row of the cursor alone, where that is due to the focus."""
        if not regions and self._focus_moves:
            self._focus_moves = False
            regions = (self._region_of(self.cursor_row),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
