"""`nnviz train`: a run without a screen."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import FrameType

import click

from nnviz.cli.own import DataChoice, say
from nnviz.cli.remarks import beginning, outcome, units
from nnviz.cli.reports import Bar, Json, Lines
from nnviz.errors import ArgumentError, DataError, NnvizError, TrainingError
from nnviz.files.model_file import read_model
from nnviz.files.opened import MODEL, STATE, WEIGHTS, Opened, open_model
from nnviz.files.place import files_beside
from nnviz.files.saved import existing, same_weights, save_state, state_of
from nnviz.files.state import OtherNetworkError, read_state
from nnviz.network import Network
from nnviz.paths import exists
from nnviz.run import DivergedError, Run, Trainer
from nnviz.serialization.disk import make_folder

EPOCHS = 10
"""How many epochs are trained if nothing else is asked for."""

SIGNALLED = 128
"""The exit code after a signal is this and its number: 130 after Ctrl+C."""

SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""The signals that stop training, after which it is saved: of Ctrl+C, of a time limit, and of a closed terminal."""


def train(
    model: str,
    data: DataChoice,
    epochs: int | None,
    steps: int | None,
    seed: int | None,
    out: str | None,
    resume: bool,
    force: bool,
    as_json: bool,
) -> int:
    """Train, print the evaluations, and save; the exit code.

    Raises:
        NnvizError: the model cannot be opened, trained or saved.
    """
    trainer, own = _resumed(model, data, seed) if resume else (_begun(model, data, seed), None)
    place = own if out is None else Path(out) / MODEL
    if place is not None:
        if not force and (own is None or os.path.realpath(place) != os.path.realpath(own)):
            _refuse_to_replace(place, trainer.network)
        make_folder(place.parent)
    _say([*beginning(trainer), *units(trainer)])
    last = trainer.step + steps if steps is not None else None
    epoch = trainer.epochs + (EPOCHS if epochs is None else epochs)
    goal = epoch if last is None else trainer.epoch + (last - trainer.step) / trainer.steps_per_epoch
    report = Json() if as_json else Bar(trainer.epoch, goal) if sys.stdout.isatty() else Lines()
    with _interruptible() as interrupted:
        failure = _steps(trainer, report, last, epoch, interrupted)
        # What is saved stays whole, however often Ctrl+C is pressed.
        files = _save(trainer, place) if place is not None else []
    if not isinstance(failure, OSError):
        # After a step that failed, measuring would fail as well, unless the weights are those of an earlier step.
        measured = failure is None or isinstance(failure, DivergedError)
        row = trainer.evaluate() if measured else trainer.history.rows[-1]
        report.end(row, files)
        _say(outcome(trainer, row) if failure is None else [])
    if failure is not None:
        raise failure
    return SIGNALLED + interrupted[0] if interrupted else 0


def _steps(
    trainer: Trainer, report: Json | Lines, last: int | None, epoch: int, interrupted: list[int]
) -> NnvizError | OSError | None:
    """Train until step `last`, or else until the end of `epoch`, or a signal; the error that ended it sooner."""
    try:
        if trainer.step == 0:
            report.evaluation(trainer.history.rows[0])
        ongoing = trainer.steps()
        while not interrupted and (trainer.step < last if last is not None else trainer.epochs < epoch):
            step = next(ongoing)
            if step.evaluation is not None:
                report.evaluation(step.evaluation)
            else:
                report.step(step.step, trainer.epoch, step.loss)
    except (NnvizError, OSError) as error:
        # An OSError is of the output: its reader, such as head, has enough, or its disk is full.
        return error
    except Exception as error:
        # What was learned until then is saved, whatever it is.
        return TrainingError(f"step {trainer.step + 1:,} failed: {type(error).__name__}: {error}", "change the network")
    return None


def _begun(model: str, data: DataChoice, seed: int | None) -> Trainer:
    """A trainer at the start of a run, from the saved weights if there are any."""
    opened: Opened = data.open(model)
    for warning in opened.warnings:
        click.echo(f"nnviz: warning: {warning}", err=True)
    network = opened.network
    if seed is not None:
        network = network.configure(replace(network.settings, seed=seed))
    return Trainer(Run(network, opened.weights))


def _say(lines: list[str]) -> None:
    for line in lines:
        say(line)


def _refuse_to_replace(model: Path, network: Network) -> None:
    """Refuse to write a run over the files of another; a model file of the same network can stay.

    Raises:
        ArgumentError: there are such files.
    """
    for path in existing(model):
        if path == model:
            with suppress(NnvizError):
                if read_model(model) == network:
                    continue
        raise ArgumentError(f"{path} exists already", "pass another folder with -o, or replace the run with --force")


def _resumed(model: str, data: DataChoice, seed: int | None) -> tuple[Trainer, Path]:
    """A trainer that continues where the run of a model file has stopped, and that file."""
    if seed is not None:
        raise ArgumentError("--seed cannot be combined with --resume", "the run continues with its own seed")
    if data.given:
        raise ArgumentError("--data cannot be combined with --resume", "the run continues with its own data")
    # Without the weights first: those of a network that was changed since would be refused for their shapes.
    opened = data.open(model, weights=False)
    file = None if opened.place is None or opened.folder is None else opened.folder / opened.place.model.name
    path = None if file is None else files_beside(file)[STATE]
    if file is None or path is None or not exists(path):
        name = STATE if path is None else path.name
        raise DataError(f"there is no {name} to resume from", f"pass a folder that train -o wrote, not {model[:60]!r}")
    try:
        state = read_state(path, opened.network)
    except OtherNetworkError:
        raise DataError(
            f"{file.name} was changed since {path} was saved",
            "undo the change, or train without --resume into another folder",
        ) from None
    if state.checkpoint is None:
        raise DataError(f"{path} contains no checkpoint", "train without --resume")
    weights = open_model(file).weights
    if weights and not same_weights(weights, state.checkpoint.parameters):
        name = files_beside(file)[WEIGHTS].name
        raise DataError(
            f"{name} was replaced since {path} was saved",
            f"train without --resume to begin with these weights, or remove {name} to go on with those of the run",
        )
    if state.changed:
        raise DataError(
            state.changed,
            "bring the former file back, or train without --resume, which begins at step 0 with the saved weights",
        )
    return Trainer(Run(state.network, planned=state.planned, earlier=state.changes), state.checkpoint), file


def _save(trainer: Trainer, model: Path) -> list[str]:
    """Write the files of a run: all of them or none."""
    saved = save_state(state_of(trainer.run, trainer.checkpoint()), model)
    return [str(model.parent / name) for name in saved.files]


@contextmanager
def _interruptible() -> Iterator[list[int]]:
    """A list that gets the number of each signal that is to stop training."""
    pressed: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        pressed.append(number)

    # Signals that are ignored, as by nohup, stay so.
    before = {one: signal.getsignal(one) for one in SIGNALS}
    for one in (one for one, handler in before.items() if handler is not signal.SIG_IGN):
        signal.signal(one, note)
    try:
        yield pressed
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
