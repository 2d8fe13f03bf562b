"""What the network makes of each sample of a side: its prediction, how sure it is, and the loss; and the samples."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from nnviz.autograd.operation import Array
from nnviz.run.queries.query import Observation, Observed, Query

MOST = 10_000
"""Most samples that are looked at: the first."""

MOST_BYTES = 32 * 2**20
"""Most bytes that these may take."""

BYTES = 4
"""Bytes of a number of a sample."""


@dataclass(frozen=True, eq=False)
class Judged(Observation):
    """What the network makes of samples, in evaluation mode.

    Attributes:
        total: how many samples the side has; more than are judged where there are too many.
        predicted: class numbers (N,), or values in the target's own units (N, outputs).
        confidence: the probability of the predicted class, (N,); its score where `shares` is False; NaN for a
            regression.
        losses: the loss of each sample alone, (N,); their mean is that of the set, unless the loss weights classes.
        shares: whether what the network gives for the classes sums to 1.
        step: how many steps were taken.
    """

    total: int
    predicted: Array = field(repr=False)
    confidence: Array = field(repr=False)
    losses: Array = field(repr=False)
    shares: bool = True
    step: int = 0


@dataclass(frozen=True)
class Judgements(Query[Judged]):
    """What the network makes of the first samples of a side. Cost: at most 10,000 samples through the network.

    Args:
        side: the training samples or the test samples.
    """

    side: Literal["train", "test"] = "test"

    def observe(self, trainer: Observed) -> Judged:
        """The judgements at this step."""
        count = self.samples(trainer)
        x, y = _side(trainer, self.side)
        predicted, confidence, losses, shares = trainer.evaluator.judge(x[:count], y[:count])
        return Judged(len(x), predicted, confidence, losses, shares, trainer.step)

    def samples(self, trainer: Observed) -> int:
        """How many samples go through the network."""
        return _count(trainer, self.side)


@dataclass(frozen=True, eq=False)
class Listed(Observation):
    """The samples that `Judgements` judges, with the same places.

    Attributes:
        inputs: (N, *sample_shape), in the data's own units.
        labels: class numbers (N,), or values in their own units (N, outputs).
    """

    inputs: Array = field(repr=False)
    labels: Array = field(repr=False)


@dataclass(frozen=True)
class SamplesOf(Query[Listed]):
    """The first samples of a side. Cost: a copy of at most 10,000 of them and of at most 32 MiB, made once.

    Args:
        side: the training samples or the test samples.
    """

    side: Literal["train", "test"] = "test"
    static: ClassVar[bool] = True

    def observe(self, trainer: Observed) -> Listed:
        """The samples, whatever the step."""
        count, data = _count(trainer, self.side), trainer.data
        x, y = _side(trainer, self.side)
        labels = y[:count].copy()
        return Listed(data.inputs.undo(x[:count]), labels if data.targets is None else data.targets.undo(labels))


def _side(trainer: Observed, side: str) -> tuple[Array, Array]:
    data = trainer.data
    return (data.train_x, data.train_y) if side == "train" else (data.test_x, data.test_y)


def _count(trainer: Observed, side: str) -> int:
    x = _side(trainer, side)[0]
    return max(min(len(x), MOST, MOST_BYTES // (BYTES * math.prod(x.shape[1:]))), 1)
