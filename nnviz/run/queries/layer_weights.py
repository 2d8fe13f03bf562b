"""The numbers of one parameter or buffer."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz import nn
from nnviz.autograd.operation import Array
from nnviz.errors import TrainingError
from nnviz.run.queries.query import Observation, Observed, Query, position_of

MOST = 2**20
"""Most numbers that are handed over."""


@dataclass(frozen=True, eq=False)
class WeightsSeen(Observation):
    """A parameter or buffer at one step.

    Attributes:
        layer: what the layer is called.
        values: its numbers, in its shape.
    """

    layer: str
    values: Array


@dataclass(frozen=True)
class LayerWeights(Query[WeightsSeen]):
    """The numbers of one parameter or buffer. Cost: a copy of at most 2²⁰ numbers.

    Args:
        layer: the layer's id, one of `network.ids`: it stays with the layer through edits.
        name: the parameter's name in it, as in `named_parameters()`.
    """

    layer: int
    name: str = "weight"

    def observe(self, trainer: Observed) -> WeightsSeen:
        """Its numbers at this step."""
        at = position_of(trainer.network, self.layer)
        label = nn.layers.label(trainer.network.layers[at])
        found = trainer.model.state_dict().get(f"{at}.{self.name}")
        if found is None:
            raise TrainingError(f"layer {at + 1} ({label}) has no parameter {self.name!r}", "ask for one that it has")
        array = found.array
        if array.size > MOST:
            raise TrainingError(
                f"{self.name} of layer {at + 1} ({label}) has {array.size:,} numbers, and at most {MOST:,} are shown",
                "make the layer smaller",
            )
        return WeightsSeen(label, array.copy())
