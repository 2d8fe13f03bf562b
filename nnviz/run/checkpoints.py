"""Checkpoints of a run within a budget, so that any step can be repeated from a near one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from nnviz.run.checkpoint import Checkpoint

MOST = 128
"""Greatest number of checkpoints: they take a few megabytes at most where the network is small."""


class Checkpoints:
    """Checkpoints of one run by step. Beyond the budget they are thinned out evenly.

    Args:
        budget: greatest sum of their bytes; a checkpoint that takes more by itself is not kept.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._steps: list[int] = []
        self._checkpoints: list[Checkpoint] = []
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def bytes(self) -> int:
        """The bytes they take together, about."""
        return self._bytes

    @property
    def steps(self) -> tuple[int, ...]:
        """Their steps, ascending."""
        return tuple(self._steps)

    def add(self, checkpoint: Checkpoint) -> None:
        """Add a checkpoint; it replaces another of the same step."""
        if checkpoint.bytes > self._budget:
            return
        at = bisect_left(self._steps, checkpoint.step)
        if at < len(self._steps) and self._steps[at] == checkpoint.step:
            self._drop(at)
        self._steps.insert(at, checkpoint.step)
        self._checkpoints.insert(at, checkpoint)
        self._bytes += checkpoint.bytes
        while self._steps and (self._bytes > self._budget or len(self._steps) > MOST):
            self._drop(self._nearest_to_others())

    def nearest(self, step: int) -> Checkpoint | None:
        """The last checkpoint at or before a step; None if there is none."""
        at = bisect_right(self._steps, step)
        return self._checkpoints[at - 1] if at else None

    def forget_from(self, step: int) -> None:
        """Remove the checkpoints of this step and of all later ones."""
        while self._steps and self._steps[-1] >= step:
            self._drop(len(self._steps) - 1)

    def _drop(self, at: int) -> None:
        self._bytes -= self._checkpoints[at].bytes
        del self._steps[at], self._checkpoints[at]

    def _nearest_to_others(self) -> int:
        """The index of the checkpoint whose removal leaves the smallest gap; never the last one."""
        ends = [0, *self._steps]
        gaps = [ends[at + 2] - ends[at] for at in range(len(ends) - 2)]
        return gaps.index(min(gaps)) if gaps else 0
