"""An engine in the same thread, for tests and the command line: it works when it is told to."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future

from nnviz.engine.asking import Asking
from nnviz.engine.messages import Answer, Command, Event, Train
from nnviz.engine.worker import BUDGET, Worker
from nnviz.run import Observation, Query, Run, State


class InlineEngine:
    """An engine without a process or a thread: commands are obeyed at once, and `advance` does the rest, bit by bit.

    Args:
        on_event: called with every event. It may give commands; these are obeyed after what is under way.
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
        """Do something, and then what was commanded meanwhile; tell what happened."""
        self._working = True
        try:
            act()
            while self._commands or self._events:
                if self._events:
                    self._asking.hear(self._events.popleft())
                else:
                    self._worker.obey(self._commands.popleft())
        finally:
            self._working = False

    def advance(self) -> bool:
        """Work for a moment; False where there is nothing to do."""
        if not self._worker.busy:
            return False
        self._do(self._worker.work)
        return True

    def finish(self) -> None:
        """Work until nothing is left to do. An order without an end must be stopped by an event."""
        while self.advance():
            pass

    def open(self) -> None:
        """Nothing is to be prepared."""

    def close(self) -> None:
        """Cancel the questions that are open, and do no more."""
        self._asking.cancel_all()
        self._asking.stop()

    def start(self, number: int, run: Run, state: State | None = None, order: Train | None = None) -> None:
        """Take a run in place of the one before; see `Engine`."""
        self._asking.start(number, run, state, order)

    def look(self, queries: Iterable[Query[Observation]]) -> None:
        """Answer these in every moment from now on."""
        self._asking.look(queries)

    def ask(self, query: Query[Answer], step: int) -> Future[Answer]:
        """Answer a query as of a step; waiting for the future does the work."""
        future: _Driven[Answer] = _Driven(self.advance)
        self._asking.ask(query, step, future)
        return future

    def train(self, order: Train) -> bool:
        """Go on as ordered, with every `advance`."""
        return self._asking.train(order)

    def stop(self) -> None:
        """Stop training, and report."""
        self._asking.stop()


class _Driven(Future[Answer]):
    """A future whose waiting does the work."""

    def __init__(self, advance: Callable[[], bool]) -> None:
        super().__init__()
        self._advance = advance

    def result(self, timeout: float | None = None) -> Answer:
        """The answer, worked out now, however long that takes."""
        while not self.done() and self._advance():
            pass
        return super().result(timeout)

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Why there is none, found out now, however long that takes."""
        while not self.done() and self._advance():
            pass
        return super().exception(timeout)
