"""A file of data before it is used: its first rows, what will be made of each column, and what can be chosen."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from nnviz.data.own import Column, Head, Loaded, Source
from nnviz.views.table import Line, Table

KEYS = {
    "--drop-missing": "m",
    "--ignore": "i",
    "--target": "t",
    "--task": "c",
}
"""The keys of the dialog that do what these options of the command line do."""

OPTION = re.compile(r"(--[a-z-]+)(?: (?:'[^']*'|classification|regression))?")

SAMPLE = 9
"""Columns of a cell of the first rows."""

NAME, MADE = 20, 34
"""Columns of the name of a column and of what is made of it, at least, before there is room for a cell."""

MOST_ROWS = 5


@dataclass(frozen=True, eq=False)
class Preview:
    """What is known of a file, and what was chosen.

    Attributes:
        source: the file, and how it is to be read.
        head: the first rows; None before they are read, and of what is no table.
        loaded: the content; None before it is read, and if it cannot be.
        stack: what becomes of the stack, in words.
        ignored: the columns that are left out.
    """

    source: Source
    head: Head | None = None
    loaded: Loaded | None = None
    stack: str = ""
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setting:
    """A line on something that can be chosen.

    Attributes:
        keys: the keys that change it.
        name: what it is called.
        text: what it is, and why.
    """

    keys: str
    name: str
    text: str


def names(preview: Preview) -> tuple[str, ...]:
    """The names of the columns."""
    if preview.loaded is not None:
        return tuple(column.name for column in preview.loaded.columns)
    return preview.head.names if preview.head is not None else ()


def preview_table(preview: Preview, width: int) -> Table:
    """A line for each column of the file: what is made of it, and its cells in the first rows.

    Args:
        preview: the file.
        width: the columns of the screen; as many rows are shown as there is room for.
    """
    known = names(preview)
    count = max(min((width - NAME - MADE) // (SAMPLE + 2), MOST_ROWS), 1)
    rows = _first_rows(preview)[:count]

    def line(at: int) -> Line:
        made = _made(preview, at)
        cells = (row[at] if at < len(row) else "" for row in rows)
        target = made.startswith("target")
        left_out = made == LEFT_OUT
        return Line(
            (f"{_cut(known[at], NAME)}  ", made, *(f"  {_cut(cell, SAMPLE)}" for cell in cells)),
            "chosen" if target else "given" if left_out else "",
        )

    heads = ("column", "what is made of it", *(f"  row {number}" for number in range(1, len(rows) + 1)))
    return Table(heads, len(known), line, elastic=1)


LEFT_OUT = "left out"


def _made(preview: Preview, at: int) -> str:
    """What is made of a column."""
    loaded = preview.loaded
    if loaded is None:
        name = names(preview)[at]
        return "target" if name == preview.source.target else LEFT_OUT if name in preview.ignored else ""
    column: Column = loaded.columns[at]
    scaled = column.kind != "text" and loaded.schema.standardize and column.made != LEFT_OUT
    return f"{column.made}, standardized" if scaled and not _is_classes(loaded, column) else column.made


def _is_classes(loaded: Loaded, column: Column) -> bool:
    """Whether a column is a target of classes."""
    return bool(loaded.schema.classes) and column.made.startswith("target")


def _begin(text: str, width: int) -> str:
    """As much of the beginning as so many columns hold."""
    while sum(map(_columns, text)) > width:
        text = text[:-1]
    return text


def _columns(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cut(text: str, width: int) -> str:
    """The text in at most so many columns of a terminal, where some characters take two."""
    return text if sum(map(_columns, text)) <= width else f"{_begin(text, width - 1)}…"


def _first_rows(preview: Preview) -> tuple[tuple[str, ...], ...]:
    """The cells of the first rows; of what is no table, inputs and target of the first samples."""
    if preview.head is not None:
        return preview.head.rows
    loaded = preview.loaded
    if loaded is None:
        return ()
    classes = loaded.schema.classes
    found = []
    for x, y in zip(loaded.inputs[:MOST_ROWS], loaded.targets[:MOST_ROWS], strict=True):
        values = " ".join(f"{value:.3g}" for value in x.ravel()[:SAMPLE].tolist())
        target = classes[int(y)] if classes else " ".join(f"{value:.3g}" for value in y.ravel()[:SAMPLE].tolist())
        found.append((values, target))
    return tuple(found)


def settings(preview: Preview) -> list[Setting]:
    """What can be chosen, and what it is."""
    source, loaded, head = preview.source, preview.loaded, preview.head
    found = [Setting("c", "task", _task(preview))]
    if head is not None or loaded is None:
        dropped = next((note for note in loaded.notes if "missing cell" in note), "") if loaded is not None else ""
        kept = "the rows that have one are left out" if source.drop_missing else "refused, with row and column"
        found.append(Setting("m", "missing cells", dropped or kept))
    if head is not None:
        which = "the first row has the names" if head.header else "no row has names: columns have numbers"
        found.append(Setting("h", "header", which if source.header != "auto" else f"{which} (found out)"))
    yes = "yes: mean 0, standard deviation 1 by the training data"
    found.append(Setting("s", "standardize", yes if source.standardize else "no: the numbers stay as they are"))
    found.append(Setting("+ -", "test share", _split(preview)))
    found.append(Setting("f", "stack", preview.stack))
    return found


def _task(preview: Preview) -> str:
    loaded, task = preview.loaded, preview.source.task
    if loaded is None:
        return "is found out" if task == "auto" else task
    found, classes = loaded.schema.task, len(loaded.schema.classes)
    return f"{found}, {classes} classes: {loaded.why}" if classes else f"{found}: {loaded.why}"


def _split(preview: Preview) -> str:
    share = preview.source.test_share
    if preview.loaded is None:
        return "" if share is None else f"{share:g}"
    schema = preview.loaded.schema
    which = ", as the file has them" if schema.test_last else ""
    return f"{schema.test_share:.3g}: {schema.train:,} samples for training, {schema.test:,} for testing{which}"


def hint_with_keys(hint: str) -> str:
    """A hint on options of the command line, with the keys that do the same."""
    return OPTION.sub(lambda found: f"the key {KEYS[found[1]]}" if found[1] in KEYS else found[0], hint)
