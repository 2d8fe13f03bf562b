"""Filling a table: columns as wide as their content, and only what differs drawn anew."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text
from textual.coordinate import Coordinate
from textual.widgets import DataTable

NARROWEST = 8
"""Cells below which nothing is cut: the table scrolls then."""


class TextTable(DataTable[Text]):
    """A table of text whose rows are handed over whole.

    The widths are computed here: the table's own measuring comes a moment later, and a refill in between upsets it.
    """

    @property
    def columns_width(self) -> int:
        """The cells that all columns take together."""
        return sum(column.width for column in self.columns.values())

    def fill(self, heads: Sequence[str], rows: Sequence[Sequence[Text]], elastic: int | None = None) -> None:
        """Show these rows; every cell is text, so that nothing in a name is taken for markup.

        Where the columns are too wide for the table, column number `elastic` is cut, with an ellipsis.
        """
        widths = [max([len(head), *(row[at].cell_len for row in rows)]) for at, head in enumerate(heads)]
        excess = sum(widths) - self.size.width
        if elastic is not None and self.size.width and excess > 0:
            widths[elastic] = max(widths[elastic] - excess, NARROWEST)
            for row in rows:
                row[elastic].truncate(widths[elastic], overflow="ellipsis")
        shown = [(str(column.label), column.width) for column in self.ordered_columns]
        if shown != list(zip(heads, widths, strict=True)):
            self.clear(columns=True)
            for head, width in zip(heads, widths, strict=True):
                self.add_column(Text(head), width=width)
        if self.row_count != len(rows):
            self.clear()
            self.add_rows(rows)
            return
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                place = Coordinate(at, column)
                before = self.get_cell_at(place)
                if before != cell or before.spans != cell.spans or before.style != cell.style:
                    self.update_cell_at(place, cell)
