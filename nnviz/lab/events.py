"""What the engine says, taken into the lab."""

from __future__ import annotations

from dataclasses import replace

from nnviz.engine import Answered, Compared, Died, Event, Failed, Moment
from nnviz.lab.command import Result
from nnviz.lab.edits import on_stopped
from nnviz.lab.effects import ComputeWalk, Effect, RestartEngine, Toast
from nnviz.lab.lab import Lab
from nnviz.run import Checkpoint


def on_event(lab: Lab, event: Event) -> Result:
    """The lab after an event; unchanged where it belongs to an earlier run."""
    match event:
        case Died():
            return _died(lab, event)
        case Answered():
            return lab, ()
        case _ if event.number != lab.status.number:
            return lab, ()
        case Failed():
            return _failed(lab, event)
        case Compared(costs=costs):
            return lab.with_status(costs=costs), ()
        case Moment():
            return _moved(lab, event)
    return lab, ()


def _moved(lab: Lab, moment: Moment) -> Result:
    status = lab.status
    if status.leaving is not None:
        lab = lab.with_status(responded=True)
        return (lab, ()) if moment.running else on_stopped(lab, moment.checkpoint)
    early = status.asked == moment.step and not moment.running
    running = (moment.running or early) and status.failure is None
    lab = lab.with_status(running=running, asked=status.asked if early else None, responded=True)
    if moment.checkpoint is not None:
        lab = replace(lab, present=replace(lab.present, checkpoint=moment.checkpoint))
    return (lab, ()) if early else _walk_on(lab, moment)


def _walk_on(lab: Lab, moment: Moment) -> Result:
    """The run stands at another step: a walk goes through its next one, to the same place."""
    walk = lab.walk
    if moment.running or walk.step is None or walk.step == moment.step:
        return lab, ()
    if lab.graph != "walk":
        # Whoever left it walks through the step that is the next one then.
        return replace(lab, walk=walk.ended()), ()
    # Where it waited for training to pause, that has been said.
    said = () if walk.waits else (Toast(f"The walk goes through step {moment.step:,} now."),)
    lab = lab.with_walk(step=moment.step, position=0, goal=walk.position, waits=False)
    return lab, (ComputeWalk(), *said)


def _failed(lab: Lab, event: Failed) -> Result:
    if lab.status.leaving is not None:
        # The run is left anyway; its last checkpoint has come before this.
        return on_stopped(lab, _checkpoint(lab))
    lab = lab.with_status(failure=event, running=False, responded=True)
    return lab, (Toast(event.message, event.hint, "error"),)


def _died(lab: Lab, event: Died) -> Result:
    """Start another process, which goes on from the last checkpoint; but not one that would die of the same at once."""
    effects: tuple[Effect, ...]
    responded = lab.status.responded
    lab = lab.with_status(running=False, responded=False)
    if responded:
        words = f"The training process is gone: {event.reason}."
        hint = f"A new one stands at step {lab.present.step:,}; {{train}} goes on from there."
        effects = (RestartEngine(), Toast(words, hint, "error"))
    else:
        message = f"the training process ends before it has begun: {event.reason}"
        failure = Failed(lab.status.number, message, "change the network, or train to try again")
        lab = lab.with_status(failure=failure, retries=True)
        effects = (Toast(failure.message, failure.hint, "error"),)
    if lab.status.leaving is not None:
        lab, started = on_stopped(lab, _checkpoint(lab))
        effects = (*effects, *started)
    return lab, effects


def loading(lab: Lab) -> Result:
    """What was asked for needs data that are still being loaded."""
    return lab, (Toast("The data are being loaded; it goes on once they are there."),)


def _checkpoint(lab: Lab) -> Checkpoint | None:
    """The last checkpoint of the run that was left."""
    entries = (lab.present, *lab.past, *lab.future)
    return next((entry.checkpoint for entry in entries if entry.run is lab.status.leaving), None)
