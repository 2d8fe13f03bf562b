"""A table of text that costs what is seen of it: rows are made when they come into view, so that thousands are free."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, overload

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nnviz.tui.widgets.guarded import Guarded
from nnviz.tui.widgets.partial_refresh import PartialRefresh

NARROWEST = 8
"""Cells below which nothing is cut: the table scrolls then."""

MEASURED = 50
"""Of a table with more than three times as many rows, so many at its ends and around the cursor are measured."""

LEAST = 5
"""Rows that stay in view, whatever stands below them."""

Cells = Sequence[Text]
Look = tuple[tuple[str, str], ...]


class Rows(Sequence[Cells]):
    """Rows that are made one by one, when they are asked for.

    Args:
        count: how many there are.
        make: gives the cells of one.
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


class TextTable(ScrollView, Guarded, PartialRefresh, can_focus=True):
    """Rows of cells under a head, with a cursor. Textual's own table makes every cell before it shows the first.

    Attributes:
        cursor_row: the row the cursor is on.
    """

    class Highlighted(Message):
        """The user put the cursor on another row."""

        def __init__(self, table: TextTable, row: int) -> None:
            super().__init__()
            self.table = table
            self.row = row

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--head", "table--cursor", "table--resting"}
    DEFAULT_CSS = """
    TextTable {
        height: 1fr;
        & > .table--head { text-style: bold; color: $text-muted; }
        & > .table--resting { background: $foreground 15%; color: $foreground; }
        & > .table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """
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
        self._rows: Sequence[Cells] = ()
        self._wishes: list[int] = []
        self._elastic: int | None = None
        self._widths: list[int] = []
        self._plain: Style | None = None
        self._painted: dict[int, Look] = {}
        self._below: list[Strip] = []
        self.cursor_row = 0

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    @property
    def columns_width(self) -> int:
        """The cells that all columns would take together."""
        return sum(self._wishes)

    def get_row_at(self, row: int) -> Cells:
        """The cells of one row."""
        return self._rows[row]

    def fill(self, heads: Sequence[str], rows: Sequence[Cells], elastic: int | None = None) -> None:
        """Show these rows; every cell is text, so that nothing in a name is taken for markup.

        Where the columns are too wide for the table, column number `elastic` is cut, with an ellipsis. Painted is only
        what looks different then: of many rows few change at a time, and to paint one takes longer than to compare it.
        """
        if len(rows) <= 3 * MEASURED:
            # Made once: they are measured, compared and painted.
            seen = rows = list(rows)
        else:
            first = min(max(self.cursor_row - MEASURED // 2, MEASURED), len(rows) - 2 * MEASURED)
            seen = [*rows[:MEASURED], *rows[first : first + MEASURED], *rows[-MEASURED:]]
        widths = [cell_len(head) for head in heads]
        for row in seen:
            widths = [max(width, cell.cell_len) for width, cell in zip(widths, row, strict=True)]
        before = (self._heads, self._widths, self._end, self._below)
        self._heads, self._rows, self._wishes, self._elastic = heads, rows, widths, elastic
        if self.cursor_row >= len(rows):
            self.cursor_row = max(len(rows) - 1, 0)
            self.refresh_line(self.cursor_row + 1)
        self._fit()
        if (self._heads, self._widths) != before[:2]:
            self.refresh()
            return
        for at, look in self._painted.items():
            if at < len(rows) and look != _look(rows[at]):
                self.refresh_line(at + 1)
        if (self._end, self._below) != before[2:]:
            end = min(self._end, before[2])
            self.refresh(Region(0, end, self.size.width, self.size.height - end))

    def below(self, width: int) -> list[Strip]:  # noqa: ARG002 (for those that have something there)
        """What stands below the rows, in `width` columns, and stays in view where these do not."""
        return []

    def _fit(self) -> None:
        """Cut the elastic column to the room there is, and what stands below the rows."""
        width, height = self.container_size
        height -= self.scrollbar_size_horizontal
        most = max(height - 1 - LEAST, 0)
        self._below = self.below(width)[:most] if width else []
        if len(self._rows) + 1 + len(self._below) > height > 0:
            # The scrollbar takes its column.
            width = max(width - self.styles.scrollbar_size_vertical, 0)
            self._below = self.below(width)[:most]
        self._widths = list(self._wishes)
        excess = sum(self._wishes) - width
        if self._elastic is not None and width and excess > 0:
            self._widths[self._elastic] = max(self._widths[self._elastic] - excess, NARROWEST)
        size = Size(sum(self._widths), len(self._rows) + 1 + len(self._below))
        if size != self.virtual_size:
            self.set_reactive(TextTable.virtual_size, size)
            if size.width > width or size.height > height or any(self.scrollbars_enabled):
                # Where a scrollbar comes, goes or moves, the screen is laid out anew; the rows do not wait for it.
                self.call_after_refresh(self.refresh, layout=True)

    @property
    def _end(self) -> int:
        """The line below the last row that is in view."""
        height = self.size.height - self.scrollbar_size_horizontal
        return min(len(self._rows) + 1 - self.scroll_offset.y, height - len(self._below))

    def on_resize(self) -> None:
        """There is other room; the row of the cursor stays in view."""
        self._fit()
        self.call_after_refresh(lambda: self.move_cursor(self.cursor_row))
        self.refresh()

    def move_cursor(self, row: int) -> None:
        """Put the cursor on a row, and bring that into view; nobody is told."""
        before, self.cursor_row = self.cursor_row, max(min(row, len(self._rows) - 1), 0)
        region = Region(0, self.cursor_row, 1, 2 + len(self._below))
        self.scroll_to_region(region, animate=False, force=True, x_axis=False, immediate=True)
        for changed in {before, self.cursor_row}:
            self.refresh_line(changed + 1)

    def _go(self, row: int) -> None:
        before = self.cursor_row
        self.move_cursor(row)
        if self.cursor_row != before:
            self.post_message(self.Highlighted(self, self.cursor_row))

    def action_cursor(self, by: int) -> None:
        """Down or up."""
        self._go(self.cursor_row + by)

    def action_page(self, by: int) -> None:
        """A page down or up."""
        self._go(self.cursor_row + by * max(self.size.height - 2 - len(self._below), 1))

    def action_end(self, way: int) -> None:
        """To the first row or the last."""
        self._go(0 if way < 0 else len(self._rows) - 1)

    def on_click(self, event: Click) -> None:
        """The row under the mouse."""
        if 1 <= event.y < self._end:
            self._go(event.y - 1 + self.scroll_offset.y)

    def focus_regions(self) -> tuple[Region, ...]:
        """The row of the cursor."""
        return (Region(0, self.cursor_row + 1 - self.scroll_offset.y, self.size.width, 1),)

    def notify_style_update(self) -> None:
        """The colours are others now."""
        super().notify_style_update()
        self._plain = None
        if self._below:
            # The styles of its parts follow after its own.
            self.call_later(self.recolour)

    def recolour(self) -> None:
        """Wrap what stands below the rows anew, in the colours there are now."""
        self._fit()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The head stays; below it the rows that are in view."""
        if self._plain is None:
            # Looked up once: Textual puts it together from the whole tree at every asking.
            self._plain = self.rich_style
        width, plain = self.size.width, self._plain
        if y == 0:
            head = [
                Segment(set_cell_size(head, size), self.get_component_rich_style("table--head"))
                for head, size in zip(self._heads, self._widths, strict=True)
            ]
            return self._strip(head, plain)
        if y == 1:
            # From here on what is in view is painted; the rest is not to be compared.
            last = self.scroll_offset.y + self.size.height
            self._painted = {row: kept for row, kept in self._painted.items() if self.scroll_offset.y <= row < last}
        row = y - 1 + self.scroll_offset.y
        if y >= self._end:
            at = y - self._end
            words = self._below[at] if at < len(self._below) else Strip([])
            return words.extend_cell_length(width, plain)
        own = self._rows[row]
        self._painted[row] = _look(own)
        style = plain
        if row == self.cursor_row:
            name = "table--cursor" if self.has_focus else "table--resting"
            style = self.get_component_rich_style(name)
        # On the cursor's colour only its own can be read.
        plainly = row == self.cursor_row and self.has_focus
        cells = [_cell(text, size, style, plainly) for text, size in zip(own, self._widths, strict=True)]
        return self._strip(cells, style)

    def _strip(self, segments: list[Segment], style: Style) -> Strip:
        left = self.scroll_offset.x
        return Strip(segments).extend_cell_length(left + self.size.width, style).crop(left, left + self.size.width)


def _look(cells: Cells) -> Look:
    """What a row looks like, to be compared: rich's own comparison of texts leaves their style out."""
    return tuple((cell.plain, str(cell.style)) for cell in cells)


def _cell(text: Text, size: int, style: Style, plainly: bool) -> Segment:
    """A cell: cut with an ellipsis, or filled up on the side away from where its text stands."""
    words, length = text.plain, text.cell_len
    if length > size:
        words = set_cell_size(words, size - 1).rstrip() + "…"
    elif text.justify == "right":
        words = " " * (size - length) + words
    own = Style.parse(text.style) if isinstance(text.style, str) else text.style
    return Segment(set_cell_size(words, size), style + (own.without_color if plainly else own))
