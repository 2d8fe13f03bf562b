"""The stack as rows, with its error or the linter's diagnostics below them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from nnviz.engine import Moment
from nnviz.lab import Lab, literal
from nnviz.network import Diagnostic, Fix, Trace, lint, next_error, trace
from nnviz.run import Observation, Query, Refused
from nnviz.run.queries import LayerSeen, LayersSeen, LayerStatistics
from nnviz.views.layer_rows import LayerRow, layer_rows
from nnviz.views.spark import spark
from nnviz.views.stack_columns import PARAMETERS, SHAPE, SIZES, Columns, columns_of, lines_below
from nnviz.views.troubles import Trouble, remarks, troubles_of
from nnviz.views.units import bytes_text

MOST_HINTS = 3
"""Hints that are shown at a time."""

REINITIALISED = "✱"
"""Stands before the number of a layer whose weights had to be drawn anew."""

FAULTY, WRONG = "✗", "!"
"""Stand before the number of a layer that cannot run, and of one that runs and has a trouble."""

STATISTICS = LayerStatistics()

DECADES = 6
"""Powers of ten from the empty bar to the full one, which is the largest gradient of the network."""

EIGHTHS = "▏▎▍▌▋▊▉█"

Kind = Literal["", "given", "muted", "error", "warning"]


class Cell(NamedTuple):
    """A text that fills `width` columns; it is padded on its left where it stands on the right."""

    text: str
    width: int
    kind: Kind = ""
    right: bool = False


@dataclass(frozen=True)
class Note:
    """A line below the rows.

    Attributes:
        text: the words.
        kind: how it is coloured.
        head: words before it that stand out.
        key: the id of a command whose key is shown in place of a head.
        hint: what to do, with the ids of commands in braces.
    """

    text: str
    kind: Literal["error", "plain", "fix", "hint"]
    head: str = ""
    key: str = ""
    hint: str = ""


@dataclass(frozen=True, eq=False)
class StackView:
    """What the stack shows.

    Attributes:
        rows: the input, a row a layer, and the loss.
        cursor: the selected row.
        total: all parameters together.
        notes: what is wrong, or worth a note.
        reinitialised: the positions of the layers whose weights had to be drawn anew.
        input, seen: the newest statistics of the network's input, and of each layer by its position.
        troubles: what is wrong with a layer that runs, by its position.
    """

    rows: tuple[LayerRow, ...]
    cursor: int
    total: str
    notes: tuple[Note, ...]
    reinitialised: frozenset[int] = frozenset()
    input: LayersSeen | None = None
    seen: Mapping[int, LayerSeen] = field(default_factory=dict)
    troubles: Mapping[int, Trouble] = field(default_factory=dict)

    def columns(self, width: int) -> Columns:
        """The columns in `width` cells."""
        both = self.reinitialised & self.troubles.keys()
        return columns_of(self.rows, 2 if both else 1, width)

    def heads(self, columns: Columns) -> tuple[Cell, ...]:
        """The heads of the columns."""
        bar = "gradient" if columns.bar >= len("gradient") else "∇ log"
        return _present(
            Cell("", columns.number), Cell("layer", columns.name), Cell(SIZES, columns.sizes, right=True),
            Cell("", columns.arguments), Cell(SHAPE, columns.shape), Cell(PARAMETERS, columns.parameters, right=True),
            Cell("spread", columns.spark), Cell(bar, columns.bar),
        )  # fmt: skip

    def lines(self, at: int, columns: Columns) -> tuple[tuple[Cell, ...], ...]:
        """The lines of the row `at`."""
        row = self.rows[at]
        kind: Kind = "error" if row.faulty else "given" if row.role != "layer" else ""
        below = [
            _present(Cell("", columns.number), Cell(line, columns.room, "error" if row.faulty else "muted"))
            for line in lines_below(row, columns)
        ]
        return (self._first(at, row, kind, columns), *below)

    def _first(self, at: int, row: LayerRow, kind: Kind, columns: Columns) -> tuple[Cell, ...]:
        number = Cell(self._number(at, row), columns.number, kind, right=True)
        if row.role == "loss":
            inline = row.sizes not in lines_below(row, columns)[:1]
            return _present(number, Cell(f"{row.name}  {row.sizes}" if inline else row.name, columns.room, kind))
        if row.role == "input":
            names = columns.name + sum(width + 1 for width in (columns.sizes, columns.arguments) if width)
            left = [Cell(row.name, names, kind)]
        else:
            left = [
                Cell(row.name, columns.name, kind), Cell(row.sizes, columns.sizes, kind, right=True),
                Cell(", ".join(row.arguments), columns.arguments, "error" if row.faulty else "muted"),
            ]  # fmt: skip
        return _present(
            number, *left, Cell(row.shape, columns.shape, kind),
            Cell(row.parameters, columns.parameters, kind, right=True),
            Cell(self._spark(at, columns.spark), columns.spark), self._bar(at - 1, columns.bar),
        )  # fmt: skip

    def _number(self, at: int, row: LayerRow) -> str:
        if row.role == "input":
            return "in"
        marks = FAULTY if row.faulty else ""
        if row.role == "loss":
            return marks
        marks = marks or (WRONG if at - 1 in self.troubles else "")
        return f"{marks}{REINITIALISED if at - 1 in self.reinitialised and not row.faulty else ''}{at}"

    def _spark(self, at: int, width: int) -> str:
        if at == 0:
            return spark(self.input.taken_in.counts, width) if self.input and width else ""
        one = self.seen.get(at - 1)
        return spark(one.output.counts, width) if one is not None and width else ""

    def _bar(self, position: int, width: int) -> Cell:
        """The gradient's norm on a logarithmic axis; or the trouble, in a word."""
        trouble, one = self.troubles.get(position), self.seen.get(position)
        if trouble is not None:
            return Cell(f"{WRONG} {trouble.kind}", width, "warning")
        if one is None or not one.gradient > 0 or not math.isfinite(one.gradient):
            return Cell("", width)
        largest = max(other.gradient for other in self.seen.values() if math.isfinite(other.gradient))
        return Cell(bar(1 + math.log10(one.gradient / largest) / DECADES, width), width)


