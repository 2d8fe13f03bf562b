"""The base of all queries, and the part of a trainer that they read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Generic, Protocol, TypeVar

from nnviz import nn
from nnviz.autograd.operation import Array
from nnviz.data import Prepared
from nnviz.errors import TrainingError
from nnviz.network import Job, Network, Stack
from nnviz.run.checkpoint import Checkpoint
from nnviz.run.evaluator import Evaluator
from nnviz.run.record import LossHistory
from nnviz.run.recorder import Recorder
from nnviz.run.rehearsal import Norms
from nnviz.run.weight_path import WeightPath


@dataclass(frozen=True, eq=False)
class Observation:
    """The answer to a query: plain data that do not change while training goes on."""


@dataclass(frozen=True, eq=False)
class Refused(Observation):
    """Why a query has no answer.

    Attributes:
        message: the reason.
        hint: what to do about it.
    """

    message: str
    hint: str = ""


class Observed(Protocol):
    """The part of a trainer that queries read. They change nothing."""

    network: Network
    job: Job
    data: Prepared
    model: Stack
    loss: nn.Loss
    evaluator: Evaluator
    history: LossHistory
    step: int
    recorder: Recorder
    path: WeightPath

    def next_batch(self) -> tuple[Array, Array, Array]:
        """Inputs, labels, and labels as the loss wants them, of the step that comes next."""

    def rehearse(self) -> tuple[Norms, ...]:
        """How far the next step will move each layer."""

    def checkpoint(self) -> Checkpoint:
        """A checkpoint."""


Answer = TypeVar("Answer", bound=Observation, covariant=True)


@dataclass(frozen=True)
class Query(Generic[Answer]):
    """A question about a run. Queries with equal arguments are equal, so that each is answered once.

    Attributes:
        static: whether the answer stays as long as the run's data do, so that it is made once.
        records: whether it is answered from the step that was taken last, which is recorded for it.
    """

    static: ClassVar[bool] = False
    records: ClassVar[bool] = False

    def observe(self, trainer: Observed) -> Answer:
        """The answer at the present step of `trainer`. It has a bounded cost and changes nothing.

        Raises:
            NnvizError: there is no answer; the message says why.
        """
        raise NotImplementedError

    def samples(self, trainer: Observed) -> int:  # noqa: ARG002 (a query that computes reads it)
        """How many samples go through the network for an answer, from which its time is estimated."""
        return 0


@dataclass(frozen=True, eq=False)
class Refined(Observation):
    """An answer that is made bit by bit.

    Attributes:
        step: how many steps were taken before the weights that it is about.
        done: whether it is all there; otherwise a coarse part, which a finer one follows.
    """

    step: int
    done: bool


Part = TypeVar("Part", bound=Refined, covariant=True)


@dataclass(frozen=True)
class Gradual(Query[Part]):
    """A question whose answer takes long: an engine works on it in pieces, between steps, and hands over what there is.

    It is about the step at which the work began.
    """

    def begin(self, trainer: Observed) -> Iterator[Part | None]:
        """The work in pieces of a few milliseconds: None after each, and between them answers, the last one `done`.

        All that is needed of `trainer` is copied by the first piece, so that it may go on then.

        Raises:
            NnvizError: there is no answer; the message says why.
        """
        raise NotImplementedError

    def observe(self, trainer: Observed) -> Part:
        """The whole answer at the present step, at once."""
        *_, last = (part for part in self.begin(trainer) if part is not None)
        return last


def position_of(network: Network, layer: int) -> int:
    """The position of the layer with this id.

    Raises:
        TrainingError: the network has none.
    """
    if layer not in network.ids:
        raise TrainingError(f"the network of this step has no layer with the id {layer}", "choose another layer")
    return network.ids.index(layer)
