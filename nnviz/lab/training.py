"""The commands on the run."""

from __future__ import annotations

from dataclasses import replace

from nnviz.data import goes_on_with, schema_of
from nnviz.engine import Train
from nnviz.lab.command import Result
from nnviz.lab.edits import edit, open_run, push_entry, resume_after, revised
from nnviz.lab.effects import (
    ClearToasts,
    EditSettings,
    Open,
    RestartEngine,
    SetPace,
    StartRun,
    StopTraining,
    Toast,
    TrainOn,
)
from nnviz.lab.lab import PACES, Lab, PendingChange
from nnviz.network import Settings, fit_to_data, trace
from nnviz.run import Run, begins_anew
from nnviz.run.leak import trained_before
from nnviz.run.run import ENDLESS


def train(lab: Lab) -> Result:
    """Train, or pause."""
    if lab.running:
        return lab.with_status(started_at=None, training=None), (StopTraining(),)
    if lab.status.resume is not None or (lab.status.stopping is not None and lab.status.training is not None):
        # It stays at rest once the run has stopped that is being replaced.
        return lab.with_status(training=None, resume=None), (ClearToasts(),)
    lab, effects = go(lab, Train())
    if lab.running and lab.walking:
        words = f"Training continues; the walk stays in step {lab.walk.step:,} meanwhile."
        effects = (*effects, Toast(words, "{train} pauses."))
    return lab, (ClearToasts(), *effects)


def step(lab: Lab) -> Result:
    """Train one step."""
    return go(lab, Train(steps=1))


def epoch(lab: Lab) -> Result:
    """Train to the end of the epoch."""
    return go(lab, Train(to_epoch=True))


def go(lab: Lab, command: Train) -> Result:
    """Train as ordered, if the network is valid and the run has not failed."""
    status, error = lab.status, trace(lab.network).diagnostic
    if error is not None:
        return lab, (Toast(f"Training cannot start: {error.message}", lab.fix_hint, "error"),)
    if status.failure is not None and not status.retryable:
        return lab, (Toast(status.failure.message, status.failure.hint, "error"),)
    if status.stopping is not None:
        return lab.with_status(training=None, resume=command), ()
    step = lab.present.step
    lab = lab.with_status(
        running=True, started_at=step, failure=None, retryable=False, training=command, trained_from=step
    )
    return lab, ((RestartEngine(), StartRun(command)) if status.retryable else (TrainOn(command),))


def pace(lab: Lab, by: int) -> Result:
    """Train faster or slower."""
    at = PACES.index(lab.pace) + by
    if not 0 <= at < len(PACES):
        limit = "Training is at full speed already." if by > 0 else "One step a second is the slowest pace."
        return lab, (Toast(limit, "{step} takes one step." if by < 0 else "{slower} slows it down."),)
    return replace(lab, pace=PACES[at]), (SetPace(PACES[at]),)


def use(lab: Lab) -> Result:
    """Switch between the plan, sorted once, and the tape, sorted at every step."""
    planned = not lab.present.planned
    after, effects = push_entry(lab, revised(lab, PendingChange(lab.network, planned=planned)))
    # The walk goes through the same step, and the measured costs still hold.
    after = resume_after(replace(after, walk=lab.walk).with_status(costs=lab.status.costs), lab)
    words = (
        "Training with the plan: sorted once, then replayed."
        if planned
        else "Training on the tape: sorted again at every step."
    )
    return after, (*effects, Toast(words, "{undo} undoes it."))


def reset(lab: Lab) -> Result:
    """Restart at step 0 with the same initial weights."""
    lab, effects = open_run(lab, Run(lab.network, planned=lab.present.planned, parent=lab.run), same=True)
    words = f"Back at the initial weights of seed {lab.network.settings.seed}."
    return lab, (*effects, Toast(words, "{undo} restores the learned ones."))


def reseed(lab: Lab) -> Result:
    """Restart with the next seed: new weights, batches and split."""
    settings = lab.network.settings
    lab, effects = edit(lab, lab.network.configure(replace(settings, seed=(settings.seed + 1) % 2**32)))
    words = f"Seed {lab.network.settings.seed}: new weights, new batches, new split."
    return lab, (*effects, Toast(words, "{undo} undoes it."))


def settings(lab: Lab) -> Result:
    """Edit the settings."""
    return open_settings(lab, "data")


def open_settings(lab: Lab, first: str) -> Result:
    """Edit the settings, with the cursor at one of data, loss, optimizer, initialization."""
    return lab, (Open(EditSettings(lab.network.settings, first), _configured),)


def _configured(lab: Lab, answer: tuple[Settings, bool]) -> Result:
    chosen, fit = answer
    anew = begins_anew(lab.network, lab.network.configure(chosen))
    kinds = [f for f in ("data", "initialization", "seed") if getattr(chosen, f) != getattr(lab.network.settings, f)]
    network, done = lab.network.configure(chosen), list[str]()
    if fit and not goes_on_with(lab.network.settings.data, chosen.data):
        network, done = fit_to_data(network)
    before = lab
    lab, effects = edit(lab, network)
    said = f"Other {' and '.join(kinds)}: a new run from step 0." if anew else _samples_changed(before, chosen)
    said += " Fitted to the data: " + "; ".join(done) + "." if done else ""
    return lab, (*effects, *((Toast(said.strip(), "{undo} returns to the run before."),) if said else ()))


def _samples_changed(lab: Lab, chosen: Settings) -> str:
    """What other noise or another test share means for the run that goes on; empty if neither is other."""
    old, data, said, known = lab.network.settings.data, chosen.data, list[str](), ""
    if data.get("noise") != old.get("noise"):
        said.append(f"noise {data['noise']:g}")
    if data.get("test_share") != old.get("test_share"):
        now = schema_of(data)
        said.append(f"{now.train:,} samples for training, {now.test:,} for testing")
        # The present step is not known while it trains, and the first one comes soon.
        more = trained_before(lab.run, ENDLESS if lab.advancing else lab.present.step, now)
        if more != 0:
            many = "Some" if more is None else f"{more:,}"
            known = f" {many} of the test samples were trained on before, so that the test loss looks too good."
    if not said:
        return ""
    if chosen.batch != lab.network.settings.batch:
        said.append(f"batches of {chosen.batch:,}")
    words = ", ".join(said)
    return f"{words[0].upper()}{words[1:]}: training goes on with the weights.{known}"
