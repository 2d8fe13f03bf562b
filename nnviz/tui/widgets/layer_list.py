"""The rows of the stack, each of one line or more, above a place for words that hides none of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.content import Content
from textual.events import Click
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.visual import Visual

from nnviz.tui.text import clean
from nnviz.tui.widgets.rows import Rows
from nnviz.tui.widgets.table import TextTable
from nnviz.views.stack import Cell, StackView
from nnviz.views.stack_columns import Columns, lines_below

SHARE = 0.4
"""Share of the height that the words may take."""

LEAST_WORDS, LEAST_ROWS = 3, 2
"""Lines of the words and of the rows that there are at least; where there is no room for both, the rows go before."""

CSS = """
LayerList {
    & > .layers--error { color: $text-error; text-style: bold; }
    & > .layers--warning { color: $text-warning; }
    & > .layers--muted { color: $text-muted; }
    & > .layers--divider { color: $foreground 50%; }
}
"""

Line = tuple[Cell, ...]


class LayerList(TextTable):
    """The rows of a `StackView` with a cursor. Of what changes while training goes on, only those cells are repainted.

    Attributes:
        more: how the rest of the words is found where there is no room for all.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"layers--error", "layers--warning", "layers--muted", "layers--divider"}
    DEFAULT_CSS = CSS

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._view: StackView | None = None
        self._columns: Columns | None = None
        self._starts: list[int] = [0]
        self._lines: dict[int, Line] = {}
        self.more = ""

    def show(self, view: StackView, below: Content, more: str) -> None:
        """Show these rows, with the words below them.

        Args:
            view: the rows.
            below: the words.
            more: how the rest of them is found where there is no room for all.
        """
        shape = (self._columns, self._starts, self._end, self._strips)
        moved, self._view, self.below, self.more = self.cursor_row != view.cursor, view, below, more
        self.rows = Rows(len(view.rows), self._texts)
        self.cursor_row = min(self.cursor_row, len(view.rows) - 1)
        self._fit()
        if (self._columns, self._starts) != shape[:2]:
            self.refresh()
        else:
            self._refresh_changed()
            if (self._end, self._strips) != shape[2:]:
                end = min(self._end, shape[2])
                self.refresh(Region(0, end, self.size.width, self.size.height - end))
        if moved or (self._columns, self._starts) != shape[:2]:
            self.move_cursor(view.cursor)

    def _texts(self, at: int) -> tuple[Text, ...]:
        """The cells of the first line of a row."""
        assert self._view is not None  # noqa: S101 (there are rows)
        columns = self._columns or self._view.columns(200)
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
            left = lefts[changed[0]] - self.scroll_offset.x
            width = lefts[changed[-1]] + now[changed[-1]].width - lefts[changed[0]]
            self.refresh(Region(left, line + 1 - self.scroll_offset.y, width, 1))

    # --- lines and rows

    def _row_of(self, line: int) -> int:
        """The row that a line belongs to."""
        low, high = 0, len(self._starts) - 2
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._starts[middle] <= line else (low, middle - 1)
        return low

    def _line(self, line: int) -> Line:
        if self._view is None or self._columns is None or not 0 <= line < self._starts[-1]:
            return ()
        row = self._row_of(line)
        return self._view.lines(row, self._columns)[line - self._starts[row]]

    def _fit(self) -> None:
        """Share the width among the columns, and the height between rows and words."""
        if self._view is None:
            return
        width, height = self.container_size
        self._lay_out(width)
        self._strips = self._words(width, height)
        if self._starts[-1] + 1 + len(self._strips) > height > 0:
            # The scrollbar takes its column.
            width = max(width - self.styles.scrollbar_size_vertical, 0)
            self._lay_out(width)
            self._strips = self._words(width, height)
        assert self._columns is not None  # noqa: S101 (just laid out)
        size = Size(self._columns.width, self._starts[-1] + 1 + len(self._strips))
        if size != self.virtual_size:
            self.set_reactive(TextTable.virtual_size, size)
            if size.width > width or size.height > height or any(self.scrollbars_enabled):
                # If a scrollbar appears or moves, the screen is laid out again; the rows do not wait for that.
                self.call_after_refresh(self.refresh, layout=True)

    def _lay_out(self, width: int) -> None:
        assert self._view is not None  # noqa: S101 (the caller has asked)
        self._columns = columns = self._view.columns(width)
        heights = (1 + len(lines_below(row, columns)) for row in self._view.rows)
        self._starts = list(accumulate(heights, initial=0))

    def _words(self, width: int, height: int) -> list[Strip]:
        """The divider and the words, as many as there is room for; the last line says where the rest is."""
        room = min(max(int(SHARE * height), LEAST_WORDS), height - 1 - LEAST_ROWS)
        if not self.below or not width or room < LEAST_WORDS - 1:
            return []
        strips = Visual.to_strips(self, self.below, width, None, self.visual_style, apply_selection=False, pad=True)
        style = self.get_component_rich_style("layers--divider")
        if len(strips) > room - 1:
            more = set_cell_size(f"… {len(strips) - room + 2} more lines: {self.more}", width)
            strips = [*strips[: room - 2], Strip([Segment(more, style)])]
        title = "── why, and what to do "[:width]
        return [Strip([Segment(title + "─" * (width - len(title)), style)]), *strips]

    @property
    def _end(self) -> int:
        """The line below the last visible row."""
        height = self.size.height - self.scrollbar_size_horizontal
        return min(self._starts[-1] + 1 - self.scroll_offset.y, height - len(self._strips))

    @property
    def words_top(self) -> int:
        """The line of the divider: the words stand at the foot of the page."""
        return max(self.size.height - self.scrollbar_size_horizontal - len(self._strips), self._end)

    def move_cursor(self, row: int) -> None:
        """Move the cursor to a row and scroll to all its lines, without a message."""
        before, self.cursor_row = self.cursor_row, max(min(row, len(self.rows) - 1), 0)
        if not self._starts[-1]:
            return
        first, end = self._starts[self.cursor_row], self._starts[self.cursor_row + 1]
        region = Region(0, first, 1, end - first + 1 + len(self._strips))
        self.scroll_to_region(region, animate=False, force=True, x_axis=False, immediate=True)
        for changed in {min(before, len(self.rows) - 1), self.cursor_row}:
            self.refresh_lines(self._starts[changed] + 1, self._starts[changed + 1] - self._starts[changed])

    def action_page(self, by: int) -> None:
        """Move by a page."""
        page = max(self.size.height - 2 - len(self._strips), 1)
        line = min(max(self._starts[self.cursor_row] + by * page, 0), max(self._starts[-1] - 1, 0))
        row = self._row_of(line)
        self._go(row if row != self.cursor_row else row + by)

    def on_click(self, event: Click) -> None:
        """Move to the row under the mouse."""
        event.prevent_default()
        if 1 <= event.y < self._end:
            self._go(self._row_of(event.y - 1 + self.scroll_offset.y))

    # --- painting

    def cursor_region(self) -> Region:
        """The lines of the row with the cursor, as they are seen."""
        if self.cursor_row + 1 >= len(self._starts):
            return Region()
        first, end = self._starts[self.cursor_row], self._starts[self.cursor_row + 1]
        return Region(0, first + 1 - self.scroll_offset.y, self.size.width, end - first)

    def render_line(self, y: int) -> Strip:
        """Render the head, a line of a visible row, or a line of the words."""
        if self._plain is None:
            self._plain = self.rich_style
        plain, view, columns = self._plain, self._view, self._columns
        if view is None or columns is None:
            return Strip.blank(self.size.width, plain)
        if y == 0:
            return self._strip(view.heads(columns), self.get_component_rich_style("table--head"), plain)
        if y == 1:
            first = self.scroll_offset.y
            self._lines = {line: was for line, was in self._lines.items() if first <= line < first + self.size.height}
        if y >= self._end:
            at = y - self.words_top
            strip = self._strips[at] if 0 <= at < len(self._strips) else Strip([])
            return strip.extend_cell_length(self.size.width, plain)
        line = y - 1 + self.scroll_offset.y
        self._lines[line] = cells = self._line(line)
        if self._row_of(line) != self.cursor_row:
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
            segments.append(Segment(_sized(cell), style + (own.without_color if uncoloured else own)))
            segments.append(Segment(" ", style))
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
