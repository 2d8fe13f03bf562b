"""The batch of the step that comes next."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.autograd.operation import Array
from nnviz.run.queries.query import Observation, Observed, Query


@dataclass(frozen=True, eq=False)
class BatchSeen(Observation):
    """The samples of one step.

    Attributes:
        step: how many steps were taken before it.
        inputs: as they go into the network: standardised.
        labels: class numbers, or standardised values.
        targets: the labels as the loss wants them.
    """

    step: int
    inputs: Array
    labels: Array
    targets: Array


@dataclass(frozen=True)
class NextBatch(Query[BatchSeen]):
    """The samples and labels that the next step is taken with. Cost: a copy of one batch."""

    def observe(self, trainer: Observed) -> BatchSeen:
        """The batch of the step after this one."""
        inputs, labels, targets = trainer.next_batch()
        return BatchSeen(trainer.step, inputs, labels, targets)
