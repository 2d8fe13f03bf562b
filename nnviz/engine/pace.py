"""How fast a run trains at most, so that an eye can follow."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Literal

from nnviz.run import Step


@dataclass(frozen=True)
class Pace:
    """At most so many steps or epochs per second.

    Attributes:
        rate: how many per second; infinite for full speed.
        unit: what is taken without a pause. A moment follows each one.
    """

    rate: float = math.inf
    unit: Literal["step", "epoch"] = "epoch"

    @property
    def full(self) -> bool:
        """Whether there is no bound."""
        return math.isinf(self.rate)

    def __str__(self) -> str:
        return "full speed" if self.full else f"{self.rate:g} {self.unit}{'' if self.rate == 1 else 's'}/s"


FULL = Pace()
"""No bound."""


class Pacer:
    """Says when the next step may be taken.

    A unit that takes longer than its share of a second is followed by the next at once; the time is not made up for.

    Args:
        clock: the time in seconds.

    Attributes:
        pace: the pace.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._begun = -math.inf
        self._within = False
        self._free_until = 0
        self.pace = FULL

    @property
    def wait(self) -> float:
        """Seconds until the next step may be taken; 0 if it may be now."""
        if self.pace.full or self._within:
            return 0.0
        return max(self._begun + 1 / self.pace.rate - self._clock(), 0.0)

    def restart(self, free_until: int = 0) -> None:
        """Training begins: the first unit may begin at once.

        Args:
            free_until: the steps up to this one are taken without pauses.
        """
        self._begun, self._within, self._free_until = -math.inf, free_until > 0, free_until

    def ends(self, step: Step) -> bool:
        """Whether a unit has ended with this step; note it. The unit began with the first call after the last end."""
        if self.pace.full:
            return False
        self._within = step.step < self._free_until or (self.pace.unit == "epoch" and step.evaluation is None)
        return not self._within

    def begin(self) -> None:
        """A step is about to be taken: it begins a unit, unless one has begun."""
        if not self._within:
            self._begun = self._clock()
