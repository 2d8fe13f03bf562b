"""What every layer gives and takes in, and how the loss moves it: where a signal or a gradient is lost."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnviz import nn
from nnviz.autograd import Tensor, grad
from nnviz.autograd.modes import quiet
from nnviz.autograd.operation import Array
from nnviz.errors import NnvizError
from nnviz.network import trace
from nnviz.run.evaluator import evaluating
from nnviz.run.queries.query import Observation, Observed, Query
from nnviz.run.queries.spread import MOST, Spread, spread_of
from nnviz.run.rehearsal import Norms, squares

SAMPLES = 256
"""Most training samples that go through the network: the first; of a wide network fewer."""

FLAT = 0.01
"""Where |f′| is below this, an activation is flat: hardly any gradient passes."""

BOTH_WAYS = 3
"""Forward and backward take about this many times as long as forward alone."""


@dataclass(frozen=True, eq=False)
class LayerSeen:
    """One layer. The first six are of the fixed samples in evaluation mode, the last three of the next step.

    Attributes:
        layer: its id, one of `network.ids`.
        output: what it gives.
        taken_in: what an elementwise activation takes in; None for other layers.
        flat: the share of the numbers taken in where |f′| < FLAT; NaN where it is no elementwise activation.
        dead: the share of its units (features, or channels of an image) whose f′ is 0 for every sample; NaN likewise.
        signal: the root mean square of ∂L/∂(output of this layer); NaN where the loss gives none.
        gradient: ‖∂L/∂w‖₂ over all its parameters; NaN where it has none, or the step fails.
        update: ‖w after the next step − w‖₂; NaN likewise.
        weights: ‖w‖₂; NaN likewise.
    """

    layer: int
    output: Spread
    taken_in: Spread | None
    flat: float
    dead: float
    signal: float
    gradient: float
    update: float
    weights: float


@dataclass(frozen=True, eq=False)
class LayersSeen(Observation):
    """All layers at one step.

    Attributes:
        samples: how many training samples went through.
        taken_in: the network's input for them.
        layers: one for each, from the input to the loss.
        loss: over these samples, in evaluation mode; NaN where there is none. With the reduction "sum", of one batch.
    """

    samples: int
    taken_in: Spread
    layers: tuple[LayerSeen, ...]
    loss: float = math.nan


@dataclass(frozen=True)
class LayerStatistics(Query[LayersSeen]):
    """How each layer's numbers are spread, where its gradient is lost, and how far the next step moves it.

    Cost: at most 256 samples through the network and back, at most 2²⁰ numbers of each layer counted, a training step,
    and a copy of all that the step changes.
    """

    def observe(self, trainer: Observed) -> LayersSeen:
        """All layers at this step."""
        return layers_seen(trainer)

    def samples(self, trainer: Observed) -> int:
        """How many samples go through the network, as many as take the time of both ways and of a step."""
        return BOTH_WAYS * (_samples(trainer) + trainer.job.batch)


@quiet
def layers_seen(trainer: Observed, most: int = SAMPLES) -> LayersSeen:
    """All layers at this step, of at most so many samples; see `LayerStatistics`."""
    try:
        norms = trainer.rehearse()
    except NnvizError:
        norms = (Norms(),) * len(trainer.network.layers)
    count = min(most, _samples(trainer))
    x, labels = trainer.data.train_x[:count], trainer.data.train_y[:count]
    with evaluating(trainer.model):
        rows, signals, loss = _both_ways(trainer, x, labels)
        slopes = [_slope(layer, z.array) for layer, z in zip(trainer.model, rows[:-1], strict=True)]
    spreads = [spread_of(row.array) for row in rows]
    layers = [
        LayerSeen(
            layer=identity,
            output=spreads[at + 1],
            taken_in=None if slopes[at] is None else spreads[at],
            flat=_flat(slopes[at]),
            dead=_dead(slopes[at]),
            signal=signals[at],
            gradient=norms[at].gradient,
            update=norms[at].update,
            weights=norms[at].weights,
        )
        for at, identity in enumerate(trainer.network.ids)
    ]
    return LayersSeen(count, spreads[0], tuple(layers), loss)


def _samples(trainer: Observed) -> int:
    """How many samples go through: so few that no layer's output has more than MOST numbers, and one at least."""
    widest = max((math.prod(row.output[1:]) for row in trace(trainer.network).rows if row.output), default=1)
    return min(SAMPLES, len(trainer.data.train_x), max(MOST // max(widest, 1), 1))


def _both_ways(trainer: Observed, x: Array, labels: Array) -> tuple[list[Tensor], list[float], float]:
    """The input and each layer's output; of each output, the root mean square of the loss's gradient; and the loss."""
    # With a gradient at the input, there is one at every output that the loss depends on.
    given = Tensor(x, requires_grad=True)
    rows = [given, *trainer.model.run(given)]
    reached = [row for row in rows[1:] if row.requires_grad]
    try:
        loss = trainer.loss(rows[-1], Tensor(trainer.job.targets(labels)))
        gradients = grad(loss, reached, allow_unused=True) if reached else ()
    except NnvizError:
        return rows, [math.nan] * (len(rows) - 1), math.nan
    value = loss.item() * (trainer.job.batch / len(x) if trainer.loss.reduction == "sum" else 1)
    found = {id(row): gradient for row, gradient in zip(reached, gradients, strict=True)}
    return rows, [_root_mean_square(found.get(id(row))) for row in rows[1:]], value


def _root_mean_square(gradient: Tensor | None) -> float:
    if gradient is None or not gradient.array.size:
        return math.nan
    return math.sqrt(squares(gradient.array) / gradient.array.size)


def _slope(layer: nn.Module, z: Array) -> Array | None:
    """f′(z) of an elementwise activation by its own backward; None of any other layer."""
    if not isinstance(layer, nn.Activation) or not layer.elementwise:
        return None
    taken = Tensor(z, requires_grad=True)
    out = layer(taken)
    (slope,) = grad(out, taken, Tensor(np.ones_like(out.array)), materialize_grads=True)
    assert slope is not None  # noqa: S101 (zeros stand for none)
    return slope.array


def _flat(slope: Array | None) -> float:
    """The share of the numbers where it is below FLAT."""
    if slope is None or not slope.size:
        return math.nan
    return float(np.count_nonzero(np.abs(slope) < FLAT) / slope.size)


def _dead(slope: Array | None) -> float:
    """The share of units where it is 0 for every sample. Units are the channels of images, else the last dimension."""
    if slope is None or not slope.size:
        return math.nan
    unit = 1 if slope.ndim == 4 else slope.ndim - 1
    alive = slope.any(axis=tuple(i for i in range(slope.ndim) if i != unit))
    return float(np.count_nonzero(~alive) / alive.size)
