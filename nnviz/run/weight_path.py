"""The way that the weights have gone, step by step, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnviz import nn

POINTS = 64
"""Most points that are kept."""

BYTES = 2**20
"""Most bytes that they take together."""

FEWEST = 4
"""With less room than for so many points, none is kept."""

MOST_WEIGHTS = BYTES // (4 * FEWEST)
"""Of more weights no path is kept."""


def flat(model: nn.Module) -> NDArray[np.float32]:
    """All parameters of a model one after the other, (P,): a copy."""
    parts = [parameter.array.ravel() for parameter in model.parameters()]
    return np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)


@dataclass(frozen=True, eq=False)
class WeightPath:
    """The weights after some steps, oldest first: the first one known, and the steps that `stride` divides.

    When there are too many, every other one is dropped and `stride` doubles, so that which are kept follows from the
    steps alone.

    Attributes:
        steps: after how many steps each was.
        points: the weights, (P,) each.
        stride: which steps are kept.
    """

    steps: tuple[int, ...] = ()
    points: tuple[NDArray[np.float32], ...] = field(default=(), repr=False)
    stride: int = 1

    def after(self, step: int, model: nn.Module) -> WeightPath:
        """The path with the weights of a model after `step` steps, if these are to be kept; else itself."""
        if self.steps and (step % self.stride or step <= self.steps[-1]):
            return self
        count = sum(parameter.numel() for parameter in model.parameters())
        if not 0 < count <= MOST_WEIGHTS:
            return self
        most = min(POINTS, BYTES // (4 * count))
        steps, points, stride = (*self.steps, step), (*self.points, flat(model)), self.stride
        while len(steps) > most:
            stride *= 2
            kept = [at for at, one in enumerate(steps) if at == 0 or one % stride == 0]
            steps, points = tuple(steps[at] for at in kept), tuple(points[at] for at in kept)
        return WeightPath(steps, points, stride)