def bar(share: float, width: int) -> str:
    """A bar over this share of `width` cells, in eighths of a cell, of which there is one at least."""
    eighths = min(max(round(share * width * 8), 1), width * 8)
    return "█" * (eighths // 8) + (EIGHTHS[eighths % 8 - 1] if eighths % 8 else "")


def _present(*cells: Cell) -> tuple[Cell, ...]:
    return tuple(cell for cell in cells if cell.width)


def queries(lab: Lab) -> frozenset[Query[Observation]]:  # noqa: ARG001 (whatever the network, its layers are seen)
    """What every layer gives and takes in; the marks and words of it have room at any width."""
    return frozenset({STATISTICS})


def view(lab: Lab, fixes: Sequence[Fix], moment: Moment | None = None) -> StackView:
    """The stack of the present network.

    Args:
        lab: the lab.
        fixes: what takes its error away.
        moment: the newest of the present run.
    """
    network, found = lab.network, trace(lab.network)
    seen = moment.seen(STATISTICS) if moment and found.diagnostic is None else None
    positions = {layer: at for at, layer in enumerate(network.ids)}
    known = {positions[one.layer]: one for one in seen.layers if one.layer in positions} if seen else {}
    troubles = troubles_of(network, seen) if seen else {}
    notes = _stopped(lab)
    if found.diagnostic is not None:
        notes += _error_notes(found, fixes)
    else:
        said = remarks(network, seen, troubles) if seen else ()
        notes += [Note(one.text, "hint", head=WRONG, hint=one.hint) for one in said]
        notes += _lint_notes(lint(network)[:MOST_HINTS])
    refused = moment.observations.get(STATISTICS) if moment and found.diagnostic is None else None
    if isinstance(refused, Refused):
        notes.append(Note(f"No spread is shown: {refused.message}.", "plain"))
    marked = frozenset(lab.reinitialised)
    if any(not found.rows[at].diagnostic for at in marked):
        words = f"{REINITIALISED} initialised anew; the others keep what they learned"
        notes.append(Note(words, "plain" if found.diagnostic else "hint"))
    total = f"{found.parameters:,} parameters, {bytes_text(found.bytes)}"
    return StackView(layer_rows(network), lab.row, total, tuple(notes), marked, seen, known, troubles)


def _stopped(lab: Lab) -> list[Note]:
    """Why training has stopped, or cannot start."""
    failure = lab.status.failure
    if failure is None:
        return []
    head = "✗ training stopped:" if lab.present.step else "✗ training cannot start:"
    return [Note(failure.message, "error", head=head, hint=failure.hint)]


def _error_notes(found: Trace, fixes: Sequence[Fix]) -> list[Note]:
    """The error, its first fix, and where its sizes come from: what matters most is said first."""
    error, at = found.diagnostic, found.faulty
    assert error is not None  # noqa: S101 (checked by the caller)
    where = "the loss" if at == len(found.rows) else f"layer {(at or 0) + 1}"
    notes = [Note(error.message, "error", head=f"✗ {where}:")]
    if fixes:
        does, remains = fixes[0].text, next_error(fixes[0])
        then = f"; then {remains}" if remains else ""
        notes.append(Note(f"fixes this error: {does}{then}", "fix", key="repair"))
    if error.explanation:
        notes.append(Note(error.explanation, "plain"))
    if fixes:
        notes.append(Note("lists all fixes", "fix", key="repairs"))
    return notes


def _lint_notes(found: tuple[Diagnostic, ...]) -> list[Note]:
    """The linter's diagnostics, each with its fix and a related command."""
    notes = []
    for hint in found:
        notes.append(Note(hint.message, "hint"))
        if hint.command:
            notes.append(Note("", "hint", key=hint.command))
        if hint.fix is not None:
            notes.append(Note(f"fixes it: {hint.fix.text}", "hint", key="repair"))
    return notes


def in_words(notes: Sequence[Note], about: Mapping[str, str]) -> str:
    """The notes as paragraphs, with the ids of commands in braces; `about` says what each command does."""
    said = []
    for note in notes:
        head = f"{{{note.key}}}" if note.key else literal(note.head)
        words = literal(note.text) or f": {about.get(note.key, '')}"
        said.append(" ".join(part for part in (head, words, note.hint) if part).replace(" :", ":"))
    return "\n\n".join(said)
