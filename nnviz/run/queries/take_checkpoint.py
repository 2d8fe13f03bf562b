"""The checkpoint of a step."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.run.checkpoint import Checkpoint
from nnviz.run.queries.query import Observation, Observed, Query


@dataclass(frozen=True, eq=False)
class CheckpointTaken(Observation):
    """A checkpoint, from which the run can go on."""

    checkpoint: Checkpoint


@dataclass(frozen=True)
class TakeCheckpoint(Query[CheckpointTaken]):
    """All that the next step depends on. Cost: a copy of parameters, buffers and what the optimizer keeps."""

    def observe(self, trainer: Observed) -> CheckpointTaken:
        """The checkpoint of this step."""
        return CheckpointTaken(trainer.checkpoint())
