"""The units of one layer: over the plane as small maps, of one image as channels, else as their outputs' spread."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from nnviz.autograd import Tensor, no_grad
from nnviz.autograd.operation import Array
from nnviz.run.evaluator import evaluating
from nnviz.run.queries.predictions import MARGIN
from nnviz.run.queries.query import Observation, Observed, Query, position_of
from nnviz.run.queries.spread import BINS, Spread, spread_of

SIDE = 24
"""Points along each side of a map."""

LINE = 64
"""Points along one-dimensional data."""

SAMPLES = 256
"""Most training samples whose outputs are counted."""

UNITS = 64
"""Most units that are handed over: the first of them."""


Kind = Literal["plane", "line", "image", "spread"]


@dataclass(frozen=True, eq=False)
class NeuronsSeen(Observation):
    """The units of a layer at one step.

    Attributes:
        kind: what `maps` are: over the plane (units, SIDE, SIDE), the first row at the top; along a line
            (units, LINE); what each channel makes of one image (units, height, width), or each unit that takes in
            the image as it is (units, 1, 1); or nothing, for other data and for units of hidden numbers.
        maps: see there; empty for "spread".
        extent: lowest and highest of each feature, in the data's own units; empty for "image" and "spread".
        count: how many units the layer has; `maps` and `spreads` are of the first of them.
        spreads: how the outputs of each unit are spread over the first training samples.
        zeros: the share of exact zeros among them, (units,).
        sample: the number of the image among the training samples.
        samples: how many training samples there are.
        image: that image in its own units, (channels, height, width); None for other data.
        filters: the weights that make each channel from the layer's input, (units, *kernel); None where there are
            none of that form.
    """

    kind: Kind
    maps: Array = field(repr=False)
    extent: tuple[float, ...]
    count: int
    spreads: tuple[Spread, ...] = field(repr=False)
    zeros: Array = field(repr=False)
    sample: int = 0
    samples: int = 0
    image: Array | None = field(default=None, repr=False)
    filters: Array | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Neurons(Query[NeuronsSeen]):
    """What every unit of a layer answers.

    Cost: 24 x 24 points of the plane, or one image, and at most 256 training samples through the network.

    Args:
        layer: the layer's id, one of `network.ids`.
        sample: of images, which training sample; of a number beyond their end, the last.
    """

    layer: int
    sample: int = 0

    def observe(self, trainer: Observed) -> NeuronsSeen:
        """The units at this step."""
        at = position_of(trainer.network, self.layer)
        data, shape = trainer.data, trainer.data.train_x.shape[1:]
        answers = _units_last(_outputs(trainer, data.train_x[:SAMPLES], at))
        count = answers.shape[-1]
        flat = answers.reshape(-1, count)[:, :UNITS]
        spreads = tuple(spread_of(flat[:, unit], BINS) for unit in range(flat.shape[1]))
        zeros = (flat == 0).mean(axis=0)
        if len(shape) == 1 and shape[0] <= 2:
            inputs = trainer.data.dataset.inputs
            points, extent = _points(inputs)
            maps = _units_last(_outputs(trainer, data.inputs.apply(points), at))
            if maps.ndim == 2:
                maps = maps.T[:UNITS].reshape(-1, *((SIDE, SIDE) if shape[0] == 2 else (LINE,)))
                return NeuronsSeen("plane" if shape[0] == 2 else "line", maps, extent, count, spreads, zeros)
        if len(shape) == 3:
            sample = min(max(self.sample, 0), len(data.train_x) - 1)
            x = data.train_x[sample : sample + 1]
            taken_in, made = _around(trainer, x, at)
            if made.ndim != 3 and not np.array_equal(taken_in.reshape(-1), x.reshape(-1)):
                # Hidden numbers are no image, and their weights no filters of one.
                return NeuronsSeen("spread", np.zeros((0,), np.float32), (), count, spreads, zeros)
            image = data.inputs.undo(x)[0]
            weight = getattr(trainer.model[at], "weight", None)
            filters = weight.array[:UNITS].copy() if isinstance(weight, Tensor) and weight.ndim >= 2 else None
            maps = made[:UNITS] if made.ndim == 3 else made.reshape(-1)[:UNITS, None, None]
            return NeuronsSeen(
                "image", maps, (), count if made.ndim == 3 else made.size, spreads, zeros, sample, len(data.train_x),
                image, filters,
            )  # fmt: skip
        return NeuronsSeen("spread", np.zeros((0,), np.float32), (), count, spreads, zeros)

    def samples(self, trainer: Observed) -> int:
        """How many samples go through the network."""
        own = min(SAMPLES, len(trainer.data.train_x))
        return own + {1: LINE, 2: SIDE * SIDE}.get(math.prod(trainer.data.train_x.shape[1:]), 1)


def _outputs(trainer: Observed, x: Array, at: int) -> Array:
    """The output of the layer at this position."""
    with evaluating(trainer.model), no_grad(), np.errstate(all="ignore"):
        rows = trainer.model.run(Tensor(x))
        out = next(rows)
        for _ in range(at):
            out = next(rows)
    return out.array


def _around(trainer: Observed, x: Array, at: int) -> tuple[Array, Array]:
    """What the layer before makes of one sample, and the layer itself: for the first, the sample."""
    made = _outputs(trainer, x, at)[0]
    return (_outputs(trainer, x, at - 1)[0] if at else x[0]), made


def _units_last(out: Array) -> Array:
    """Outputs with the units as the last axis: the channels of images, else the last dimension."""
    return np.moveaxis(out, 1, -1) if out.ndim == 4 else out.reshape(len(out), -1) if out.ndim == 1 else out


def _points(inputs: Array) -> tuple[Array, tuple[float, ...]]:
    """Points over the extent of one- or two-dimensional data, rows from the top down, and that extent."""
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    margin = MARGIN * np.maximum(high - low, 1e-6)
    low, high = low - margin, high + margin
    if inputs.shape[1] == 1:
        return np.linspace(low, high, LINE, dtype=np.float32), (float(low[0]), float(high[0]))
    across = np.linspace(low[0], high[0], SIDE, dtype=np.float32)
    down = np.linspace(high[1], low[1], SIDE, dtype=np.float32)
    x, y = np.meshgrid(across, down)
    extent = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    return np.stack([x.ravel(), y.ravel()], axis=1), extent
