"""A checkpoint: all that the next step of a run depends on, as plain arrays and numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.run.health import Health
from nnviz.run.record import Evaluation
from nnviz.run.weight_path import WeightPath

Weights = Mapping[str, Array]
"""Parameters and buffers by their path in the model: `"0.weight"`."""

EVALUATION_BYTES = 8
"""What a row of the history adds to a checkpoint: the rows themselves are shared between checkpoints."""

GENERATOR_BYTES = 512
"""What the state of a generator takes, about."""


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A checkpoint: a run that continues from here is bit for bit the unbroken run.

    Attributes:
        step: how many steps were taken.
        epoch: how many times the whole training set was seen.
        seen: how many samples of the present epoch were used. The next batch begins there.
        parameters: parameters and buffers, by path.
        optimizer: what the optimizer keeps for each parameter that has moved, by the parameter's path and by name.
        generators: the states of the modules that draw random numbers while training, by the module's path.
        history: the evaluations that are kept, oldest first.
        evaluations: how many evaluations there were, kept or not.
        before: the checkpoint from before the change of the run that was made at this very step; None where the run
            has none here. A second change at the same step starts from it, so that nothing is lost in between.
        last_finite: where the weights are not finite, an earlier checkpoint whose weights are; None elsewhere. A run
            that diverges goes back to the same step wherever it was stopped on the way.
        health: what was found since the last change; None before the first check after it.
        path: the way of the weights since the layers were changed last; its points are shared between checkpoints.
    """

    step: int
    epoch: int
    seen: int
    parameters: dict[str, Array] = field(repr=False)
    optimizer: dict[str, dict[str, Any]] = field(repr=False)
    generators: dict[str, dict[str, Any]] = field(repr=False)
    history: tuple[Evaluation, ...] = field(repr=False)
    evaluations: int
    before: Checkpoint | None = None
    last_finite: Checkpoint | None = None
    health: Health | None = field(default=None, repr=False)
    path: WeightPath = field(default_factory=WeightPath, repr=False)

    @property
    def bytes(self) -> int:
        """The memory it takes, about."""
        kept = (value for arrays in self.optimizer.values() for value in arrays.values())
        own = _bytes(self.parameters.values()) + _bytes(value for value in kept if isinstance(value, np.ndarray))
        own += EVALUATION_BYTES * len(self.history) + GENERATOR_BYTES * len(self.generators)
        return own + sum(other.bytes for other in (self.before, self.last_finite) if other is not None)


def _bytes(arrays: Iterable[Array]) -> int:
    return sum(array.nbytes for array in arrays)
