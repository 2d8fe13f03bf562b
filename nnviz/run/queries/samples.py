"""The samples themselves, in their own units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.errors import TrainingError
from nnviz.run.queries.query import Observation, Observed, Query


@dataclass(frozen=True, eq=False)
class SamplesSeen(Observation):
    """Samples of both sides, those trained with first.

    Attributes:
        inputs: (N, *sample_shape), in the data's own units.
        labels: class numbers (N,), or values in their own units (N, outputs).
        held_out: whether each is held back for testing, (N,).
    """

    inputs: Array = field(repr=False)
    labels: Array = field(repr=False)
    held_out: NDArray[np.bool_] = field(repr=False)


@dataclass(frozen=True)
class Samples(Query[SamplesSeen]):
    """The samples of the run. Cost: a copy of at most `most` of them, made once.

    Args:
        most: how many, 1 or more; of more, the first of each side, in the proportion of the sides.
    """

    most: int = 2000
    static: ClassVar[bool] = True

    def observe(self, trainer: Observed) -> SamplesSeen:
        """The samples, whatever the step."""
        if self.most < 1:
            raise TrainingError(f"expected at least 1 sample to be asked for, got {self.most}", "ask for 1 or more")
        data = trainer.data
        train, test = len(data.train_x), len(data.test_x)
        if train + test > self.most:
            train = max(round(self.most * train / (train + test)), 1)
            test = self.most - train
        inputs = data.inputs.undo(np.concatenate([data.train_x[:train], data.test_x[:test]]))
        labels: Array = np.concatenate([data.train_y[:train], data.test_y[:test]])
        if data.targets is not None:
            labels = data.targets.undo(labels.astype(np.float32))
        return SamplesSeen(inputs, labels, np.arange(train + test) >= train)
