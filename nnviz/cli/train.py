"""`nnviz train`: a run without a screen."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import click

from nnviz.cli.own import DataChoice
from nnviz.cli.reports import Bar, Json, Lines
from nnviz.errors import ArgumentError, DataError
from nnviz.files.opened import MODEL, STATE, Opened
from nnviz.files.saved import save_state
from nnviz.files.weights import State, read_state
from nnviz.run import DivergedError, Run, Trainer

EPOCHS = 10
"""How many epochs are trained if nothing else is asked for."""

INTERRUPTED = 130
"""The exit code after Ctrl+C."""

Loaded = tuple[Trainer, Path | None]


def train(
    model: str,
    data: DataChoice,
    epochs: int | None,
    steps: int | None,
    seed: int | None,
    out: str | None,
    resume: bool,
    as_json: bool,
) -> int:
    """Train, print the evaluations, and save; the exit code.

    Raises:
        NnvizError: the model cannot be opened, trained or saved.
    """
    trainer, folder = _resumed(model, data, seed, out) if resume else _begun(model, data, seed, out)
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(f"{folder} cannot be made: {error.strerror}", "pass another folder with -o") from None
    last = trainer.step + steps if steps is not None else None
    epoch = trainer.epochs + (EPOCHS if epochs is None else epochs)
    goal = epoch if last is None else trainer.epoch + (last - trainer.step) / trainer.steps_per_epoch
    report = Json() if as_json else Bar(trainer.epoch, goal) if sys.stdout.isatty() else Lines()
    failure: DivergedError | None = None
    with _interruptible() as interrupted:
        if trainer.step == 0:
            report.evaluation(trainer.history.rows[0])
        try:
            ongoing = trainer.steps()
            while not interrupted and (trainer.step < last if last is not None else trainer.epochs < epoch):
                step = next(ongoing)
                if step.evaluation is not None:
                    report.evaluation(step.evaluation)
                else:
                    report.step(step.step, trainer.epoch, step.loss)
        except DivergedError as error:
            failure = error
        # What is saved stays whole, however often Ctrl+C is pressed.
        files = _save(trainer, folder) if folder is not None else []
    report.end(trainer.evaluate(), files)
    if failure is not None:
        raise failure
    return INTERRUPTED if interrupted else 0


def _begun(model: str, data: DataChoice, seed: int | None, out: str | None) -> Loaded:
    """A trainer at the start of a run, from the saved weights if there are any."""
    opened: Opened = data.open(model)
    for warning in opened.warnings:
        click.echo(f"nnviz: warning: {warning}", err=True)
    network = opened.network
    if seed is not None:
        network = network.configure(replace(network.settings, seed=seed))
    return Trainer(Run(network, opened.weights)), None if out is None else Path(out)


def _resumed(model: str, data: DataChoice, seed: int | None, out: str | None) -> Loaded:
    """A trainer that continues where a folder's run has stopped."""
    if seed is not None:
        raise ArgumentError("--seed cannot be combined with --resume", "the run continues with its own seed")
    if data.given:
        raise ArgumentError("--data cannot be combined with --resume", "the run continues with its own data")
    opened = data.open(model, weights=False)
    folder = opened.folder
    if folder is None or not (folder / STATE).exists():
        raise DataError(f"there is no {STATE} to resume from", f"pass a folder that train -o wrote, not {model[:60]!r}")
    state = read_state(folder / STATE)
    if state.checkpoint is None:
        raise DataError(f"{folder / STATE} contains no checkpoint", "train without --resume")
    if state.network != opened.network:
        raise DataError(
            f"{folder / MODEL} was changed since {STATE} was saved",
            "undo the change, or train without --resume into another folder",
        )
    if state.changed:
        raise DataError(
            state.changed,
            "bring the former file back, or train without --resume, which begins at step 0 with the saved weights",
        )
    run = Run(state.network, planned=state.planned)
    return Trainer(run, state.checkpoint), folder if out is None else Path(out)


def _save(trainer: Trainer, folder: Path) -> list[str]:
    """Write the files of a run: all of them or none."""
    saved = save_state(State(trainer.network, trainer.checkpoint(), planned=trainer.planned), folder / MODEL)
    return [str(folder / name) for name in saved.files]


@contextmanager
def _interruptible() -> Iterator[list[int]]:
    """A list that gets an entry when the user presses Ctrl+C."""
    pressed: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        pressed.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
