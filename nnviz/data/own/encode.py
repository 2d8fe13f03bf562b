"""From the columns of a table to arrays: texts become one input for each of them, missing rows are left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nnviz.data.own.column import ColumnData, too_close
from nnviz.data.own.reading import MOST_NUMBERS, too_large
from nnviz.data.own.schemas import loaded
from nnviz.data.own.source import Column, Loaded, Source, shown
from nnviz.data.own.table import Table
from nnviz.data.own.targets import in_order, of_numbers, of_texts
from nnviz.errors import DataError

MOST_ONE_HOT = 100
"""The most different texts of a column that is an input."""

Kept = NDArray[np.bool_] | None


def encoded(table: Table, source: Source) -> Loaded:
    """The data set in a table.

    Raises:
        DataError: too few rows are left, a column is constant, or has too many different texts.
    """
    columns = table.columns
    for column in columns.values():
        if column.kind is None:
            raise DataError(
                f"{source.name}: column '{column.name}' is empty in every row", "leave it out with --ignore"
            )
    kept, rows, notes = _kept(table, source)
    if table.header is False:
        notes.append("There is no header: columns are called by their numbers.")
    target = columns[table.target]
    chosen = _rows(target, kept)
    if target.kind == "text":
        targets = of_texts(chosen.astype(np.int32, copy=False), target.texts, source, target.name)
    else:
        targets = of_numbers(chosen, source, target.name)
    inputs = {at: column for at, column in columns.items() if at != table.target}
    counter = _numbering(table, inputs, kept)
    if counter is not None and len(inputs) > 1:
        del inputs[counter]
        notes.append(f"{table.names[counter]} has no name and numbers the rows: it is left out.")
    array, features, made = _inputs(inputs, kept, rows, source)
    said = []
    for at, name in enumerate(table.names):
        if at == table.target:
            said.append(Column(name, str(target.kind), targets.made))
        else:
            said.append(made.get(at, Column(name, "number" if at == counter else "", "left out")))
    return loaded(source, array, targets, features, tuple(said), tuple(notes))


def _kept(table: Table, source: Source) -> tuple[Kept, int, list[str]]:
    """The rows without a missing cell (None if all are), how many they are, and what to say.

    Raises:
        DataError: a cell is missing, and such rows are not to be dropped; or no row is left.
    """
    gaps = [column for column in table.columns.values() if column.gap is not None]
    if not gaps:
        return None, table.rows, []
    kept, cells = np.ones(table.rows, np.bool_), 0
    for column in gaps:
        missing = column.missing()
        kept &= ~missing
        cells += int(missing.sum())
    rows = int(kept.sum())
    if not source.drop_missing:
        cell, what = min((column.gap for column in gaps if column.gap), key=lambda gap: gap[0].row)
        more = f", the first of {cells:,} missing cells in {_counted(table.rows - rows, 'row')}" if cells > 1 else ""
        raise DataError(f"{source.name}: {cell} {what}{more}", "fill it, or drop such rows with --drop-missing")
    if rows == 0:
        raise DataError(f"{source.name}: every row has a missing cell", "leave out columns with --ignore")
    return kept, rows, [f"{table.rows - rows:,} of {table.rows:,} rows have a missing cell: they are left out."]


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _rows(column: ColumnData, kept: Kept) -> NDArray[np.generic]:
    values = column.values()
    return values if kept is None else values[kept]


def _numbering(table: Table, inputs: dict[int, ColumnData], kept: Kept) -> int | None:
    """The position of the first column if it has no name and its numbers count the rows."""
    first = inputs.get(0)
    if first is None or not table.header or first.kind != "number" or table.names[0] != "column 1" or kept is not None:
        return None
    cells = first.cells()
    start = float(cells[0])
    counted = np.arange(start, start + len(cells)).astype(cells.dtype)
    return 0 if np.array_equal(cells, counted) else None


def _inputs(
    inputs: dict[int, ColumnData], kept: Kept, rows: int, source: Source
) -> tuple[NDArray[np.float32], tuple[str, ...], dict[int, Column]]:
    """The inputs (rows, features), the names of the features, and what was made of each column."""
    widths = {}
    for at, column in inputs.items():
        widths[at] = len(column.texts) if column.kind == "text" else 1
        if widths[at] > MOST_ONE_HOT:
            raise DataError(
                f"{source.name}: column '{column.name}' has {widths[at]} different texts; each would be an input, "
                f"and {MOST_ONE_HOT} are the most",
                "leave it out with --ignore",
            )
        if widths[at] > max(10, rows // 2):
            raise DataError(
                f"{source.name}: column '{column.name}' has {widths[at]} different texts in {rows} rows: "
                "each would be an input",
                "leave it out with --ignore",
            )
        if column.kind == "number" and too_close(column.low, column.high):
            raise DataError(
                f"{source.name}: column '{column.name}' goes from {column.low:.15g} to {column.high:.15g}, "
                "which float32 cannot tell apart well enough",
                "subtract a constant from it, or leave it out with --ignore",
            )
    total = sum(widths.values())
    if rows * total > MOST_NUMBERS:
        raise too_large(source.name, rows * total)
    array = np.empty((rows, total), np.float32)
    features: list[str] = []
    made: dict[int, Column] = {}
    for at, column in inputs.items():
        values = _rows(column, kept)
        start = len(features)
        if column.kind == "number":
            _refuse_constant(column.name, values, source)
            array[:, start] = values
            features.append(column.name)
            made[at] = Column(column.name, "number", "an input", 1)
            continue
        codes, texts = in_order(values.astype(np.int32, copy=False), column.texts)
        _refuse_constant(column.name, codes, source)
        for number, text in enumerate(texts):
            array[:, start + number] = codes == number
            features.append(shown(f"{column.name}={text}"))
        what = f"{len(texts)} inputs, one for each text: {_few(texts)}"
        made[at] = Column(column.name, "text", what, len(texts), tuple(texts))
    # Texts of rows that were left out have no input.
    return array[:, : len(features)], tuple(features), made


def _few(texts: list[str]) -> str:
    return ", ".join(shown(text, 20) for text in texts[:5]) + (", …" if len(texts) > 5 else "")


def _refuse_constant(name: str, values: NDArray[np.generic], source: Source) -> None:
    if len(values) > 1 and (values == values[0]).all():
        raise DataError(
            f"{source.name}: column '{name}' is the same in every row: it says nothing",
            f"leave it out: --ignore '{name}'",
        )


def names_of(prefix: str, count: int) -> Iterator[str]:
    """x1, x2 and so on."""
    return (f"{prefix}{number}" for number in range(1, count + 1))
