"""The predictions over the whole extent of one- or two-dimensional data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.errors import TrainingError
from nnviz.run.queries.query import Observation, Observed, Query

GRID = 64
"""Points along each side of the grid over two-dimensional data."""

LINE = 256
"""Points along one-dimensional data."""

MARGIN = 0.06
"""How far the points go beyond the data, as a share of their extent."""


@dataclass(frozen=True, eq=False)
class Predicted(Observation):
    """The predictions at evenly spaced points over the data.

    Attributes:
        extent: lowest and highest of each feature: (x0, x1) or (x0, x1, y0, y1), in the data's own units.
        answers: class probabilities (points, classes), or values in the target's own units (points, outputs).
    """

    extent: tuple[float, ...]
    answers: Array

    @property
    def flat(self) -> bool:
        """Whether the data are two-dimensional: a grid, rows from the top (highest y) down."""
        return len(self.extent) == 4

    @property
    def points(self) -> Array:
        """The points of the predictions, (points, features)."""
        return points_over(self.extent)


@dataclass(frozen=True)
class Predictions(Query[Predicted]):
    """The predictions on a grid of 64x64 points, or at 256 points of a line. Cost: as many samples."""

    def observe(self, trainer: Observed) -> Predicted:
        """The answers at this step."""
        extent = extent_of(trainer.data.dataset.inputs)
        return Predicted(extent, trainer.evaluator.predict(points_over(extent)))

    def samples(self, trainer: Observed) -> int:
        """How many points there are."""
        inputs = trainer.data.dataset.inputs
        return 0 if inputs.ndim != 2 or inputs.shape[1] > 2 else (LINE, GRID * GRID)[inputs.shape[1] - 1]


def extent_of(inputs: Array) -> tuple[float, ...]:
    """Lowest and highest of each feature, and a margin.

    Raises:
        TrainingError: the data are not one- or two-dimensional.
    """
    if inputs.ndim != 2 or inputs.shape[1] > 2:
        raise TrainingError(
            f"samples of shape {inputs.shape[1:]} lie on no line and in no plane", "choose data of one or two features"
        )
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    margin = MARGIN * np.maximum(high - low, 1e-6)
    return tuple(float(bound) for pair in zip(low - margin, high + margin, strict=True) for bound in pair)


def points_over(extent: tuple[float, ...]) -> Array:
    """Points that lie evenly over an extent, (points, features)."""
    if len(extent) == 2:
        return _between(extent[0], extent[1], LINE)[:, None]
    x, y = np.meshgrid(_between(extent[0], extent[1], GRID), _between(extent[3], extent[2], GRID))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _between(first: float, last: float, count: int) -> Array:
    return np.linspace(np.float32(first), np.float32(last), count, dtype=np.float32)
