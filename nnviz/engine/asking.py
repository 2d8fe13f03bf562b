"""What the inline and the process engine share: calls become commands, and queries become futures."""

from __future__ import annotations

import itertools
import operator
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import replace
from typing import Any

from nnviz.engine.messages import (
    Answer,
    Answered,
    Ask,
    Cancel,
    Command,
    Died,
    Event,
    Look,
    Pause,
    RaceCommand,
    Start,
    Train,
)
from nnviz.engine.pace import FULL, Pace
from nnviz.errors import TrainingError
from nnviz.run import Checkpoint, Observation, Query, Refused, Run

GONE = "the engine ended before it had an answer", "ask again once it is open"


class Asking:
    """Turns the calls of an engine into commands.

    Args:
        send: sends a command; returns False if there is no process.
        on_event: called with every event except the answers to `ask`.
    """

    def __init__(self, send: Callable[[Command], bool], on_event: Callable[[Event], None]) -> None:
        self._send, self._on_event = send, on_event
        self._tokens = itertools.count(1)
        self._asked: dict[int, Future[Observation]] = {}
        self._looked = Look()
        self._pace = FULL
        # A question is registered and sent at once, or not at all: the process may be replaced on another thread.
        self._lock = threading.RLock()

    def start(self, number: int, run: Run, checkpoint: Checkpoint | None = None, train: Train | None = None) -> bool:
        """Replace the present run by `run`; see `Engine.start`."""
        # The engine has no use for the parents, which may be many.
        return self._send(Start(number, replace(run, parent=None), checkpoint, train))

    def look(self, queries: Iterable[Query[Observation]]) -> bool:
        """Set the queries that every moment answers; see `Engine.look`."""
        self._looked = Look(tuple(dict.fromkeys(queries)))
        return self._send(self._looked)

    def pace(self, pace: Pace) -> bool:
        """Bound the speed of training; see `Engine.pace`."""
        self._pace = pace
        return self._send(pace)

    def replace_process(self, act: Callable[[], None]) -> None:
        """Cancel all open queries, and start or end the process by `act`; a new one has the same queries and pace."""
        with self._lock:
            self.cancel_all()
            act()
            if self._looked.queries:
                self._send(self._looked)
            if not self._pace.full:
                self._send(self._pace)

    def train(self, command: Train) -> bool:
        """Train on from the present step; False if there is no process."""
        return self._send(command)

    def stop(self) -> bool:
        """Stop training after the present step."""
        return self._send(Pause())

    def race(self, command: RaceCommand) -> bool:
        """Begin, pause or end a race; see `Engine.race`."""
        return self._send(command)

    def ask(self, query: Query[Answer], step: int, future: Future[Answer]) -> None:
        """Ask a query as of a step; `future` receives the answer."""
        with self._lock:
            token = next(self._tokens)
            self._asked[token] = future  # type: ignore[assignment]
            future.add_done_callback(lambda done: self._forget(token, done) if done.cancelled() else None)
            if not self._send(Ask(token, query, operator.index(step))):
                self._resolve(token, Refused(*GONE))

    def on_event(self, event: Event) -> None:
        """Complete the future that an answer belongs to; pass on all other events."""
        match event:
            case Answered():
                self._resolve(event.token, event.observation)
                return
            case Died():
                for token in list(self._asked):
                    self._resolve(token, Refused(*GONE))
        self._on_event(event)

    def cancel_all(self) -> None:
        """Cancel all open queries."""
        for future in list(self._asked.values()):
            future.cancel()

    def _forget(self, token: int, future: Future[Any]) -> None:
        # Whoever waits by `concurrent.futures.wait` is told only then.
        future.set_running_or_notify_cancel()
        if self._asked.pop(token, None) is not None:
            self._send(Cancel(token))

    def _resolve(self, token: int, found: Observation) -> None:
        future = self._asked.pop(token, None)
        if future is None:
            return
        # It may be cancelled at this very moment, on another thread.
        with suppress(InvalidStateError):
            if isinstance(found, Refused):
                future.set_exception(TrainingError(found.message, found.hint))
            else:
                future.set_result(found)
