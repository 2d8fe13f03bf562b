"""The stack as rows, with what is wrong or worth a note below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.lab import Lab
from nnviz.network import Fix, Hint, Network, Trace, hints, shape_text, trace
from nnviz.views.table import Emphasis, Line, Table
from nnviz.views.units import bytes_text

MOST_HINTS = 3
"""Hints that are shown at a time."""

REINITIALISED = "✱"
"""Stands before the number of a layer whose weights had to be drawn anew."""

HEADS = ("   ", "layer", " output", " params")


@dataclass(frozen=True)
class Note:
    """A line below the rows.

    Attributes:
        text: the words.
        kind: how it is coloured.
        head: words before it that stand out.
        key: the id of a command whose key stands before it, in place of a head.
    """

    text: str
    kind: Literal["fault", "plain", "fix", "hint"]
    head: str = ""
    key: str = ""


@dataclass(frozen=True, eq=False)
class StackView:
    """What the stack shows.

    Attributes:
        table: the input, a line a layer, and the loss.
        total: all parameters together.
        notes: the lines below.
    """

    table: Table
    total: str
    notes: tuple[Note, ...]


def view(lab: Lab, fixes: Sequence[Fix]) -> StackView:
    """The stack of the present network; `fixes` are what takes its fault away."""
    return of_network(lab.network, lab.row, fixes, lab.reinitialised)


def of_network(network: Network, row: int, fixes: Sequence[Fix] = (), reinitialised: tuple[int, ...] = ()) -> StackView:
    """The stack of any network, with the cursor on `row`.

    Args:
        network: whose.
        row: the selected row.
        fixes: what takes its fault away.
        reinitialised: the positions of the layers whose weights had to be drawn anew.
    """
    found = trace(network)
    notes = _of_fault(found, fixes) if found.fault is not None else _of_hints(hints(network)[:MOST_HINTS])
    if reinitialised:
        words = f"{REINITIALISED} initialised anew; the others keep what they learned"
        notes = (*notes, Note(words, "plain" if found.fault else "hint"))
    line = partial(_line, network, found, frozenset(reinitialised))
    table = Table(HEADS, len(found.rows) + 2, line, HEADS.index("layer"), frozenset({3}), row)
    return StackView(table, f"{found.parameters:,} parameters, {bytes_text(found.bytes)}", notes)


def _line(network: Network, found: Trace, reinitialised: frozenset[int], at: int) -> Line:
    if at == 0:
        return _cells("in", network.settings.data.name, found.input, emphasis="given")
    if at > len(found.rows):
        wrong = found.loss_fault is not None
        shape = None if found.fault else ()
        return _cells("✗" if wrong else "", network.settings.loss.name, shape, emphasis="fault" if wrong else "given")
    row = found.rows[at - 1]
    mark = "✗" if row.fault else REINITIALISED if row.position in reinitialised else ""
    label = nn.layers.label(row.spec)
    return _cells(f"{mark}{row.position + 1}", label, row.output, row.parameters, "fault" if row.fault else "")


def _cells(number: str, name: str, shape: Shape | None, parameters: int = 0, emphasis: Emphasis = "") -> Line:
    shown = "?" if shape is None else shape_text(shape)
    count = f"{parameters:,}" if parameters else ""
    return Line((f"{number:>2} ", name, f" {shown}", f" {count:>6}"), emphasis)


def _of_fault(found: Trace, fixes: Sequence[Fix]) -> tuple[Note, ...]:
    """What is wrong, and what mends it."""
    fault, at = found.fault, found.faulty
    assert fault is not None  # noqa: S101 (the caller has asked)
    where = "the loss" if at == len(found.rows) else f"layer {(at or 0) + 1}"
    notes = [Note(fault.message, "fault", head=f"✗ {where}:")]
    if fault.explanation:
        notes.append(Note(fault.explanation, "plain"))
    if fixes:
        does, remains = fixes[0].text, fixes[0].remains
        then = f"; then {remains}" if remains else ""
        notes.append(Note(f"repairs this fault: {does}{then}", "fix", key="repair"))
        notes.append(Note("shows or takes all repairs", "fix", key="repairs"))
    return tuple(notes)


def _of_hints(found: tuple[Hint, ...]) -> tuple[Note, ...]:
    """What runs, but will not do what one may think, each with its fix and the command that leads on."""
    notes = []
    for hint in found:
        notes.append(Note(hint.text, "hint"))
        if hint.command:
            notes.append(Note("", "hint", key=hint.command))
        if hint.fix is not None:
            notes.append(Note(f"mends it: {hint.fix.text}", "hint", key="repair"))
    return tuple(notes)
