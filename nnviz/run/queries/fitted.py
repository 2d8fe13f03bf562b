"""The values that a regression predicts beside those that are right, for some samples of both sides."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.run.queries.query import Observation, Observed, Query

MOST = 1000
"""Most samples of a side: more could not be told apart."""


@dataclass(frozen=True, eq=False)
class FittedSeen(Observation):
    """Values of samples of both sides, those trained with first.

    Attributes:
        true, predicted: (N, outputs), in the target's own units; class numbers of a classification.
        held_out: whether each is held back for testing, (N,).
    """

    true: Array = field(repr=False)
    predicted: Array = field(repr=False)
    held_out: NDArray[np.bool_] = field(repr=False)


@dataclass(frozen=True)
class Fitted(Query[FittedSeen]):
    """Predicted against true values. Cost: at most 1,000 samples of each side through the network."""

    def observe(self, trainer: Observed) -> FittedSeen:
        """The values at this step."""
        data = trainer.data
        y: Array = np.concatenate([data.train_y[:MOST], data.test_y[:MOST]])
        predicted = trainer.evaluator.judge(np.concatenate([data.train_x[:MOST], data.test_x[:MOST]]), y)[0]
        true = y if data.targets is None else data.targets.undo(y)
        return FittedSeen(true, predicted, np.arange(len(y)) >= min(MOST, len(data.train_y)))

    def samples(self, trainer: Observed) -> int:
        """How many samples go through the network."""
        return min(MOST, len(trainer.data.train_y)) + min(MOST, len(trainer.data.test_y))
