"""The base of all queries, and what of a trainer they may look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar

from nnviz.autograd.operation import Array
from nnviz.data import Prepared
from nnviz.errors import TrainingError
from nnviz.network import Network, Stack
from nnviz.run.state import State


@dataclass(frozen=True, eq=False)
class Observation:
    """What came out of a query: plain data, which stay as they are while training goes on."""


@dataclass(frozen=True, eq=False)
class Refused(Observation):
    """Why a query has no answer here.

    Attributes:
        message: what is so.
        hint: what to do.
    """

    message: str
    hint: str = ""


class Observed(Protocol):
    """A trainer as queries see it. They read, and change nothing."""

    network: Network
    data: Prepared
    model: Stack
    step: int

    def next_batch(self) -> tuple[Array, Array, Array]:
        """Inputs, labels, and labels as the loss wants them, of the step that comes next."""

    def predict(self, points: Array) -> Array:
        """What the network says at points in the data's own units."""

    def outputs(self, x: Array, layers: int) -> Array:
        """What the first `layers` layers make of standardised samples, in evaluation mode."""

    def state(self) -> State:
        """A checkpoint."""


Answer = TypeVar("Answer", bound=Observation, covariant=True)


@dataclass(frozen=True)
class Query(Generic[Answer]):
    """What one wants to see of a run. Queries with equal arguments are equal, so that each is answered once.

    Attributes:
        static: whether the answer stays as long as the run's data do, so that it is made once.
    """

    static: ClassVar[bool] = False

    def observe(self, trainer: Observed) -> Answer:
        """The answer at the step where `trainer` stands; of bounded cost, and without a trace on what it trains.

        Raises:
            NnvizError: there is no answer here; it says why.
        """
        raise NotImplementedError

    def samples(self, trainer: Observed) -> int:  # noqa: ARG002 (a query that computes reads it)
        """How many samples go through the network for an answer, which is what it costs."""
        return 0


def position_of(network: Network, layer: int) -> int:
    """The position of the layer with this id.

    Raises:
        TrainingError: the network has none.
    """
    if layer not in network.ids:
        raise TrainingError(f"the network of this step has no layer with the id {layer}", "choose another layer")
    return network.ids.index(layer)
