"""Tables of plain data as widgets: every cell is cleaned text, so that no name is taken for markup."""

from __future__ import annotations

from rich.text import Text

from nnviz.tui.text import clean
from nnviz.tui.widgets.rows import Rows
from nnviz.tui.widgets.table import TextTable
from nnviz.views.table import Line, Table

STYLES = {"": "", "chosen": "bold", "given": "italic", "error": "bold red"}
"""The style of each emphasis."""

LONGEST = 60
"""Characters of a cell that are shown; the rest is cut."""


def fill(widget: TextTable, table: Table) -> None:
    """Show `table`; the cursor goes where the table says."""

    def cells(at: int) -> tuple[Text, ...]:
        return _painted(table.line(at), table.right)

    widget.fill(table.heads, Rows(table.count, cells), table.elastic)
    if table.cursor is not None:
        widget.move_cursor(table.cursor)


def _painted(line: Line, right: frozenset[int]) -> tuple[Text, ...]:
    style = STYLES[line.emphasis]
    return tuple(
        Text(clean(cell, LONGEST), style, justify="right" if at in right else "left")
        for at, cell in enumerate(line.cells)
    )
