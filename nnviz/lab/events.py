"""How events of the engine change the lab."""

from __future__ import annotations

from dataclasses import replace

from nnviz.engine import Answered, Compared, Died, Event, Failed, Moment, Raced
from nnviz.lab.command import Result
from nnviz.lab.edits import on_stopped
from nnviz.lab.effects import ComputeWalk, Effect, RestartEngine, StartRun, Toast
from nnviz.lab.lab import Lab
from nnviz.lab.race import on_died, on_raced
from nnviz.run import Checkpoint


def on_event(lab: Lab, event: Event) -> Result:
    """The lab after an event; unchanged if the event belongs to an earlier run."""
    match event:
        case Died():
            lab, effects = _died(lab, event)
            lab, raced = on_died(lab, lab.status.failure is None)
            return lab, (*effects, *raced)
        case Answered():
            return lab, ()
        case Raced():
            return on_raced(lab, event)
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
    if moment.health is not None:
        lab = lab.with_status(health=moment.health)
    if status.stopping is not None:
        lab = lab.with_status(responded=True)
        return (lab, ()) if moment.running else on_stopped(lab, moment.checkpoint)
    early = status.started_at == moment.step and not moment.running
    running = (moment.running or early) and status.failure is None
    lab = lab.with_status(running=running, started_at=status.started_at if early else None, responded=True)
    if moment.checkpoint is not None:
        lab = replace(lab, present=replace(lab.present, checkpoint=moment.checkpoint))
    return (lab, ()) if early else _walk_on(lab, moment)


def _walk_on(lab: Lab, moment: Moment) -> Result:
    """Training has stopped at another step: move the walk to it, at the same stop."""
    walk = lab.walk
    if moment.running or walk.step is None or walk.step == moment.step:
        return lab, ()
    if lab.graph != "walk":
        # It was left: the next walk starts in the step that is current then.
        return replace(lab, walk=walk.ended()), ()
    # If training paused for the walk, a toast has announced it already.
    said = () if walk.pausing else (Toast(f"The walk now goes through step {moment.step:,}."),)
    lab = lab.with_walk(step=moment.step, position=0, goal=walk.position, pausing=False)
    return lab, (ComputeWalk(), *said)


def _failed(lab: Lab, event: Failed) -> Result:
    if lab.status.stopping is not None:
        # The run has been replaced; its last checkpoint arrived before this event.
        return on_stopped(lab, _checkpoint(lab))
    lab = lab.with_status(failure=event, running=False, responded=True)
    return lab, (Toast(event.message, event.hint, "error"),)


def _died(lab: Lab, event: Died) -> Result:
    """Restart the process at the last checkpoint, unless it died before its first event: then it would die again."""
    effects: tuple[Effect, ...]
    responded = lab.status.responded
    lab = lab.with_status(running=False, responded=False)
    if responded:
        words = f"The training process died: {event.reason}."
        hint = f"A new process is ready at step {lab.present.step:,}; {{train}} continues from there."
        effects = (RestartEngine(), StartRun(), Toast(words, hint, "error"))
    else:
        message = f"the training process died while starting: {event.reason}"
        failure = Failed(lab.status.number, message, "change the network, or train to try again")
        lab = lab.with_status(failure=failure, retryable=True)
        effects = (Toast(failure.message, failure.hint, "error"),)
    if lab.status.stopping is not None:
        # The changes that waited for it are made at its last checkpoint; there is one run to start, the changed one.
        lab, started = on_stopped(lab, _checkpoint(lab))
        effects = (*(effect for effect in effects if not isinstance(effect, StartRun)), *started)
    return lab, effects


def loading(lab: Lab) -> Result:
    """What was asked for needs data that are still being loaded."""
    return lab, (Toast("The data are being loaded; it goes on once they are there."),)


def _checkpoint(lab: Lab) -> Checkpoint | None:
    """The last checkpoint of the replaced run."""
    entries = (lab.present, *lab.past, *lab.future)
    return next((entry.checkpoint for entry in entries if entry.run is lab.status.stopping), None)
