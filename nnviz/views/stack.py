"""The stack as rows, with its error or the linter's diagnostics below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nnviz.engine import Moment
from nnviz.lab import Lab, literal
from nnviz.lab.troubles import STOPPED, diagnostics
from nnviz.network import Diagnostic, Fix, Trace, next_error, trace
from nnviz.run import Observation, Query, Refused
from nnviz.run.queries import LayerStatistics
from nnviz.views.layer_rows import layer_rows
from nnviz.views.stack_rows import REINITIALIZED, WRONG, Note, StackView, total
from nnviz.views.troubles import troubles_of

MOST_HINTS = 3
"""Hints that are shown at a time."""

STATISTICS = LayerStatistics()


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
    health = moment.health if moment and found.diagnostic is None else None
    troubles = troubles_of(network, health) if health else {}
    notes = _stopped(lab)
    if found.diagnostic is not None:
        notes += _error_notes(found, fixes)
    else:
        notes += _notes(diagnostics(lab)[:MOST_HINTS])
    refused = moment.observations.get(STATISTICS) if moment and found.diagnostic is None else None
    if isinstance(refused, Refused):
        notes.append(Note(f"No spread is shown: {refused.message}.", "plain"))
    marked = frozenset(lab.reinitialized)
    if any(not found.rows[at].diagnostic for at in marked):
        words = f"{REINITIALIZED} initialized anew; the others keep what they learned"
        notes.append(Note(words, "plain" if found.diagnostic else "hint"))
    return StackView(layer_rows(network), lab.row, total(network), tuple(notes), marked, seen, known, troubles)


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


def _notes(found: tuple[Diagnostic, ...]) -> list[Note]:
    """The diagnostics, the most harmful first, each with its fix and a related command; `f` applies the first fix."""
    notes, key = [], "repair"
    for one in found:
        # What stopped training stands above already.
        if one.harm < STOPPED:
            notes.append(Note(one.message, "hint", head=WRONG if one.harm else ""))
        if one.command:
            notes.append(Note("", "hint", key=one.command))
        if one.fix is not None:
            notes.append(Note(f"fixes it: {one.fix.text}", "hint", key=key))
            key = "repairs"
    return notes


def in_words(notes: Sequence[Note], about: Mapping[str, str]) -> str:
    """The notes as paragraphs, with the ids of commands in braces; `about` says what each command does."""
    said = []
    for note in notes:
        head = f"{{{note.key}}}" if note.key else literal(note.head)
        words = literal(note.text) or f": {about.get(note.key, '')}"
        said.append(" ".join(part for part in (head, words, note.hint) if part).replace(" :", ":"))
    return "\n\n".join(said)
