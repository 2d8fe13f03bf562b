"""What `nnviz train` prints: objects, lines, or a progress bar."""

from __future__ import annotations

import json
import math
import shutil
from time import monotonic

import click

from nnviz.run import Evaluation
from nnviz.run.record import metric_columns

PAUSE = 0.1
"""Seconds between two pictures of the progress bar."""

WIDTH = 24
"""Characters of the bar, where there is room."""


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


class Json:
    """One object a line."""

    def evaluation(self, row: Evaluation, **more: object) -> None:
        """Both sets were measured."""
        names = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
        values = {name: _number(getattr(row, name)) for name in names}
        values |= {name: _number(column[0]) for name, column in metric_columns([row]).items()}
        click.echo(json.dumps({"step": row.step, "epoch": row.epoch, **values, **more}))

    def step(self, number: int, epoch: float, loss: float) -> None:
        """Steps in between are not printed."""

    def end(self, row: Evaluation, files: list[str]) -> None:
        """The run is at its end, and saved."""
        self.evaluation(row, done=True, files=files)


class Lines:
    """A line of text for each evaluation."""

    def evaluation(self, row: Evaluation) -> None:
        """Both sets were measured."""
        click.echo(_words(row))

    def step(self, number: int, epoch: float, loss: float) -> None:
        """Steps in between are not printed."""

    def end(self, row: Evaluation, files: list[str]) -> None:
        """The run is at its end, and saved."""
        click.echo(f"saved {', '.join(files)}" if files else "not saved: -o DIR saves the weights")


class Bar(Lines):
    """A line on the terminal that is written again and again: how much is done, and the losses.

    Args:
        start: the epoch at which training begins.
        goal: the one at which it ends.
    """

    def __init__(self, start: float, goal: float) -> None:
        self._start, self._goal = start, goal
        self._began = monotonic()
        self._shown = -math.inf
        self._test = ("", "")

    def evaluation(self, row: Evaluation) -> None:
        """Both sets were measured."""
        accuracy = "" if math.isnan(row.test_accuracy) else f"  accuracy {row.test_accuracy:.1%}"
        self._test = (f"  test {row.test_loss:.4g}", accuracy)
        self.step(row.step, row.epoch, row.train_loss)

    def step(self, number: int, epoch: float, loss: float) -> None:
        """Something is new; it is shown if the last picture is old enough."""
        if monotonic() - self._shown >= PAUSE:
            self._show(epoch, loss)

    def end(self, row: Evaluation, files: list[str]) -> None:
        """The run is at its end, and saved."""
        self._clear()
        click.echo(_words(row))
        super().end(row, files)

    def _show(self, epoch: float, loss: float) -> None:
        self._shown = monotonic()
        share = (epoch - self._start) / (self._goal - self._start) if self._goal > self._start else 1.0
        share = min(max(share, 0.0), 1.0)
        left = f"  {_time((self._shown - self._began) * (1 - share) / share)} left" if 0 < share < 1 else ""
        # The last column stays free: some terminals would begin a new line there.
        room = shutil.get_terminal_size().columns - 1
        parts = [f" {share:4.0%}  epoch {epoch:.1f} of {self._goal:g}", f"  loss {loss:.4g}", *self._test, left]
        while len("".join(parts)) > room and len(parts) > 1:
            # A part is shown as a whole or not at all; those at the end are the first to go.
            parts.pop()
        words = "".join(parts)
        width = min(WIDTH, room - len(words) - 2)
        done = round(share * width)
        bar = f"[{'#' * done}{'.' * (width - done)}]" if width >= 4 else ""
        self._clear()
        click.echo(f"{bar}{words}"[:room], nl=False)

    @staticmethod
    def _clear() -> None:
        click.echo("\r\x1b[K", nl=False)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _words(row: Evaluation) -> str:
    text = f"epoch {row.epoch:g}  step {row.step:,}  loss {row.train_loss:.4g}  test {row.test_loss:.4g}"
    return text if math.isnan(row.test_accuracy) else f"{text}  accuracy {row.test_accuracy:.1%}"
