"""The static plan of a network, to be looked at: made on shapes alone, without data, weights or memory."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from nnviz.autograd import abstract, without_data
from nnviz.network.build import build_model
from nnviz.network.description import Network
from nnviz.network.job import job_of
from nnviz.network.trace import trace

if TYPE_CHECKING:
    from nnviz.plan import Row


@dataclass(frozen=True)
class Plan:
    """A training step, ordered once.

    Attributes:
        rows: the instructions in their order.
        blocks: the bytes of each block of memory.
        unshared: the bytes that all values would take without sharing memory.
    """

    rows: tuple[Row, ...]
    blocks: tuple[int, ...]
    unshared: int

    @property
    def bytes(self) -> int:
        """The bytes of all blocks."""
        return sum(self.blocks)


@lru_cache(maxsize=16)
def plan_of(network: Network) -> Plan | None:
    """The plan by which `network` is trained; None where it has an error, or no parameters."""
    # Imported when the first plan is looked at, so that the program opens sooner.
    from nnviz.plan import Program

    found = trace(network)
    if found.diagnostic is not None or not found.parameters:
        return None
    job = job_of(network)
    loss = job.loss
    with abstract():
        model = build_model(network)
    program = Program(
        lambda x, y: loss(model(x), y),
        (found.input, np.dtype(np.float32)),
        (found.target, job.target_dtype),
        into={id(p): without_data(p.shape, p.dtype) for p in model.parameters()},
    )
    return Plan(tuple(program.rows()), tuple(program.blocks), program.unshared)
