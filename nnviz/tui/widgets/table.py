"""A table of text whose cost depends on the visible rows only, so that thousands of rows are free."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from nnviz.tui.widgets.guarded import Guarded
from nnviz.tui.widgets.rows import MEASURED, Cells, Look, fit, head_strip, look, measure, row_strip

LEAST = 5
"""Rows that stay in view, however long the text below them is."""

MOST_BELOW = 14
"""Lines of the text below the rows that are shown."""


CSS = """
TextTable {
    height: 1fr;
    & > .table--head { text-style: bold; color: $text-muted; }
    & > .table--resting { background: $foreground 15%; color: $foreground; }
    & > .table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
}
"""


class TextTable(ScrollView, Guarded, can_focus=True):
    """Rows of cells under a head, with a cursor, and a text below the rows.

    Textual's DataTable makes every cell before it shows the first. The text belongs to the table because a widget of
    its own would move with every row that comes or goes, and then Textual lays out the whole screen.

    Attributes:
        rows: the cells of each row.
        cursor_row: the row of the cursor.
        below: the text below the rows.
    """

    class Highlighted(Message):
        """The user has moved the cursor to another row."""

        def __init__(self, table: TextTable, row: int) -> None:
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
        self._heads: Sequence[str] = ()
        self.rows: Sequence[Cells] = ()
        self._measured: list[int] = []
        self._elastic: int | None = None
        self._widths: list[int] = []
        self._plain: Style | None = None
        self._painted: dict[int, Look] = {}
        self._strips: list[Strip] = []
        self._focus_moves = False
        self.cursor_row = 0
        self.below = Content()

    @property
    def columns_width(self) -> int:
        """The width of all columns together, uncut."""
        return sum(self._measured)

    def fill(
        self, heads: Sequence[str], rows: Sequence[Cells], elastic: int | None = None, below: Content | None = None
    ) -> None:
        """Show these rows. Only the lines that differ are repainted, which takes longer than to compare them.

        Args:
            heads: the head of each column.
            rows: the cells.
            elastic: the column that is cut, with an ellipsis, where all are too wide for the table.
            below: the text below the rows; none if left out.
        """
        if len(rows) <= 3 * MEASURED:
            # Made once: they are measured, compared and painted.
            rows = list(rows)
        before = (self._heads, self._widths, self._end, self._strips)
        self._heads, self.rows, self._elastic, self.below = heads, rows, elastic, below or Content()
        self._measured = measure(heads, rows, self.cursor_row)
        if self.cursor_row >= len(rows):
            self.cursor_row = max(len(rows) - 1, 0)
            self.refresh_line(self.cursor_row + 1)
        self._fit()
        if (self._heads, self._widths) != before[:2]:
            self.refresh()
            return
        for at, was in self._painted.items():
            if at < len(rows) and was != look(rows[at]):
                self.refresh_line(at + 1)
        if (self._end, self._strips) != before[2:]:
            end = min(self._end, before[2])
            self.refresh(Region(0, end, self.size.width, self.size.height - end))

    def wrap_below(self, width: int) -> list[Strip]:
        """The lines of the text below the rows."""
        if not self.below:
            return []
        style = self.visual_style
        return Visual.to_strips(self, self.below, width, None, style, apply_selection=False, pad=True)[:MOST_BELOW]

    def _fit(self) -> None:
        """Cut the elastic column and the text below to the size of the table."""
        width, height = self.container_size
        height -= self.scrollbar_size_horizontal
        most = max(height - 1 - LEAST, 0)
        self._strips = self.wrap_below(width)[:most] if width else []
        if len(self.rows) + 1 + len(self._strips) > height > 0:
            # The scrollbar takes its column.
            width = max(width - self.styles.scrollbar_size_vertical, 0)
            self._strips = self.wrap_below(width)[:most]
        self._widths = fit(self._measured, self._elastic, width)
        size = Size(sum(self._widths), len(self.rows) + 1 + len(self._strips))
        if size != self.virtual_size:
            self.set_reactive(TextTable.virtual_size, size)
            if size.width > width or size.height > height or any(self.scrollbars_enabled):
                # If a scrollbar appears or moves, the screen is laid out again; the rows do not wait for that.
                self.call_after_refresh(self.refresh, layout=True)

    @property
    def _end(self) -> int:
        """The line below the last visible row."""
        height = self.size.height - self.scrollbar_size_horizontal
        return min(len(self.rows) + 1 - self.scroll_offset.y, height - len(self._strips))

    def on_resize(self) -> None:
        """Fit into the new size; the row of the cursor stays in view."""
        self._fit()
        self.call_after_refresh(lambda: self.move_cursor(self.cursor_row))
        self.refresh()

    def move_cursor(self, row: int) -> None:
        """Move the cursor to a row and scroll there, without a message."""
        before, self.cursor_row = self.cursor_row, max(min(row, len(self.rows) - 1), 0)
        region = Region(0, self.cursor_row, 1, 2 + len(self._strips))
        self.scroll_to_region(region, animate=False, force=True, x_axis=False, immediate=True)
        for changed in {before, self.cursor_row}:
            self.refresh_line(changed + 1)

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
        self._go(self.cursor_row + by * max(self.size.height - 2 - len(self._strips), 1))

    def action_end(self, way: int) -> None:
        """Move to the first row or the last."""
        self._go(0 if way < 0 else len(self.rows) - 1)

    def on_click(self, event: Click) -> None:
        """Move to the row under the mouse."""
        if 1 <= event.y < self._end:
            self._go(event.y - 1 + self.scroll_offset.y)

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Repaint the row of the cursor. Textual repaints all rows: a key to another panel then takes 13 ms more."""
        self._focus_moves = True

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Repaint all or these regions; the row of the cursor alone, where that is due to the focus."""
        if not regions and self._focus_moves:
            self._focus_moves = False
            regions = (self.cursor_region(),)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def cursor_region(self) -> Region:
        """The row with the cursor, as it is seen."""
        return Region(0, self.cursor_row + 1 - self.scroll_offset.y, self.size.width, 1)

    def notify_style_update(self) -> None:
        """The styles have changed."""
        super().notify_style_update()
        self._plain = None
        if self._strips:
            # The styles of the text below follow those of the table.
            self.call_later(self.recolour)

    def recolour(self) -> None:
        """Wrap the text below the rows again, in the present colors."""
        self._fit()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Render the head, a visible row, or a line of the text below."""
        if self._plain is None:
            # Kept, because Textual computes it from all ancestors on every access.
            self._plain = self.rich_style
        plain, view = self._plain, (self.scroll_offset.x, self.size.width)
        if y == 0:
            return head_strip(self._heads, self._widths, self.get_component_rich_style("table--head"), plain, *view)
        if y == 1:
            # What is no longer visible need not be compared.
            last = self.scroll_offset.y + self.size.height
            self._painted = {row: kept for row, kept in self._painted.items() if self.scroll_offset.y <= row < last}
        if y >= self._end:
            at = y - self._end
            strip = self._strips[at] if at < len(self._strips) else Strip([])
            return strip.extend_cell_length(self.size.width, plain)
        row = y - 1 + self.scroll_offset.y
        cells = self.rows[row]
        self._painted[row] = look(cells)
        if row != self.cursor_row:
            return row_strip(cells, self._widths, plain, False, *view)
        style = self.get_component_rich_style("table--cursor" if self.has_focus else "table--resting")
        # On the color of the cursor no other text color is readable.
        return row_strip(cells, self._widths, style, self.has_focus, *view)
