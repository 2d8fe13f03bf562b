"""One parameter: its numbers, the step that moved it last, and its norms over time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnviz import nn
from nnviz.autograd.operation import Array
from nnviz.errors import TrainingError
from nnviz.run.norm_history import Key, NormHistory
from nnviz.run.queries.query import Observation, Observed, Query, position_of
from nnviz.run.queries.spread import Spread, spread_of
from nnviz.run.taken_step import Moved

MOST = 2**18
"""Most numbers that are handed over."""


@dataclass(frozen=True, eq=False)
class ParameterSeen(Observation):
    """A parameter at one step.

    Attributes:
        names: all parameters of its layer.
        name: its own.
        path: where it is in the model, `"0.weight"`.
        step: how many steps were taken.
        values: its numbers.
        moved: the step that was recorded last; None before the first.
        moved_in: the number of that step.
        optimizer: what the optimizer is called.
        spread: how its numbers are spread.
        steps, norms: at which steps it was measured, (T,), and ‖gradient‖, ‖update‖ and ‖w‖ in them, (T, 3).
    """

    names: tuple[str, ...]
    name: str
    path: str
    step: int
    values: Array = field(repr=False)
    moved: Moved | None = field(repr=False)
    moved_in: int
    optimizer: str
    spread: Spread = field(repr=False)
    steps: NDArray[np.int64] = field(repr=False)
    norms: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True)
class LayerParameter(Query[ParameterSeen]):
    """One parameter of a layer, with the step that moved it last.

    Cost: copies of at most 2¹⁸ numbers and of the optimizer's state of them; the step is recorded, which copies all
    parameters.

    Args:
        layer: the layer's id, one of `network.ids`.
        number: which of its parameters, from 0; of more than it has, the last.
    """

    layer: int
    number: int = 0
    records = True

    def observe(self, trainer: Observed) -> ParameterSeen:
        """The parameter at this step."""
        at = position_of(trainer.network, self.layer)
        own = dict(trainer.model[at].named_parameters())
        if not own:
            label = nn.layers.label(trainer.network.layers[at])
            raise TrainingError(f"layer {at + 1} ({label}) has no parameters", "choose a layer that has some")
        names = tuple(own)
        name = names[min(max(self.number, 0), len(names) - 1)]
        values = own[name].array
        if values.size > MOST:
            raise TrainingError(
                f"{name} of layer {at + 1} has {values.size:,} numbers, and at most {MOST:,} are shown",
                "make the layer smaller, or look at all parameters at once",
            )
        taken = trainer.recorder.taken
        moved = None if taken is None else taken.moved.get(f"{at}.{name}")
        steps, norms = history_of(trainer.recorder.norms, (self.layer, name), trainer.step)
        kind = trainer.network.settings.optimizer.name
        return ParameterSeen(
            names, name, f"{at}.{name}", trainer.step, values.copy(), moved, 0 if taken is None else taken.step, kind,
            spread_of(values), steps, norms,
        )  # fmt: skip


def history_of(history: NormHistory, key: Key, until: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The norms of a parameter in the steps up to `until`."""
    steps, norms = history.of(key)
    known = steps <= until
    return steps[known], norms[known]
