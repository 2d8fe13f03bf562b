"""From one run to the next: edits, undo and redo, and what happens to a run that is left while it trains."""

from __future__ import annotations

from dataclasses import replace

from nnviz.engine import Train
from nnviz.lab.command import Result
from nnviz.lab.effects import ClearToasts, ComputeWalk, Effect, LeaveWalk, Minimise, StartRun, StopTraining, Toast
from nnviz.lab.lab import Entry, Lab, PendingChange, Status
from nnviz.network import Network, outline
from nnviz.run import Checkpoint, Run, Weights


def edit(lab: Lab, network: Network, row: int | None = None, weights: Weights | None = None) -> Result:
    """Make `network` the present one, with the cursor on `row`; the run goes on with it at its step.

    Args:
        lab: the lab.
        network: the edited network.
        row: the selected row after it; as before, if left out.
        weights: by path, those that are given instead of kept.
    """
    # Two equal layers may have learned differently: exchanging them is an edit, too.
    if (network, network.ids) == (lab.network, lab.network.ids):
        return lab, ()
    present = revised(lab, PendingChange(network, weights or {}, lab.present.planned))
    after, effects = push(lab, present, row)
    return _resuming(after, lab), effects


def revised(lab: Lab, change: PendingChange) -> Entry:
    """The present entry with a change: now, or at the step where its run stops."""
    if lab.moving:
        return replace(lab.present, pending=(*lab.present.pending, change))
    return lab.present.revised(change)


def _resuming(lab: Lab, before: Lab) -> Lab:
    """Training goes on after a change, unless that is a new beginning or an error."""
    was, now = before.network.settings, lab.network.settings
    begins = (was.data, was.seed, was.initialisation) != (now.data, now.seed, now.initialisation)
    goes_on = (before.running or before.status.resumes) and not begins and lab.runs
    return lab.with_status(resumes=goes_on) if lab.status.leaving is not None else lab


def begin(lab: Lab, run: Run, row: int | None = None) -> Result:
    """Make `run` the present one, at its start. Undo leads back."""
    return push(lab, Entry(run), row)


def push(lab: Lab, present: Entry, row: int | None = None) -> Result:
    """Make `present` the present entry, with the cursor on `row`; as before, if left out. Undo leads back."""
    row = min(lab.row if row is None else row, len(present.network.layers) + 1)
    after = replace(lab, present=replace(present, row=row), past=(*lab.past, lab.present), future=())
    return hand_over(after, lab)


def undo(lab: Lab) -> Result:
    """Undo the last edit."""
    if not lab.past:
        return lab, (Toast("Nothing to undo."),)
    *past, present = lab.past
    return hand_over(replace(lab, present=present, past=tuple(past), future=(*lab.future, lab.present)), lab)


def redo(lab: Lab) -> Result:
    """Redo what was undone."""
    if not lab.future:
        return lab, (Toast("Nothing to redo."),)
    *future, present = lab.future
    # The cursor stays where the edit had put it; the entry that is left keeps its own.
    return hand_over(replace(lab, present=present, past=(*lab.past, lab.present), future=tuple(future)), lab)


def hand_over(lab: Lab, before: Lab) -> Result:
    """Another run is the present one: hand it to the engine, once the one before it has stopped.

    The walk through the step of the run before begins anew, at its start, where the graph panel shows it.
    """
    lab = replace(lab, walk=lab.walk.ended())
    if before.moving or before.status.leaving is not None:
        leaving = before.status.leaving or before.run
        return lab.with_status(leaving=leaving, resumes=False, failure=None, costs=None), (
            ClearToasts(),
            StopTraining(),
        )
    lab, effects = start(lab)
    return lab, (ClearToasts(), *effects)


def start(lab: Lab) -> Result:
    """Give the present run to the engine."""
    status = Status(lab.status.number + 1, responded=lab.status.responded)
    lab = replace(lab, status=status)
    lab, walked = walk_again(lab)
    return lab, (StartRun(), *walked)


def walk_again(lab: Lab) -> Result:
    """Where the graph panel shows a walk through a step that is no more, walk through the present one."""
    if lab.graph != "walk" or lab.walk.step is not None or lab.status.leaving is not None:
        return lab, ()
    if not outline(lab.network, lab.walk.predicting).stops:
        # Nothing runs any more: no walk, but the stack that says why.
        return replace(lab, graph="picture", walk=lab.walk.ended()), (Minimise(), LeaveWalk())
    return lab.with_walk(step=lab.present.step), (ComputeWalk(),)


def on_stopped(lab: Lab, checkpoint: Checkpoint | None) -> Result:
    """The run that was left stands now: its last checkpoint is known, and with it where its changes took place."""
    leaving = lab.status.leaving
    assert leaving is not None  # noqa: S101 (the caller has asked)

    def at(entry: Entry) -> Entry:
        return entry.on_stopped(checkpoint) if entry.run is leaving else entry

    resumes = lab.status.resumes
    lab = replace(
        lab, present=at(lab.present), past=tuple(map(at, lab.past)), future=tuple(map(at, lab.future)),
        status=replace(lab.status, leaving=None, resumes=False, running=False), walk=lab.walk.ended(),
    )  # fmt: skip
    lab, effects = start(lab)
    if resumes and lab.runs:
        effects = tuple(StartRun(Train()) if isinstance(effect, StartRun) else effect for effect in effects)
        lab = lab.with_status(running=True)
    return lab, effects


def tell(done: str) -> tuple[Effect, ...]:
    """What an edit has done, in words, for where the stack is out of sight."""
    return (Toast(done, "{undo} takes it back.", unless="stack"),)
