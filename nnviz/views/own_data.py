"""A file of data before it is used: its first rows, what will be made of each column, and what can be chosen."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from nnviz.data.own import Column, Loaded
from nnviz.lab.own_data import Choices, Found
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


@dataclass(frozen=True)
class Setting:
    """A line on something that can be chosen.

    Attributes:
        keys: the keys that change it.
        name: what it is called.
        change: the method of `Choices` that changes it.
        text: what it is, and why.
    """

    keys: str
    name: str
    change: str
    text: str


def preview_table(found: Found, choices: Choices, width: int) -> Table:
    """A line for each column of the file: what is made of it, and its cells in the first rows.

    Args:
        found: what is read of the file.
        choices: how it is to be read.
        width: the columns of the screen; as many rows are shown as there is room for.
    """
    known = found.names
    count = max(min((width - NAME - MADE) // (SAMPLE + 2), MOST_ROWS), 1)
    rows = _first_rows(found)[:count]

    def line(at: int) -> Line:
        made = _made(found, choices, at)
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


def _made(found: Found, choices: Choices, at: int) -> str:
    """What is made of a column."""
    loaded = found.loaded
    if loaded is None:
        word = found.word(at)
        return "target" if word == choices.source.target else LEFT_OUT if word in choices.ignored else ""
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


def _first_rows(found: Found) -> tuple[tuple[str, ...], ...]:
    """The cells of the first rows; of what is no table, inputs and target of the first samples."""
    if found.head is not None:
        return found.head.rows
    loaded = found.loaded
    if loaded is None:
        return ()
    classes = loaded.schema.classes
    rows = []
    for x, y in zip(loaded.inputs[:MOST_ROWS], loaded.targets[:MOST_ROWS], strict=True):
        values = " ".join(f"{value:.3g}" for value in x.ravel()[:SAMPLE].tolist())
        target = classes[int(y)] if classes else " ".join(f"{value:.3g}" for value in y.ravel()[:SAMPLE].tolist())
        rows.append((values, target))
    return tuple(rows)


def settings(found: Found, choices: Choices) -> list[Setting]:
    """What can be chosen, and what it is."""
    source, loaded, head = choices.source, found.loaded, found.head
    lines = [Setting("c", "task", "task", _task(found, choices))]
    if head is not None:
        dropped = next((note for note in loaded.notes if "missing cell" in note), "") if loaded is not None else ""
        kept = "the rows that have one are left out" if source.drop_missing else "refused, with row and column"
        which = "the first row has the names" if head.header else "no row has names: columns have numbers"
        lines += [
            Setting("m", "missing cells", "missing", dropped or kept),
            Setting("h", "header", "header", which if source.header != "auto" else f"{which} (found out)"),
        ]
    yes = "yes: mean 0, standard deviation 1 by the training data"
    scaled = yes if source.standardize else "no: the numbers stay as they are"
    stack = next((words for fit, words in found.stacks if fit == choices.fit), "")
    return [
        *lines,
        Setting("s", "standardize", "standardize", scaled),
        Setting("+ -", "test share", "share", _split(found, choices)),
        Setting("f", "stack", "stack", stack),
    ]


def _task(found: Found, choices: Choices) -> str:
    loaded, task = found.loaded, choices.source.task
    if loaded is None:
        return "found out from the target" if task == "auto" else task
    name, classes = loaded.schema.task, len(loaded.schema.classes)
    return f"{name}, {classes} classes: {loaded.why}" if classes else f"{name}: {loaded.why}"


def _split(found: Found, choices: Choices) -> str:
    share = choices.source.test_share
    if found.loaded is None:
        return "" if share is None else f"{share:g}"
    schema = found.loaded.schema
    which = ", as the file has them" if schema.test_last else ""
    return f"{schema.test_share:.3g}: {schema.train:,} samples for training, {schema.test:,} for testing{which}"


def hint_with_keys(hint: str) -> str:
    """A hint on options of the command line, with the keys that do the same."""
    return OPTION.sub(lambda found: f"the key {KEYS[found[1]]}" if found[1] in KEYS else found[0], hint)
