"""The time of a step by the plan and on the tape."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from time import perf_counter

from nnviz.run.record import Costs
from nnviz.run.trainer import Trainer

PATIENCE = 0.1
"""Seconds that are measured each way."""


def compare(trainer: Trainer, wanted: Callable[[], bool]) -> Costs | None:
    """Time steps by the plan and on the tape, alternately; the trainer is restored afterwards.

    Args:
        trainer: whose steps are timed, always on the same samples.
        wanted: asked after each step; the comparison ends once it is False.

    Returns:
        The median of each, in seconds; None if it was ended or there is nothing to train.

    Raises:
        NnvizError: a step fails.
    """
    if trainer.optimizer is None:
        return None
    checkpoint, planned, kind = trainer.checkpoint(), trainer.planned, trainer.planned
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
        trainer.restore(checkpoint)
        trainer.planned = planned
    # The first of each orders, allocates and fills caches.
    return Costs(*(statistics.median(times[kind][1:]) for kind in (True, False)))
