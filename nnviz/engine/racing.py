"""A race in the engine: a slice at a time, beside training and queries, and in worker processes."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter

from nnviz.engine.cores import cores
from nnviz.engine.messages import BeginRace, EndRace, Event, PauseRace, RaceCommand, Raced
from nnviz.engine.pool import RacePool
from nnviz.errors import NnvizError
from nnviz.run import Lane, Race

LISTEN = 0.01
"""Seconds of a slice, after which commands are handled."""

INTERVAL = 0.2
"""Least seconds between two reports of a race."""

SHARE = 0.1
"""Greatest share of the time that reports may take."""

WAIT = 0.05
"""Seconds between two looks at the worker processes, where there is nothing else to do."""


class Racing:
    """Takes the steps of one race at a time, and reports where it stands.

    Args:
        emit: takes the events.
        pool: trains all but the runs of the largest lock step; without one they take their steps by turns.
    """

    def __init__(self, emit: Callable[[Event], None], pool: RacePool | None = None) -> None:
        self._emit, self._pool = emit, pool
        self._race: Race | None = None
        self._number, self._paused, self._due = 0, False, 0.0

    @property
    def busy(self) -> bool:
        """Whether there is a step to take, here or in a worker process."""
        return self._race is not None and not self._paused

    @property
    def wait(self) -> float:
        """Seconds until there is something to do; infinite if there is nothing."""
        if self._race is None or self._paused:
            return math.inf
        return WAIT if self._race.own_done else 0.0

    def handle(self, command: RaceCommand) -> None:
        """Begin, pause or end a race."""
        match command:
            case BeginRace(number, lanes, steps):
                self._end()
                self._number, self._paused, self._due = number, False, 0.0
                self._guarded(lambda: self._begin(lanes, steps))
            case PauseRace(paused):
                self._paused = paused
                if self._pool is not None:
                    self._pool.pause(paused)
                self._guarded(self._report)
            case EndRace():
                self._guarded(lambda: self._report(ended=True))
                self._end()

    def _begin(self, lanes: tuple[Lane, ...], steps: int) -> None:
        self._race = Race(lanes, steps, apart=self._pool is not None)
        self._report()

    def _end(self) -> None:
        self._race = None
        if self._pool is not None:
            self._pool.end()

    def advance(self, training: bool) -> None:
        """Take steps for a slice, if there are any; report where the race stands, if it is time, or if it is over.

        Args:
            training: whether another run is trained beside it, which needs a core.
        """
        if self._race is not None and not self._paused:
            race = self._race
            self._guarded(lambda: self._slice(race, training))

    def _slice(self, race: Race, training: bool) -> None:
        end = perf_counter() + LISTEN
        if not race.own_done:
            race.advance(lambda: perf_counter() < end)
        if self._pool is not None:
            # What this process trains takes a core.
            self._pool.advance(race, max(cores() - (training or not race.own_done), 1))
        if race.done or perf_counter() >= self._due:
            self._report()
        if race.done:
            self._end()

    def _report(self, ended: bool = False) -> None:
        race = self._race
        if race is None:
            return
        begin = perf_counter()
        over = race.done or ended
        running = not over and not self._paused
        finished = race.finished() if over else ()
        workers = self._pool.count if self._pool is not None else 0
        self._emit(
            Raced(self._number, race.standings(), race.progress, running, over, finished=finished, workers=workers)
        )
        end = perf_counter()
        self._due = end + max(INTERVAL, (end - begin) / SHARE)

    def _guarded(self, act: Callable[[], None]) -> None:
        """Call `act`; an error ends the race, and training goes on."""
        try:
            act()
        except NnvizError as error:
            self._fail(error.message, error.hint)
        except Exception as error:
            self._fail(f"{type(error).__name__}: {error}", "race something else")

    def _fail(self, message: str, hint: str) -> None:
        self._end()
        self._emit(Raced(self._number, (), 0.0, False, True, message, hint))
