"""A race in the engine: a slice at a time, beside training and queries."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from nnviz.engine.messages import BeginRace, EndRace, Event, PauseRace, RaceCommand, Raced
from nnviz.errors import NnvizError
from nnviz.run import Lane, Race

LISTEN = 0.01
"""Seconds of a slice, after which commands are handled."""

INTERVAL = 0.2
"""Least seconds between two reports of a race."""

SHARE = 0.1
"""Greatest share of the time that reports may take."""


class Racing:
    """Takes the steps of one race at a time, and reports where it stands.

    Args:
        emit: takes the events.
    """

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._race: Race | None = None
        self._number, self._paused, self._due = 0, False, 0.0

    @property
    def busy(self) -> bool:
        """Whether there is a step to take."""
        return self._race is not None and not self._paused

    def handle(self, command: RaceCommand) -> None:
        """Begin, pause or end a race."""
        match command:
            case BeginRace(number, lanes, steps):
                self._race, self._number, self._paused, self._due = None, number, False, 0.0
                self._guarded(lambda: self._begin(lanes, steps))
            case PauseRace(paused):
                self._paused = paused
                self._guarded(self._report)
            case EndRace():
                self._race = None

    def _begin(self, lanes: tuple[Lane, ...], steps: int) -> None:
        self._race = Race(lanes, steps)
        self._report()

    def advance(self) -> None:
        """Take steps for a slice, if there are any; report where the race stands, if it is time, or if it is over."""
        if self._race is not None and not self._paused:
            race = self._race
            self._guarded(lambda: self._slice(race))

    def _slice(self, race: Race) -> None:
        end = perf_counter() + LISTEN
        race.advance(lambda: perf_counter() < end)
        if race.done or perf_counter() >= self._due:
            self._report()
        if race.done:
            self._race = None

    def _report(self) -> None:
        race = self._race
        if race is None:
            return
        begin = perf_counter()
        running = not race.done and not self._paused
        finished = race.finished() if race.done else ()
        self._emit(Raced(self._number, race.standings(), race.progress, running, race.done, finished=finished))
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
        self._race = None
        self._emit(Raced(self._number, (), 0.0, False, True, message, hint))
