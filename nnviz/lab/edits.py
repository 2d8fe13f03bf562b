"""From one run to the next: edits, undo and redo, and what happens to a run that is left while it trains."""

from __future__ import annotations

from dataclasses import replace

from nnviz.engine import Train
from nnviz.lab.command import Result
from nnviz.lab.effects import ClearToasts, ComputeWalk, Effect, LeaveWalk, Minimise, StartRun, StopTraining, Toast
from nnviz.lab.lab import Entry, Lab, PendingChange, Status
from nnviz.network import Network, outline
from nnviz.run import Run, State, Weights


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
    after, effects = push_entry(lab, present, row)
    return _resume_after_edit(after, lab), effects


def revised(lab: Lab, change: PendingChange) -> Entry:
    """The present entry with a change: now, or at the step where its run stops."""
    if lab.advancing:
        return replace(lab.present, pending=(*lab.present.pending, change))
    return lab.present.revised(change)


def _resume_after_edit(lab: Lab, before: Lab) -> Lab:
    """Training goes on after a change, unless that is a new beginning or an error."""
    was, now = before.network.settings, lab.network.settings
    new_run = (was.data, was.seed, was.initialisation) != (now.data, now.seed, now.initialisation)
    resume = (before.running or before.status.resume) and not new_run and lab.valid
    return lab.with_status(resume=resume) if lab.status.stopping is not None else lab


def open_run(lab: Lab, run: Run, row: int | None = None) -> Result:
    """Make `run` the present one, at its start. Undo leads back."""
    return push_entry(lab, Entry(run), row)


def push_entry(lab: Lab, present: Entry, row: int | None = None) -> Result:
    """Make `present` the present entry, with the cursor on `row`; as before, if left out. Undo leads back."""
    row = min(lab.row if row is None else row, len(present.network.layers) + 1)
    after = replace(lab, present=replace(present, row=row), past=(*lab.past, lab.present), future=())
    return replace_run(after, lab)


def undo(lab: Lab) -> Result:
    """Undo the last edit."""
    if not lab.past:
        return lab, (Toast("Nothing to undo."),)
    *past, present = lab.past
    return replace_run(replace(lab, present=present, past=tuple(past), future=(*lab.future, lab.present)), lab)


def redo(lab: Lab) -> Result:
    """Redo what was undone."""
    if not lab.future:
        return lab, (Toast("Nothing to redo."),)
    *future, present = lab.future
    # The cursor stays where the edit had put it; the entry that is left keeps its own.
    return replace_run(replace(lab, present=present, past=(*lab.past, lab.present), future=tuple(future)), lab)


def replace_run(lab: Lab, before: Lab) -> Result:
    """Another run is the present one: hand it to the engine, once the one before it has stopped.

    The walk through the step of the run before new_run anew, at its start, where the graph panel shows it.
    """
    lab = replace(lab, walk=lab.walk.ended())
    if before.advancing or before.status.stopping is not None:
        stopping = before.status.stopping or before.run
        return lab.with_status(stopping=stopping, resume=False, failure=None, costs=None), (
            ClearToasts(),
            StopTraining(),
        )
    lab, effects = start(lab)
    return lab, (ClearToasts(), *effects)


def start(lab: Lab) -> Result:
    """Give the present run to the engine."""
    status = Status(lab.status.number + 1, responded=lab.status.responded)
    lab = replace(lab, status=status)
    lab, walk_effects = restart_walk(lab)
    return lab, (StartRun(), *walk_effects)


def restart_walk(lab: Lab) -> Result:
    """Where the graph panel shows a walk through a step that is no more, walk through the present one."""
    if lab.graph != "walk" or lab.walk.step is not None or lab.status.stopping is not None:
        return lab, ()
    if not outline(lab.network, lab.walk.predicting).stops:
        # Nothing runs any more: no walk, but the stack that says why.
        return replace(lab, graph="picture", walk=lab.walk.ended()), (Minimise(), LeaveWalk())
    return lab.with_walk(step=lab.present.step), (ComputeWalk(),)


def on_stopped(lab: Lab, checkpoint: State | None) -> Result:
    """The run that was left stands now: its last checkpoint is known, and with it where its changes took place."""
    stopping = lab.status.stopping
    assert stopping is not None  # noqa: S101 (the caller has asked)

    def at(entry: Entry) -> Entry:
        return entry.on_stopped(checkpoint) if entry.run is stopping else entry

    resume = lab.status.resume
    lab = replace(
        lab, present=at(lab.present), past=tuple(map(at, lab.past)), future=tuple(map(at, lab.future)),
        status=replace(lab.status, stopping=None, resume=False, running=False), walk=lab.walk.ended(),
    )  # fmt: skip
    lab, effects = start(lab)
    if resume and lab.valid:
        effects = tuple(StartRun(Train()) if isinstance(effect, StartRun) else effect for effect in effects)
        lab = lab.with_status(running=True)
    return lab, effects


def edit_toast(done: str) -> tuple[Effect, ...]:
    """What an edit has done, in words, for where the stack is out of sight."""
    return (Toast(done, "{undo} takes it back.", unless_visible="network"),)
