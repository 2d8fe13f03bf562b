"""The stack as rows, with its error or the linter's diagnostics below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.network import Diagnostic, Fix, Network, Trace, lint, next_error, shape_text, trace
from nnviz.views.table import Emphasis, Line, Table
from nnviz.views.units import bytes_text

if TYPE_CHECKING:
    from nnviz.lab import Lab

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
        key: the id of a command whose key is shown in place of a head.
    """

    text: str
    kind: Literal["error", "plain", "fix", "hint"]
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
    """The stack of the present network; `fixes` are what takes its error away."""
    return network_view(lab.network, lab.row, fixes, lab.reinitialised)


def network_view(
    network: Network, row: int, fixes: Sequence[Fix] = (), reinitialised: tuple[int, ...] = ()
) -> StackView:
    """The stack of any network, with the cursor on `row`.

    Args:
        network: whose.
        row: the selected row.
        fixes: what takes its error away.
        reinitialised: the positions of the layers whose weights had to be drawn anew.
    """
    found = trace(network)
    notes = _error_notes(found, fixes) if found.diagnostic is not None else _lint_notes(lint(network)[:MOST_HINTS])
    if reinitialised:
        words = f"{REINITIALISED} initialised anew; the others keep what they learned"
        notes = (*notes, Note(words, "plain" if found.diagnostic else "hint"))
    line = partial(_line, network, found, frozenset(reinitialised))
    table = Table(HEADS, len(found.rows) + 2, line, HEADS.index("layer"), frozenset({3}), row)
    return StackView(table, f"{found.parameters:,} parameters, {bytes_text(found.bytes)}", notes)


def _line(network: Network, found: Trace, reinitialised: frozenset[int], at: int) -> Line:
    if at == 0:
        return _cells("in", network.settings.data.name, found.input, emphasis="given")
    if at > len(found.rows):
        wrong = found.loss_diagnostic is not None
        shape = None if found.diagnostic else ()
        return _cells("✗" if wrong else "", network.settings.loss.name, shape, emphasis="error" if wrong else "given")
    row = found.rows[at - 1]
    mark = "✗" if row.diagnostic else REINITIALISED if row.position in reinitialised else ""
    label = nn.layers.label(row.spec)
    return _cells(f"{mark}{row.position + 1}", label, row.output, row.parameters, "error" if row.diagnostic else "")


def _cells(number: str, name: str, shape: Shape | None, parameters: int = 0, emphasis: Emphasis = "") -> Line:
    shown = "?" if shape is None else shape_text(shape)
    count = f"{parameters:,}" if parameters else ""
    return Line((f"{number:>2} ", name, f" {shown}", f" {count:>6}"), emphasis)


def _error_notes(found: Trace, fixes: Sequence[Fix]) -> tuple[Note, ...]:
    """The error and its first fix."""
    error, at = found.diagnostic, found.faulty
    assert error is not None  # noqa: S101 (checked by the caller)
    where = "the loss" if at == len(found.rows) else f"layer {(at or 0) + 1}"
    notes = [Note(error.message, "error", head=f"✗ {where}:")]
    if error.explanation:
        notes.append(Note(error.explanation, "plain"))
    if fixes:
        does, remains = fixes[0].text, next_error(fixes[0])
        then = f"; then {remains}" if remains else ""
        notes.append(Note(f"fixes this error: {does}{then}", "fix", key="repair"))
        notes.append(Note("lists all fixes", "fix", key="repairs"))
    return tuple(notes)


def _lint_notes(found: tuple[Diagnostic, ...]) -> tuple[Note, ...]:
    """The linter's diagnostics, each with its fix and a related command."""
    notes = []
    for hint in found:
        notes.append(Note(hint.message, "hint"))
        if hint.command:
            notes.append(Note("", "hint", key=hint.command))
        if hint.fix is not None:
            notes.append(Note(f"fixes it: {hint.fix.text}", "hint", key="repair"))
    return tuple(notes)
