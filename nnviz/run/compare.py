"""What a step costs by the plan and on the tape, measured side by side."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter

from nnviz.run.record import Costs
from nnviz.run.trainer import Trainer

PATIENCE = 0.1
"""Seconds of steps, by the plan and again on the tape, that a comparison takes."""


def compare(trainer: Trainer, wanted: Callable[[], bool]) -> Costs | None:
    """Time steps by the plan and on the tape, alternately, and stand where it stood; None once it is not `wanted`.

    Raises:
        NnvizError: a step fails.
    """
    if trainer.optimizer is None:
        return None
    state, planned, kind = trainer.state(), trainer.planned, trainer.planned
    times: dict[bool, list[float]] = {True: [], False: []}
    try:
        while sum(times[True]) + sum(times[False]) < 2 * PATIENCE or len(times[True]) < 4:
            kind = not kind
            begin = perf_counter()
            trainer.trial_step(kind)
            times[kind].append(perf_counter() - begin)
            if not wanted():
                return None
    finally:
        trainer.restore(state)
        trainer.planned = planned
    # The first of each orders, allocates and fills caches.
    return Costs(*(statistics.median(times[kind][1:]) for kind in (True, False)))
