"""The place on the page of the race: what is varied, and where the race stands."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.engine import Raced
from nnviz.run import Lane, winner

STEPS = (100, 300, 1000, 3000, 10_000, 30_000)
"""How many steps each run may take."""

SEEDS = (1, 2, 4, 8, 16)
"""How many runs each of those that race may have."""


@dataclass(frozen=True, eq=False)
class RacePlace:
    """The place on the page of the race.

    Attributes:
        kind: what is varied, one of `network.variants.KINDS`.
        seeds: how many runs each has.
        steps: how many steps each run takes.
        row: the chosen one; None for the one that is ahead.
        number: identifies the race in the engine.
        lanes: those that race, or have raced last.
        goal: how many steps they take.
        raced: where the race stands; None before its first event.
        running: whether it was begun and is not over.
        paused: whether it waits.
        ended: whether it was ended before it was over.
        restarts: how often it was begun again after the process had died.
    """

    kind: str = "activation"
    seeds: int = 4
    steps: int = 1000
    row: int | None = None
    number: int = 0
    lanes: tuple[Lane, ...] = ()
    goal: int = 0
    raced: Raced | None = None
    running: bool = False
    paused: bool = False
    ended: bool = False
    restarts: int = 0

    @property
    def ahead(self) -> int | None:
        """The number of the one with the lowest mean test loss; None before there is one."""
        return winner(self.raced.standings) if self.raced is not None else None

    @property
    def chosen(self) -> int | None:
        """The chosen one, or the one that is ahead."""
        return self.ahead if self.row is None or self.row >= len(self.lanes) else self.row
