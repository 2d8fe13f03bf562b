"""Rows for a network that was trained on a table: the same columns become the same inputs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnviz.data.own.column import MISSING, Cell, has_decimal_comma, is_number
from nnviz.data.own.reading import MOST_NUMBERS, Watch, opened, stamp, too_large
from nnviz.data.own.source import Column, Source, shown
from nnviz.data.own.table import read_cells, unique
from nnviz.errors import DataError

LARGEST = float(np.finfo(np.float32).max)
"""The largest number of float32."""

NUMBERED = re.compile(r"column (\d+)")
"""How a column without a name is called."""


def read_rows(path: str, columns: Sequence[Column]) -> NDArray[np.float32]:
    """The inputs in a CSV file; columns that are no inputs, such as the target, are ignored if they are there.

    Without a header, the columns are the inputs in their order, or have the numbers that they had in the data.

    Args:
        path: the file.
        columns: those columns of the training data that became inputs.

    Shape:
        (rows, inputs)

    Raises:
        FileError: the file cannot be read.
        DataError: a column is missing; or a cell is, or holds what the training data did not have. The message says
            where.
    """
    name = Source(path).name
    width = sum(column.inputs for column in columns)
    found: list[NDArray[np.float32]] = []
    places: list[int] = []
    with opened(path, name, Watch(stamp(path)[-1])) as content:
        for cells, line in read_cells(content):
            if not places:
                places, header = _places(cells, columns, name)
                if header:
                    continue
            row: list[float] = []
            for at, column in zip(places, columns, strict=True):
                row += _inputs(cells[at].strip(), column, name, Cell(len(found) + 1, line, column.name))
            found.append(np.array(row, np.float32))
            if len(found) * width > MOST_NUMBERS:
                raise too_large(name, len(found) * width)
    if not found:
        raise DataError(f"{name}: there are no rows in it", "pass a file with a row for each prediction")
    return np.stack(found)


def _places(first: Sequence[str], columns: Sequence[Column], name: str) -> tuple[list[int], bool]:
    """The position of each column, and whether the first row is a header."""
    said = unique([cell.strip() for cell in first])
    missing = [column.name for column in columns if column.name not in said]
    if not missing:
        return [said.index(column.name) for column in columns], True
    if len(missing) == len(columns):
        numbers = [NUMBERED.fullmatch(column.name) for column in columns]
        places = list(range(len(columns)))
        if len(first) != len(columns) and all(numbers):
            places = [int(found[1]) - 1 for found in numbers if found]
        if len(first) >= len(columns) and max(places) < len(first) and _fit(first, places, columns):
            return places, False
    wanted = ", ".join(column.name for column in columns[:20]) + (", …" if len(columns) > 20 else "")
    raise DataError(f"{name}: there is no column '{missing[0]}'", f"the network needs the columns {wanted}")


def _fit(cells: Sequence[str], places: Sequence[int], columns: Sequence[Column]) -> bool:
    """Whether a row can be one of data, so that there is no header."""
    if len(cells) != len(columns) and not all(NUMBERED.fullmatch(column.name) for column in columns):
        return False
    words = [cells[at].strip() for at in places]
    return all(
        word in column.texts if column.texts else is_number(word) or word.lower() in MISSING
        for word, column in zip(words, columns, strict=True)
    )


def _inputs(word: str, column: Column, name: str, cell: Cell) -> list[float]:
    """What a cell becomes: a number, or 1 for its text and 0 for the others."""
    place = f"{name}: {cell}"
    if column.texts:
        if word in column.texts:
            return [float(word == text) for text in column.texts]
        known = ", ".join(shown(text, 20) for text in column.texts[:10]) + (", …" if len(column.texts) > 10 else "")
        what = f": '{shown(word, 30)}' does not occur in the training data" if word else " is empty"
        raise DataError(f"{place}{what}", f"there are: {known}")
    if word.lower() in MISSING:
        what = f"is '{shown(word, 20)}', which is no number" if word else "is empty"
        raise DataError(f"{place} {what}", "fill it: the network needs every input")
    if not is_number(word):
        hint = "write numbers with a point, as 3.14" if has_decimal_comma(word) else "correct the cell"
        raise DataError(f"{place}: expected a number, got '{shown(word, 30)}'", hint)
    number = float(word)
    if not abs(number) <= LARGEST:
        raise DataError(f"{place}: {shown(word, 30)} is infinite in float32", "correct the cell")
    return [number]
