"""A table of text whose cost depends on the visible rows only, so that thousands of rows are free."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size
from textual.strip import Strip

from nnviz.tui.widgets.row_view import RowView
from nnviz.tui.widgets.rows import MEASURED, Cells, Look, fit, head_strip, look, measure, row_strip


class TextTable(RowView):
    """Rows of cells under a head, with a cursor. Textual's DataTable makes every cell before it shows the first."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._heads: Sequence[str] = ()
        self._measured: list[int] = []
        self._elastic: int | None = None
        self._widths: list[int] = []
        self._painted: dict[int, Look] = {}

    @property
    def columns_width(self) -> int:
        """The width of all columns together, uncut."""
        return sum(self._measured)

    def fill(self, heads: Sequence[str], rows: Sequence[Cells], elastic: int | None = None) -> None:
        """Show these rows. Only the lines that differ are repainted, which takes longer than to compare them.

        Args:
            heads: the head of each column.
            rows: the cells.
            elastic: the column that is cut, with an ellipsis, where all are too wide for the table.
        """
        if len(rows) <= 3 * MEASURED:
            # Made once: they are measured, compared and painted.
            rows = list(rows)
        before, count = (self._heads, self._widths), len(self.rows)
        self._heads, self.rows, self._elastic = heads, rows, elastic
        self._measured = measure(heads, rows, self.cursor_row)
        if self.cursor_row >= len(rows):
            self.cursor_row = max(len(rows) - 1, 0)
            self.refresh_line(self.cursor_row + 1)
        self._fit()
        if (self._heads, self._widths) != before:
            self.refresh()
            return
        for at, was in self._painted.items():
            if at < len(rows) and was != look(rows[at]):
                self.refresh_line(at + 1)
        if len(rows) != count:
            first = min(len(rows), count)
            self.refresh_lines(first + 1, max(len(rows), count) - first)

    def _fit(self) -> None:
        """Cut the elastic column to the size of the table."""
        width, height = self.container_size
        height -= self.scrollbar_size_horizontal
        if len(self.rows) + 1 > height > 0:
            # The scrollbar takes its column.
            width = max(width - self.styles.scrollbar_size_vertical, 0)
        self._widths = fit(self._measured, self._elastic, width)
        self.take_size(Size(sum(self._widths), len(self.rows) + 1), Size(max(width, 0), max(height, 0)))

    def render_line(self, y: int) -> Strip:
        """Render the head or a visible row."""
        plain, view = self.part(), (self.scroll_offset.x, self.size.width)
        if y == 0:
            return head_strip(self._heads, self._widths, self.part("table--head"), plain, *view)
        if y == 1:
            # What is no longer visible need not be compared.
            last = self.scroll_offset.y + self.size.height
            self._painted = {row: kept for row, kept in self._painted.items() if self.scroll_offset.y <= row < last}
        row = y - 1 + self.scroll_offset.y
        if row >= len(self.rows):
            return Strip.blank(self.size.width, plain)
        cells = self.rows[row]
        self._painted[row] = look(cells)
        if row != self.cursor_row:
            return row_strip(cells, self._widths, plain, False, *view)
        style = self.part("table--cursor" if self.has_focus else "table--resting")
        # On the color of the cursor no other text color is readable.
        return row_strip(cells, self._widths, style, self.has_focus, *view)
