"""All parameters at a glance: the norms of gradient and weights, how far the last step moved them, and zeros."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Shape
from nnviz.run.queries.parameter import history_of
from nnviz.run.queries.query import Observation, Observed, Query
from nnviz.run.rehearsal import norms_of, squares

POINTS = 64
"""Most points of a curve: the last ones."""


@dataclass(frozen=True, eq=False)
class GradientSeen:
    """One parameter.

    Attributes:
        layer: the id of its layer.
        number: which of the layer's parameters it is, from 0.
        name: its name in the layer.
        shape: its shape.
        gradient: ‖∂L/∂w‖₂ in the last step; NaN before the first, and where the loss does not depend on it.
        update: ‖w after the step − w‖₂; NaN before the first.
        weights: ‖w‖₂ now.
        zeros: the share of the gradient that is exactly 0; NaN like the gradient.
        over_time: ‖∂L/∂w‖₂ in the steps measured last, oldest first, (T,).
    """

    layer: int
    number: int
    name: str
    shape: Shape
    gradient: float
    update: float
    weights: float
    zeros: float
    over_time: NDArray[np.float64] = field(repr=False)

    @property
    def ratio(self) -> float:
        """log₁₀(‖update‖ / ‖w before‖), about −3 where the rate is right; −∞ of no update, NaN of no step."""
        if not self.weights or math.isnan(self.update):
            return math.nan
        return math.log10(self.update / self.weights) if self.update > 0 else -math.inf


@dataclass(frozen=True, eq=False)
class GradientsSeen(Observation):
    """All parameters at one step.

    Attributes:
        step: the number of the step that was recorded last; 0 before the first.
        rows: one for each parameter, from the input to the loss.
    """

    step: int
    rows: tuple[GradientSeen, ...]


@dataclass(frozen=True)
class AllGradients(Query[GradientsSeen]):
    """The gradients of all parameters in the step taken last.

    Cost: a pass over all parameters; the step is recorded, which copies them.
    """

    records = True

    def observe(self, trainer: Observed) -> GradientsSeen:
        """All parameters at this step."""
        taken, rows = trainer.recorder.taken, list[GradientSeen]()
        for at, layer in enumerate(trainer.network.ids):
            for number, (name, parameter) in enumerate(trainer.model[at].named_parameters()):
                moved = None if taken is None else taken.moved.get(f"{at}.{name}")
                _, norms = history_of(trainer.recorder.norms, (layer, name), trainer.step)
                gradient = None if moved is None else moved.gradient
                zeros = math.nan if gradient is None else np.count_nonzero(gradient == 0) / max(gradient.size, 1)
                found = norms_of(moved.before, moved.after, moved.gradient) if moved is not None else None
                rows.append(
                    GradientSeen(
                        layer,
                        number,
                        name,
                        parameter.shape,
                        found.gradient if found and gradient is not None else math.nan,
                        found.update if found else math.nan,
                        found.weights if found else math.sqrt(squares(parameter.array)),
                        float(zeros),
                        norms[-POINTS:, 0].copy(),
                    )
                )
        return GradientsSeen(0 if taken is None else taken.step, tuple(rows))
