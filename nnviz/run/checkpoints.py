"""Checkpoints of a run within a budget, so that any step can be reached again by a short way."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from nnviz.run.state import State

MOST = 512
"""Most checkpoints that are kept, however small they are."""


class Checkpoints:
    """Checkpoints of one run by step. Beyond the budget they are thinned out evenly.

    Args:
        budget: the bytes they may take together; where a single one takes more, none is kept.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._steps: list[int] = []
        self._states: list[State] = []
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def bytes(self) -> int:
        """What they take together, about."""
        return self._bytes

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps they are of, ascending."""
        return tuple(self._steps)

    def add(self, state: State) -> None:
        """Keep one more; it takes the place of another of the same step."""
        at = bisect_left(self._steps, state.step)
        if at < len(self._steps) and self._steps[at] == state.step:
            self._drop(at)
        self._steps.insert(at, state.step)
        self._states.insert(at, state)
        self._bytes += state.bytes
        while self._steps and (self._bytes > self._budget or len(self._steps) > MOST):
            self._drop(self._nearest_to_others())

    def nearest(self, step: int) -> State | None:
        """The last one at or before a step; None where only the start of the run is."""
        at = bisect_right(self._steps, step)
        return self._states[at - 1] if at else None

    def forget_from(self, step: int) -> None:
        """Forget those of a step and of all after it: the run goes another way from there."""
        while self._steps and self._steps[-1] >= step:
            self._drop(len(self._steps) - 1)

    def _drop(self, at: int) -> None:
        self._bytes -= self._states[at].bytes
        del self._steps[at], self._states[at]

    def _nearest_to_others(self) -> int:
        """The one without which the longest way to a step grows least; the first of several, the last one never."""
        ends = [0, *self._steps]
        gaps = [ends[at + 2] - ends[at] for at in range(len(ends) - 2)]
        return gaps.index(min(gaps)) if gaps else 0
