"""Replacing the present run: edits, undo and redo, and stopping a run that is replaced while it trains."""

from __future__ import annotations

from dataclasses import replace

from nnviz.lab.command import Result
from nnviz.lab.effects import (
    ClearToasts,
    ComputeWalk,
    Effect,
    LeaveWalk,
    Minimize,
    RestartEngine,
    StartRun,
    StopTraining,
    Toast,
)
from nnviz.lab.lab import Entry, Lab, PendingChange, Status
from nnviz.network import Network
from nnviz.run import Checkpoint, Run, Weights, begins_anew


def edit(lab: Lab, network: Network, row: int | None = None, weights: Weights | None = None) -> Result:
    """Change the present run's network at its current step, and select `row`.

    Args:
        lab: the lab.
        network: the edited network.
        row: the row to select; unchanged if None.
        weights: weights by path that replace those kept from the run.
    """
    # Equal layers may have different weights, so exchanging two of them is an edit as well.
    if (network, network.ids) == (lab.network, lab.network.ids):
        return lab, ()
    present = revised(lab, PendingChange(network, weights or {}, lab.present.planned))
    after, effects = push_entry(lab, present, row)
    return resume_after(after, lab), effects


def revised(lab: Lab, change: PendingChange) -> Entry:
    """The present entry with a change, applied now, or pending until its run has stopped."""
    if lab.advancing:
        return replace(lab.present, pending=(*lab.present.pending, change))
    return lab.present.revised(change)


def resume_after(lab: Lab, before: Lab) -> Lab:
    """Resume training once the run has stopped, unless the edit starts a new run or makes the network invalid."""
    if lab.status.stopping is None:
        return lab
    if not lab.valid or begins_anew(before.network, lab.network):
        return lab
    # What is left of it is known when the run has stopped; another edit until then leaves that as it is.
    return lab.with_status(training=before.status.training, resume=before.status.resume)


def open_run(lab: Lab, run: Run, row: int | None = None, *, same: bool = False) -> Result:
    """Make `run` the present run, at step 0. Undo returns to the one before.

    Args:
        lab: the lab.
        run: the run.
        row: the row to select; unchanged if None.
        same: whether it is saved in the same files as the run before.
    """
    document = lab.present.document if same else lab.new_document
    return push_entry(lab, Entry(run, document=document), row)


def push_entry(lab: Lab, present: Entry, row: int | None = None) -> Result:
    """Make `present` the present entry and add the one before to the undo history; `row` is selected, if given."""
    row = min(lab.row if row is None else row, len(present.network.layers) + 1)
    after = replace(lab, present=replace(present, row=row), past=(*lab.past, lab.present), future=())
    return replace_run(after, lab)


def undo(lab: Lab) -> Result:
    """Undo the last edit."""
    if not lab.past:
        return lab, (Toast("Nothing to undo."),)
    *past, present = lab.past
    after, effects = replace_run(
        replace(lab, present=present, past=tuple(past), future=(*lab.future, lab.present)), lab
    )
    return after, (*effects, *_rested(lab), *edit_toast(after, "The last edit is undone.", "{redo} takes it again."))


def redo(lab: Lab) -> Result:
    """Redo what was undone."""
    if not lab.future:
        return lab, (Toast("Nothing to redo."),)
    *future, present = lab.future
    # An entry keeps its own selected row.
    after, effects = replace_run(
        replace(lab, present=present, past=(*lab.past, lab.present), future=tuple(future)), lab
    )
    return after, (*effects, *_rested(lab), *edit_toast(after, "The edit is made again."))


def _rested(before: Lab) -> tuple[Effect, ...]:
    """A toast that says that training rests, where it went on before undo or redo."""
    words = "This is a former run, where it was left: training rests."
    return (Toast(words, "{train} goes on."),) if before.running else ()


def replace_run(lab: Lab, before: Lab) -> Result:
    """Start the present run of `lab` in place of that of `before`, once that one has stopped.

    A walk that is shown restarts at its first stop, in the new run.
    """
    lab = replace(lab, walk=lab.walk.ended())
    if before.advancing or before.status.stopping is not None:
        stopping = before.status.stopping or before.run
        lab = lab.with_status(stopping=stopping, training=None, resume=None, failure=None, costs=None)
        return lab, (ClearToasts(), StopTraining())
    lab, effects = start(lab)
    return lab, (ClearToasts(), *effects)


def start(lab: Lab) -> Result:
    """Start the present run in the engine."""
    # Where the process died while it was starting, there is none to take the run.
    again: tuple[Effect, ...] = (RestartEngine(),) if lab.status.retryable else ()
    status = Status(lab.status.number + 1, responded=lab.status.responded)
    lab = replace(lab, status=status)
    lab, walk_effects = restart_walk(lab)
    return lab, (*again, StartRun(), *walk_effects)


def restart_walk(lab: Lab) -> Result:
    """Restart a walk that is shown, in the present run, after the step it went through has been replaced."""
    if lab.graph != "walk" or lab.walk.step is not None or lab.status.stopping is not None:
        return lab, ()
    if not lab.outline.stops:
        # No layer runs: leave the walk, and show the stack with its error.
        return replace(lab, graph="picture", walk=lab.walk.ended()), (Minimize(), LeaveWalk())
    return lab.with_walk(step=lab.present.step), (ComputeWalk(),)


def on_stopped(lab: Lab, checkpoint: Checkpoint | None) -> Result:
    """The replaced run has stopped: apply its pending changes at its last checkpoint, and start the present run."""
    stopping = lab.status.stopping
    assert stopping is not None  # noqa: S101 (the caller has asked)

    def at(entry: Entry) -> Entry:
        return entry.on_stopped(checkpoint) if entry.run is stopping else entry

    resume = lab.status.resume or lab.status.rest(checkpoint)
    lab = replace(
        lab, present=at(lab.present), past=tuple(map(at, lab.past)), future=tuple(map(at, lab.future)),
        status=replace(lab.status, stopping=None, resume=None, running=False), walk=lab.walk.ended(),
    )  # fmt: skip
    lab, effects = start(lab)
    if resume is not None and lab.valid:
        effects = tuple(StartRun(resume) if isinstance(effect, StartRun) else effect for effect in effects)
        lab = lab.with_status(running=True, training=resume, trained_from=lab.present.step)
    return lab, effects


def edit_toast(lab: Lab, done: str, hint: str = "{undo} undoes it.") -> tuple[Effect, ...]:
    """A toast that describes an edit while the network is not visible, as below a walk, which then starts again."""
    again = " The walk starts again." if lab.graph == "walk" else ""
    return (Toast(f"{done}{again}", hint, unless_visible="network"),)
