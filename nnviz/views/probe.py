"""Where a network is asked what it says, so that a picture of it can be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.network import Job

GRID = 64
"""Points along each side of the grid over two-dimensional data."""

LINE = 256
"""Points along one-dimensional data."""

MARGIN = 0.06
"""How far the picture goes beyond the data, as a share of its extent."""


@dataclass(frozen=True)
class Probe:
    """Points in the data's own units, and how they lie.

    Attributes:
        points: (count, features).
        extent: lowest and highest of each feature: (x0, x1) or (x0, x1, y0, y1).
    """

    points: Array
    extent: tuple[float, ...]

    @property
    def flat(self) -> bool:
        """Whether the data are two-dimensional: a grid, rows from the top (highest y) down."""
        return len(self.extent) == 4


def probe_of(job: Job) -> Probe | None:
    """The probe of one- or two-dimensional data; None for others, of which there is no such picture.

    Only data that have a picture are made for it.
    """
    if job.schema.sample_shape not in ((1,), (2,)):
        return None
    inputs = job.data().dataset.inputs
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    margin = MARGIN * np.maximum(high - low, 1e-6)
    low, high = low - margin, high + margin
    if len(low) == 1:
        points = np.linspace(low[0], high[0], LINE, dtype=np.float32)[:, None]
        return Probe(points, (float(low[0]), float(high[0])))
    xs = np.linspace(low[0], high[0], GRID, dtype=np.float32)
    ys = np.linspace(high[1], low[1], GRID, dtype=np.float32)
    x, y = np.meshgrid(xs, ys)
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    return Probe(points, (float(low[0]), float(high[0]), float(low[1]), float(high[1])))
