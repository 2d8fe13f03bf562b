"""A table of plain data, painted: every cell is cleaned text, so that nothing in a name is taken for markup."""

from __future__ import annotations

from rich.text import Text

from nnviz.tui.text import clean
from nnviz.tui.widgets.table import Rows, TextTable
from nnviz.views.table import Line, Table

STYLES = {"": "", "chosen": "bold", "given": "italic", "error": "bold red"}
"""How a line is painted that stands out."""

LONGEST = 60
"""Characters of a cell that are shown."""


def fill(widget: TextTable, table: Table) -> None:
    """Show `table`; its cursor goes where the table says."""

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
