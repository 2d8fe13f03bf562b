"""An engine in the caller's thread, for tests and the command line."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future

from nnviz.engine.asking import Asking
from nnviz.engine.messages import Answer, Command, Event, RaceCommand, Train
from nnviz.engine.pace import Pace
from nnviz.engine.worker import BUDGET, Worker
from nnviz.run import Checkpoint, Observation, Query, Run


class InlineEngine:
    """An engine without a process or a thread: commands are handled at once, and `advance` trains a slice at a time.

    Args:
        on_event: called with every event. It may send commands; they are handled after the present one.
        budget: the bytes that checkpoints may take.
    """

    def __init__(self, on_event: Callable[[Event], None] = lambda _: None, budget: int = BUDGET) -> None:
        self._commands: deque[Command] = deque()
        self._events: deque[Event] = deque()
        self._asking = Asking(self._send, on_event)
        self._worker = Worker(self._events.append, lambda: bool(self._commands), budget)
        self._working = False

    def _send(self, command: Command) -> bool:
        self._commands.append(command)
        if not self._working:
            self._do(lambda: None)
        return True

    def _do(self, act: Callable[[], None]) -> None:
        """Call `act`, deliver the events, and handle the commands that were sent meanwhile."""
        self._working = True
        try:
            act()
            while self._commands or self._events:
                if self._events:
                    self._asking.on_event(self._events.popleft())
                else:
                    self._worker.handle(self._commands.popleft())
        finally:
            self._working = False

    def advance(self) -> bool:
        """Work for a slice of about 10 ms, or wait as the pace demands; False if there is nothing to do."""
        if not self._worker.busy:
            return False
        time.sleep(self._worker.wait)
        self._do(self._worker.work)
        return True

    def finish(self) -> None:
        """Work until nothing is left to do. `Train()` without a bound must be stopped by `on_event`."""
        while self.advance():
            pass

    def open(self) -> None:
        """Do nothing: there is no process to start."""

    def close(self) -> None:
        """Cancel all open queries, and stop training."""
        self._asking.cancel_all()
        self._asking.stop()

    def start(self, number: int, run: Run, checkpoint: Checkpoint | None = None, train: Train | None = None) -> None:
        """Replace the present run by `run`; see `Engine.start`."""
        self._asking.start(number, run, checkpoint, train)

    def look(self, queries: Iterable[Query[Observation]]) -> None:
        """Set the queries that every moment answers; see `Engine.look`."""
        self._asking.look(queries)

    def ask(self, query: Query[Answer], step: int) -> Future[Answer]:
        """Answer a query as of a step; see `Engine.ask`. Waiting for the future works until it is done."""
        future: _Driven[Answer] = _Driven(self.advance)
        self._asking.ask(query, step, future)
        return future

    def train(self, command: Train) -> bool:
        """Train on from the present step, a slice with every `advance`; always True."""
        return self._asking.train(command)

    def pace(self, pace: Pace) -> None:
        """Bound the speed of training; see `Engine.pace`."""
        self._asking.pace(pace)

    def race(self, command: RaceCommand) -> bool:
        """Begin, pause or end a race; see `Engine.race`."""
        return self._asking.race(command)

    def stop(self) -> None:
        """Stop training. A moment with the checkpoint follows."""
        self._asking.stop()


class _Driven(Future[Answer]):
    """A future that lets the engine work while it is waited for."""

    def __init__(self, advance: Callable[[], bool]) -> None:
        super().__init__()
        self._advance = advance

    def result(self, timeout: float | None = None) -> Answer:
        """The answer. The engine works until it is there, whatever `timeout` says."""
        while not self.done() and self._advance():
            pass
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """The error, or None. The engine works until the query is done, whatever `timeout` says."""
        while not self.done() and self._advance():
            pass
        return super().exception(timeout)
