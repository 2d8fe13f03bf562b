"""Where a network is asked what it says, so that a picture of it can be drawn."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.autograd.operation import Array
from nnviz.network import Job
from nnviz.run.queries import extent_of, points_over


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
    extent = extent_of(job.data().dataset.inputs)
    return Probe(points_over(extent), extent)
