"""CSV files: separated by commas, semicolons or tabs, with or without a header. They are read piece by piece."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nnviz.data.own.column import ColumnData, is_number
from nnviz.data.own.reading import MOST_NUMBERS, Content, too_large
from nnviz.data.own.source import AUTO, Source, shown
from nnviz.errors import ArgumentError, DataError

SEPARATORS = ",;\t"

HEAD = 50
"""How many lines are looked at to find the separator."""

CELLS = 40_000
"""How many cells are read at once."""

MOST_LINE = 2**22
"""The most characters of a line."""

MOST_COLUMNS = 50_000

FIRST, MOST_CELL = 5, 40
"""The rows of a head, and the characters of each cell in it."""


class Table:
    """The columns of a file, as far as they are used.

    Attributes:
        names: the names of all columns, as they are in the file.
        target: the position of the target.
        columns: the data of the columns by position; those that are ignored have none.
        rows: the number of rows.
        header: whether the first row has the names.
    """

    def __init__(self, names: list[str], target: int, columns: dict[int, ColumnData], header: bool) -> None:
        self.names, self.target, self.columns, self.header = names, target, columns, header
        self.rows = 0


@dataclass(frozen=True)
class Head:
    """The beginning of a table, before anything is made of it.

    Attributes:
        names: the names of all columns, by which they can be chosen; fit for the screen.
        rows: the first rows, cut and fit for the screen.
        header: whether the first line has the names.
    """

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    header: bool


def read_table(content: Content, source: Source) -> Table:
    """The columns of a CSV file.

    Raises:
        DataError: it is not such a file, or a cell is missing or wrong.
        ArgumentError: there is no such column.
        CancelledError: it was to stop.
    """
    with _lines(content) as lines:
        return _read(lines, source)


def read_head(content: Content, source: Source) -> Head:
    """The names of the columns of a CSV file, and its first rows; nothing is made of them yet.

    Raises:
        DataError: it is not such a file.
        CancelledError: it was to stop.
    """
    with _lines(content) as lines:
        found = _begin(lines, source)
        rows = (tuple(shown(cell.strip(), MOST_CELL) for cell in row) for row in found.piece[:FIRST])
        return Head(tuple(unique(found.names)), tuple(rows), found.header)


@contextlib.contextmanager
def _lines(content: Content) -> Iterator[_Lines]:
    text = io.TextIOWrapper(content.stream, encoding="utf-8-sig", newline="")
    try:
        yield _Lines(text, content)
    except UnicodeDecodeError:
        raise _not_utf8(content) from None
    finally:
        # It would close the stream when it is collected.
        with contextlib.suppress(ValueError):
            text.detach()


def read_cells(content: Content) -> Iterator[tuple[list[str], int]]:
    """The rows of a CSV file as they are, each with the number of the line in which it ends.

    Raises:
        DataError: it is not such a file.
    """
    text = io.TextIOWrapper(content.stream, encoding="utf-8-sig", newline="")
    try:
        lines = _Lines(text, content)
        ahead = iter(lines)
        head = list(itertools.islice(ahead, HEAD))
        rows = _Rows(itertools.chain(head, ahead), _separator(head), lines)
        while (piece := rows.take(CELLS))[0]:
            yield from zip(*piece, strict=True)
    except UnicodeDecodeError:
        raise _not_utf8(content) from None
    finally:
        with contextlib.suppress(ValueError):
            text.detach()


def _not_utf8(content: Content) -> DataError:
    """The error for bytes that are no UTF-8, with the line."""
    content.stream.seek(0)
    start = content.stream.read(2)
    if start in (b"\xff\xfe", b"\xfe\xff"):
        return DataError(f"{content.name}: it is UTF-16 text", "save the file as UTF-8")
    content.stream.seek(0)
    number = 1
    for number in itertools.count(1):  # noqa: B007 (used after the loop)
        line = content.stream.readline(4 * MOST_LINE)
        try:
            line.decode()
        except UnicodeDecodeError:
            break
        if not line:
            break
    return DataError(f"{content.name}, line {number:,}: not valid UTF-8", "save the file as UTF-8 text")


class _Lines:
    """The lines of a text, checked as they come."""

    def __init__(self, text: io.TextIOWrapper, content: Content) -> None:
        self._text, self.content, self.characters = text, content, 0

    def __iter__(self) -> Iterator[str]:
        number = 0
        while line := self._text.readline(MOST_LINE + 1):
            number += 1
            self.characters += len(line)
            if len(line) > MOST_LINE:
                raise self.error(f"longer than {MOST_LINE:,} characters", "is it a file of rows and columns?", number)
            if "\0" in line:
                raise self.error("a null byte: it is not a text", "pass a CSV, NPZ or IDX file", number)
            yield line

    def error(self, what: str, hint: str, line: int) -> DataError:
        """An error at a line."""
        return DataError(f"{self.content.name}, line {line:,}: {what}", hint)


@dataclass
class _Beginning:
    """A file whose first rows are read: `piece`, which end in the lines `numbers`; the others follow in `rows`."""

    rows: _Rows
    names: list[str]
    header: bool
    piece: list[list[str]]
    numbers: list[int]


def _begin(lines: _Lines, source: Source) -> _Beginning:
    ahead = iter(lines)
    head = list(itertools.islice(ahead, HEAD))
    rows = _Rows(itertools.chain(head, ahead), _separator(head), lines)
    piece, numbers = rows.take(CELLS)
    if not piece:
        raise DataError(f"{source.name}: there are no rows in it", "pass a file with a row for each sample")
    header = _has_header(piece) if source.header == AUTO else source.header == "yes"
    names = [cell.strip() for cell in piece[0]] if header else [""] * len(piece[0])
    return _Beginning(rows, names, header, piece[header:], numbers[header:])


def _read(lines: _Lines, source: Source) -> Table:
    begun = _begin(lines, source)
    names, piece, numbers = begun.names, begun.piece, begun.numbers
    table = _table(names, begun.header, source, len(piece) > 0)
    while piece:
        across = list(zip(*piece, strict=True))
        for at, column in table.columns.items():
            column.add(across[at], table.rows + 1, numbers)
        table.rows += len(piece)
        lines.content.at(lines.characters)
        if table.rows * len(table.columns) > MOST_NUMBERS:
            raise too_large(source.name, table.rows * len(table.columns))
        # The piece before need not stay while the next is read.
        begun.piece = piece = []
        piece, numbers = begun.rows.take(max(CELLS // len(names), 1))
    return table


class _Rows:
    """Takes rows of one width, without the blank ones."""

    def __init__(self, lines: Iterable[str], separator: str, source: _Lines) -> None:
        self._reader = csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)
        self._lines, self._width = source, 0

    def take(self, most: int) -> tuple[list[list[str]], list[int]]:
        """The next rows, and the line in which each ends; `most` counts cells as long as the width is unknown."""
        rows: list[list[str]] = []
        numbers: list[int] = []
        reader, width = self._reader, self._width
        try:
            for row in reader:
                if not width or len(row) != width:
                    if not any(map(str.strip, row)) and len(row) <= 1:
                        continue
                    if width:
                        raise self._ragged(len(row))
                    width = self._width = len(row)
                    if width > MOST_COLUMNS:
                        raise self._lines.error(f"more than {MOST_COLUMNS:,} columns", "take fewer", reader.line_num)
                    most = max(most // width, 2)
                rows.append(row)
                numbers.append(reader.line_num)
                if len(rows) >= most:
                    break
        except csv.Error as error:
            raise self._lines.error(str(error), "check the quotes in this line", max(reader.line_num, 1)) from None
        return rows, numbers

    def _ragged(self, got: int) -> DataError:
        return self._lines.error(
            f"expected {self._width} fields, as in the first row, got {got}",
            "correct the line, or put fields that contain the separator in quotes",
            self._reader.line_num,
        )


def _separator(head: Sequence[str]) -> str:
    """The separator that gives most lines the same number of fields, more than one."""
    best, chosen = (0.0, 0), SEPARATORS[0]
    for separator in SEPARATORS:
        try:
            widths = [len(row) for row in csv.reader(head, delimiter=separator, skipinitialspace=True) if row]
        except csv.Error:
            continue
        (width, count), *_ = Counter(widths).most_common(1) or [(0, 0)]
        score = (count / max(len(widths), 1), width)
        if width > 1 and score > best:
            best, chosen = score, separator
    return chosen


def _has_header(piece: Sequence[Sequence[str]]) -> bool:
    """Whether the first row has names: no cell of it is a number, and none comes again in a column of texts."""
    first, rest = piece[0], piece[1:]
    if any(map(is_number, first)) or not any(map(str.strip, first)):
        return False
    texts = [at for at in range(len(first)) if not any(is_number(row[at]) for row in rest)]
    if len(texts) < len(first):
        return True
    return not any(row[at] == first[at] and first[at].strip() for row in rest for at in texts)


def _table(names: list[str], header: bool, source: Source, any_rows: bool) -> Table:
    if not any_rows:
        raise DataError(f"{source.name}: expected rows below the header, got none", "add a row for each sample")
    if len(names) < 2:
        raise DataError(
            f"{source.name}: expected two or more columns, separated by commas, semicolons or tabs, got one",
            "add the inputs, or change the separator",
        )
    said = unique(names)
    target = _find(source.target, names, said, source.name) if source.target else len(names) - 1
    ignored = {_find(name, names, said, source.name) for name in _split(source.ignore)}
    if target in ignored:
        raise ArgumentError(f"{source.name}: the target '{said[target]}' cannot be ignored", "ignore other columns")
    used = [at for at in range(len(names)) if at not in ignored]
    if len(used) < 2:
        raise ArgumentError(f"{source.name}: no input is left", "ignore fewer columns")
    columns = {at: ColumnData(source.name, said[at], at == target) for at in used}
    return Table(said, target, columns, header)


def unique(names: Sequence[str]) -> list[str]:
    """The names as they are shown: those that are empty or come again get the number of their column."""
    safe = [shown(name, 40) for name in names]
    counts = Counter(safe)
    return [
        f"column {at}" if not name.strip() else f"{name} (column {at})" if counts[name] > 1 else name
        for at, name in enumerate(safe, 1)
    ]


def _split(names: str) -> list[str]:
    try:
        return [name.strip() for row in csv.reader([names], skipinitialspace=True) for name in row if name.strip()]
    except csv.Error:
        raise ArgumentError(f"expected names of columns, got {shown(names)}", "separate them by commas") from None


def _find(wanted: str, names: Sequence[str], said: Sequence[str], file: str) -> int:
    """The position of a column; ArgumentError if there is none, or more than one."""
    word = wanted.strip()
    for some, sought in ((names, word), (said, word), ([name.lower() for name in names], word.lower())):
        found = [at for at, name in enumerate(some) if name == sought]
        if len(found) == 1:
            return found[0]
        if found:
            numbers = " and ".join(str(at + 1) for at in found[:5])
            raise ArgumentError(
                f"{file}: {len(found)} columns are called '{shown(word, 40)}'", f"name one by its number: {numbers}"
            )
    if word.isascii() and word.isdigit() and 1 <= int(word[:9]) <= len(names):
        return int(word[:9]) - 1
    known = ", ".join(said[:20]) + (", …" if len(said) > 20 else "")
    raise ArgumentError(f"{file}: no column is called '{shown(word, 40)}'", f"there are: {known}")
