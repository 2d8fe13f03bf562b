"""`nnviz train`: a run without a screen."""

from __future__ import annotations

import json
import math
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import click

from nnviz.cli.own import DataChoice
from nnviz.errors import ArgumentError, DataError
from nnviz.files.export import history_csv
from nnviz.files.model_file import write_model
from nnviz.files.opened import HISTORY, MODEL, STATE, WEIGHTS, Opened
from nnviz.files.weights import read_checkpoint, write_checkpoint, write_weights
from nnviz.run import DivergedError, Evaluation, Run, Trainer
from nnviz.serialization.disk import write

EPOCHS = 10
"""How many epochs are trained if nothing else is asked for."""

INTERRUPTED = 130
"""The exit code after Ctrl+C."""

LIVE = 50
"""Steps between two updates of the progress line."""

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
    report = _Json() if as_json else _Bar() if sys.stdout.isatty() else _Lines()
    last = trainer.step + steps if steps is not None else None
    epoch = trainer.epochs + (EPOCHS if epochs is None else epochs)
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
                elif step.step % LIVE == 0:
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
    network, checkpoint = read_checkpoint(folder / STATE)
    if network != opened.network:
        raise DataError(
            f"{folder / MODEL} was changed since {STATE} was saved",
            "undo the change, or train without --resume into another folder",
        )
    return Trainer(Run(network), checkpoint), folder if out is None else Path(out)


def _save(trainer: Trainer, folder: Path) -> list[str]:
    """Write the files of a run, the checkpoint first: it contains all that is needed to go on."""
    checkpoint = trainer.checkpoint()
    files = {name: folder / name for name in (MODEL, WEIGHTS, STATE, HISTORY)}
    write_checkpoint(checkpoint, trainer.network, files[STATE])
    write_weights(checkpoint.parameters, files[WEIGHTS])
    write_model(trainer.network, files[MODEL])
    write(files[HISTORY], history_csv(checkpoint.history).encode())
    return [str(path) for path in files.values()]


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


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


class _Json:
    """One object a line."""

    def evaluation(self, row: Evaluation, **more: object) -> None:
        """Both sets were measured."""
        names = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
        values = {name: _number(getattr(row, name)) for name in names}
        click.echo(json.dumps({"step": row.step, "epoch": row.epoch, **values, **more}))

    def step(self, number: int, epoch: float, loss: float) -> None:
        """Steps in between are not printed."""

    def end(self, row: Evaluation, files: list[str]) -> None:
        """The run is at its end, and saved."""
        self.evaluation(row, done=True, files=files)


class _Lines:
    """A line of text for each evaluation."""

    def evaluation(self, row: Evaluation) -> None:
        """Both sets were measured."""
        click.echo(_words(row))

    def step(self, number: int, epoch: float, loss: float) -> None:
        """Steps in between are not printed."""

    def end(self, row: Evaluation, files: list[str]) -> None:
        """The run is at its end, and saved."""
        click.echo(f"saved {', '.join(files)}" if files else "not saved: -o DIR saves the weights")


class _Bar(_Lines):
    """A line on the terminal that is written again and again."""

    def evaluation(self, row: Evaluation) -> None:
        """Both sets were measured."""
        self._show(_words(row))

    def step(self, number: int, epoch: float, loss: float) -> None:
        """Some steps in between."""
        share = int(20 * (epoch % 1))
        self._show(f"epoch {epoch:.1f}  step {number:,}  [{'#' * share}{'.' * (20 - share)}]  loss {loss:.4g}")

    def end(self, row: Evaluation, files: list[str]) -> None:
        """The run is at its end, and saved."""
        self._show(_words(row))
        click.echo()
        super().end(row, files)

    @staticmethod
    def _show(text: str) -> None:
        click.echo(f"\r\x1b[K{text}", nl=False)


def _words(row: Evaluation) -> str:
    text = f"epoch {row.epoch:g}  step {row.step:,}  loss {row.train_loss:.4g}  test {row.test_loss:.4g}"
    return text if math.isnan(row.test_accuracy) else f"{text}  accuracy {row.test_accuracy:.1%}"
