"""One column of a table, filled piece by piece: numbers, or texts that are numbered as they come."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnviz.data.own.source import shown
from nnviz.errors import DataError

MISSING = frozenset(("", "na", "n/a", "nan", "null", "none", "?"))
"""Cells that stand for no number, in lower case. In a column of texts only the empty one does."""

MOST_TEXTS = 1_000
"""The most different texts of a column."""

NO_TEXT = -1
"""The code of a missing text."""


class Cell:
    """Where a cell is: for messages.

    Args:
        row: the number of the row from 1, without the header.
        line: the number of the line from 1.
        column: the name of the column.
    """

    def __init__(self, row: int, line: int, column: str) -> None:
        self.row, self.line, self.column = row, line, column

    def __str__(self) -> str:
        return f"row {self.row:,} (line {self.line:,}), column '{self.column}'"


class ColumnData:
    """A column of which more and more cells are known.

    The first piece with a cell that is not missing decides whether it holds numbers or texts.

    Args:
        file: the name of the file, for messages.
        name: its name.
        exact: keep the numbers as float64, since they may become the names of classes.

    Attributes:
        gap: the first cell that is missing, and what it is instead, in words; None if none is.
    """

    def __init__(self, file: str, name: str, exact: bool) -> None:
        self.file, self.name = file, name
        self.gap: tuple[Cell, str] | None = None
        self._dtype: type[np.generic] = np.float64 if exact else np.float32
        self.kind: str | None = None
        self.low, self.high = np.inf, -np.inf
        # It grows where it is, and is given back whole: of many small arrays, a process keeps the memory.
        self._cells = bytearray()
        self.texts: dict[str, int] = {}

    def add(self, cells: Sequence[str], row: int, lines: Sequence[int]) -> None:
        """The next cells.

        Args:
            cells: one a row.
            row: the number of the first of them.
            lines: the line of each.

        Raises:
            DataError: a cell is not of the kind of the others.
        """
        if self.kind is None:
            self.kind = self._decided(cells)
            if self.kind == "text":
                self._refuse_commas(cells, row, lines)
                before, self._dtype = len(self.cells()), np.int32
                self._cells = bytearray(np.full(before, NO_TEXT, np.int32))
        found = self._codes(cells, row, lines) if self.kind == "text" else self._numbers(cells, row, lines)
        self._cells += found.data

    def _decided(self, cells: Sequence[str]) -> str | None:
        """The kind of most cells; None if all are missing."""
        known = [cell for cell in cells if cell.strip().lower() not in MISSING]
        numbers = sum(map(is_number, known))
        return None if not known else "number" if 2 * numbers >= len(known) else "text"

    def _refuse_commas(self, cells: Sequence[str], row: int, lines: Sequence[int]) -> None:
        """Numbers with a decimal comma are no texts."""
        places = [at for at, cell in enumerate(cells) if has_decimal_comma(cell.strip())]
        if 2 * len(places) >= len(cells):
            place = Cell(row + places[0], lines[places[0]], self.name)
            raise DataError(
                f"{self.file}: {place}: expected a number with a point, got '{shown(cells[places[0]].strip(), 30)}'",
                "write numbers with a point, as 3.14",
            )

    def _numbers(self, cells: Sequence[str], row: int, lines: Sequence[int]) -> NDArray[np.generic]:
        try:
            values = np.array([*map(float, cells)])
            if "_" in "".join(cells):
                raise ValueError
        except ValueError:
            values = np.array([self._number(cell, row + at, lines[at]) for at, cell in enumerate(cells)])
        with np.errstate(over="ignore"):
            found = values.astype(self._dtype)
            finite = np.isfinite(values.astype(np.float32))
        if not finite.all():
            for at in np.flatnonzero(~finite).tolist():
                place = Cell(row + at, lines[at], self.name)
                if not np.isnan(values[at]):
                    raise DataError(
                        f"{self.file}: {place}: {shown(cells[at].strip(), 30)} is infinite in float32",
                        "correct the cell, or leave the column out with --ignore",
                    )
                self._missing(cells[at], place)
        # Those that are missing are left out.
        self.low = min(self.low, float(np.fmin.reduce(values, initial=np.inf)))
        self.high = max(self.high, float(np.fmax.reduce(values, initial=-np.inf)))
        return found

    def _number(self, cell: str, row: int, line: int) -> float:
        word = cell.strip()
        if word.lower() in MISSING:
            return np.nan
        if is_number(word):
            return float(word)
        comma = has_decimal_comma(word)
        hint = "write numbers with a point, as 3.14" if comma else "correct it, or leave the column out with --ignore"
        raise DataError(
            f"{self.file}: {Cell(row, line, self.name)}: expected a number, as in other rows, got '{shown(word, 30)}'",
            hint,
        )

    def _codes(self, cells: Sequence[str], row: int, lines: Sequence[int]) -> NDArray[np.generic]:
        codes, texts = np.empty(len(cells), np.int32), self.texts
        for at, cell in enumerate(cells):
            word = cell.strip()
            if not word:
                self._missing(word, Cell(row + at, lines[at], self.name))
                codes[at] = NO_TEXT
                continue
            code = texts.get(word)
            if code is None:
                if len(texts) == MOST_TEXTS:
                    raise DataError(
                        f"{self.file}: column '{self.name}' has more than {MOST_TEXTS:,} different texts, "
                        f"such as '{shown(word, 30)}'",
                        "leave it out with --ignore, or make numbers of it",
                    )
                code = texts[word] = len(texts)
            codes[at] = code
        return codes

    def _missing(self, cell: str, place: Cell) -> None:
        """Note that a cell is missing."""
        if self.gap is None:
            what = f"is '{shown(cell.strip(), 20)}', which is no number" if cell.strip() else "is empty"
            self.gap = place, what

    def cells(self) -> NDArray[np.generic]:
        """The numbers, or the codes of the texts, so far (N,); no cell can be added while they are in use."""
        return np.frombuffer(self._cells, self._dtype)

    def missing(self) -> NDArray[np.bool_]:
        """Whether the cell of each row is missing (N,)."""
        cells = self.cells()
        gone: NDArray[np.bool_] = np.equal(cells, NO_TEXT) if self.kind == "text" else np.not_equal(cells, cells)
        return gone

    def values(self) -> NDArray[np.generic]:
        """The numbers, or the codes of the texts (N,); they are given away."""
        whole, self._cells = self.cells(), bytearray()
        return whole


def has_decimal_comma(word: str) -> bool:
    """Whether a cell would be a number with a point in place of its comma."""
    return word.count(",") == 1 and is_number(word.replace(",", "."))


def too_close(low: float, high: float) -> bool:
    """Whether float32 has fewer than a thousand numbers from `low` to `high`, which differ."""
    return low < high and high - low < 1_000 * max(abs(low), abs(high)) * 2.0**-24


def is_number(word: str) -> bool:
    """Whether a cell is a number; Python's 1_000 is none."""
    try:
        float(word)
    except ValueError:
        return False
    return "_" not in word
