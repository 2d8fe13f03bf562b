"""How the outputs of a layer are spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz import nn
from nnviz.run.queries.query import Observation, Observed, Query, position_of
from nnviz.run.queries.spread import MOST, spread_of

SAMPLES = 256
"""Most training samples that go through the network."""


@dataclass(frozen=True, eq=False)
class Histogram(Observation):
    """Numbers counted by intervals of equal width; the last holds its upper edge as well.

    Attributes:
        layer: what the layer is called.
        counts: how many numbers each interval has, (bins,).
        edges: where the intervals begin and the last ends, (bins + 1,).
        mean, std: of all finite numbers; NaN where there are none.
        bad: how many are not finite; these are in no interval.
    """

    layer: str
    counts: NDArray[np.int64]
    edges: NDArray[np.float64]
    mean: float
    std: float
    bad: int


@dataclass(frozen=True)
class OutputHistogram(Query[Histogram]):
    """How the numbers a layer gives for training samples are spread, in evaluation mode.

    Cost: at most 256 samples through the layers down to this one, and at most 2²⁰ numbers counted.

    Args:
        layer: the layer's id, one of `network.ids`.
        bins: how many intervals, from 1 to 1,024; one outside counts as the nearest.
    """

    layer: int
    bins: int = 32

    def observe(self, trainer: Observed) -> Histogram:
        """The histogram at this step."""
        at = position_of(trainer.network, self.layer)
        x = trainer.data.train_x
        out = trainer.evaluator.outputs(x[:1], at + 1)
        out = trainer.evaluator.outputs(x[: min(SAMPLES, max(MOST // max(out.size, 1), 1))], at + 1)
        bins = min(max(self.bins, 1), 1024)
        found = spread_of(out, bins)
        label, edges = nn.layers.label(trainer.network.layers[at]), np.linspace(found.low, found.high, bins + 1)
        return Histogram(label, found.counts, edges, found.mean, found.std, found.bad)

    def samples(self, trainer: Observed) -> int:
        """How many samples go through the network."""
        return min(SAMPLES, len(trainer.data.train_x))
