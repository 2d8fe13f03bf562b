"""The losses and accuracies of a run, epoch by epoch, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from nnviz.errors import TrainingError
from nnviz.run.metrics import KEPT, Scores

CAPACITY = 1024
"""Most points that are kept: several for each column of the widest screen."""


@dataclass(frozen=True)
class Evaluation:
    """The whole training and test set measured at one step, in evaluation mode.

    Attributes:
        step: how many steps were taken before.
        epoch: how many times the training set was seen before, counting parts.
        train_loss, test_loss: the loss over the whole set.
        train_accuracy, test_accuracy: share of samples whose highest output is the true class; NaN for a regression.
        train, test: the other metrics of the same predictions; empty in a history that an earlier version has saved.
    """

    step: int
    epoch: float
    train_loss: float
    test_loss: float
    train_accuracy: float
    test_accuracy: float
    train: Scores = field(default_factory=Scores)
    test: Scores = field(default_factory=Scores)


NUMBERS = ("step", "epoch", "train_loss", "test_loss", "train_accuracy", "test_accuracy")
"""The attributes of an evaluation that are single numbers."""


def metric_columns(rows: Iterable[Evaluation]) -> dict[str, tuple[float, ...]]:
    """The metrics that these evaluations have besides `NUMBERS`, as named columns; none if no evaluation has any.

    Of a classification: train_precision, test_precision, train_recall, test_recall, train_f1, test_f1, each as macro
    average. Of a regression: train_mae, test_mae, train_rmse, test_rmse, train_r2, test_r2. NaN where a row has none.
    """
    rows = list(rows)
    if not any(row.train.values or row.test.values for row in rows):
        return {}
    # A regression has no accuracy.
    task = "regression" if all(math.isnan(row.train_accuracy) for row in rows) else "classification"
    return {
        f"{side}_{metric.name}": tuple(
            values[at] if at < len(values := getattr(row, side).values) else math.nan for row in rows
        )
        for at, metric in enumerate(KEPT[task])
        for side in ("train", "test")
    }


@dataclass(frozen=True)
class Curves:
    """A history as columns, oldest first; the names are those of Evaluation.

    Attributes:
        train, test: (N, metrics) the other metrics, in the order of `metrics.KEPT`; NaN where an evaluation has none.
    """

    epoch: NDArray[np.float64]
    train_loss: NDArray[np.float64]
    test_loss: NDArray[np.float64]
    train_accuracy: NDArray[np.float64]
    test_accuracy: NDArray[np.float64]
    train: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))
    test: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 0)))

    @classmethod
    def of(cls, evaluations: list[Evaluation]) -> Curves:
        """The columns of these rows."""
        numbers = (np.array([getattr(row, name) for row in evaluations], np.float64) for name in NUMBERS[1:])
        return cls(*numbers, *(_table([getattr(row, side) for row in evaluations]) for side in ("train", "test")))

    def followed_by(self, later: Curves) -> Curves:
        """These columns with later ones at their ends; of metrics that only one of them has, the other has NaN."""
        pairs = ((getattr(self, one.name), getattr(later, one.name)) for one in fields(self))
        return Curves(*(np.concatenate(pair if pair[0].ndim == 1 else _of_a_width(*pair)) for pair in pairs))


def _of_a_width(*tables: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Tables with as many columns as the widest, NaN where one has none: of rows without metrics, it has none."""
    width = max(table.shape[1] for table in tables)
    return [np.full((len(table), width), math.nan) if table.shape[1] < width else table for table in tables]


def _table(scores: list[Scores]) -> NDArray[np.float64]:
    """(N, metrics) their values; NaN where there are none."""
    width = max((len(one.values) for one in scores), default=0)
    nothing = (math.nan,) * width
    return np.array([one.values or nothing for one in scores], np.float64).reshape(len(scores), width)


@dataclass(frozen=True)
class Costs:
    """What a training step costs, in seconds: the median of several of each kind, taken alternately.

    Attributes:
        plan: ordered once.
        tape: ordered at every step.
    """

    plan: float
    tape: float


class LossHistory:
    """Evaluations by step. When it is full, every other one is dropped, and only every other one is kept after that."""

    def __init__(self, evaluations: tuple[Evaluation, ...] = (), seen: int = 0) -> None:
        self._rows = list(evaluations)
        self._seen = seen or len(self._rows)
        self._stride = 1
        self._kept: Curves | None = None
        while self._stride * CAPACITY < self._seen:
            self._stride *= 2

    def append(self, evaluation: Evaluation) -> None:
        """Append an evaluation.

        Raises:
            TrainingError: its step is not after the last one.
        """
        if self._rows and evaluation.step <= self._rows[-1].step:
            raise TrainingError(f"step {evaluation.step} cannot follow step {self._rows[-1].step} in a history")
        if self._seen % self._stride == 0:
            self._rows.append(evaluation)
        self._seen += 1
        if len(self._rows) > CAPACITY:
            self._rows = self._rows[::2]
            self._stride *= 2
            self._kept = None

    @property
    def rows(self) -> tuple[Evaluation, ...]:
        """The kept evaluations, oldest first."""
        return tuple(self._rows)

    @property
    def seen(self) -> int:
        """How many evaluations were appended, kept or not."""
        return self._seen

    def curves(self, now: Evaluation | None = None) -> Curves:
        """The columns, with `now` at the end if it is newer than the last kept evaluation."""
        # What was turned into columns once is not again: a long run is asked many times a second.
        kept = self._kept
        if kept is None or len(kept.epoch) != len(self._rows):
            known = 0 if kept is None else len(kept.epoch)
            fresh = Curves.of(self._rows[known:])
            self._kept = kept = fresh if kept is None or not known else kept.followed_by(fresh)
        if now is not None and (not self._rows or now.step > self._rows[-1].step):
            return kept.followed_by(Curves.of([now])) if self._rows else Curves.of([now])
        return kept
