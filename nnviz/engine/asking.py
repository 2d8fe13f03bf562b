"""What inline and process engine share: the calls of the protocol as commands, and questions as futures."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import replace

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
    Start,
    Train,
)
from nnviz.errors import TrainingError
from nnviz.run import Observation, Query, Refused, Run, State

GONE = "the engine ended before it had an answer", "ask again once it is open"


class Asking:
    """The calls of an engine, turned into commands.

    Args:
        send: hands over a command; whether there is anyone to take it.
        on_event: takes the events, but for the answers to questions.
    """

    def __init__(self, send: Callable[[Command], bool], on_event: Callable[[Event], None]) -> None:
        self._send, self._on_event = send, on_event
        self._tokens = itertools.count(1)
        self._asked: dict[int, Future[Observation]] = {}

    def start(self, number: int, run: Run, state: State | None = None, order: Train | None = None) -> bool:
        """Take a run in place of the one before; see `Engine`."""
        # Where it came from is of no use there, and might be long.
        return self._send(Start(number, replace(run, parent=None), state, order))

    def look(self, queries: Iterable[Query[Observation]]) -> bool:
        """Answer these in every moment."""
        return self._send(Look(tuple(dict.fromkeys(queries))))

    def train(self, order: Train) -> bool:
        """Go on as ordered."""
        return self._send(order)

    def stop(self) -> bool:
        """Stop training after the step under way."""
        return self._send(Pause())

    def ask(self, query: Query[Answer], step: int, future: Future[Answer]) -> None:
        """Let `future` have the answer to a query as of a step."""
        token = next(self._tokens)
        self._asked[token] = future  # type: ignore[assignment]
        future.add_done_callback(lambda done: self._forget(token) if done.cancelled() else None)
        if not self._send(Ask(token, query, step)):
            self._settle(token, Refused(*GONE))

    def hear(self, event: Event) -> None:
        """Settle what was asked; pass on all other events."""
        match event:
            case Answered():
                self._settle(event.token, event.observation)
                return
            case Died():
                for token in list(self._asked):
                    self._settle(token, Refused(*GONE))
        self._on_event(event)

    def cancel_all(self) -> None:
        """Cancel the questions that are open."""
        for future in list(self._asked.values()):
            future.cancel()

    def _forget(self, token: int) -> None:
        if self._asked.pop(token, None) is not None:
            self._send(Cancel(token))

    def _settle(self, token: int, found: Observation) -> None:
        future = self._asked.pop(token, None)
        if future is None:
            return
        # It may be cancelled at this very moment, on another thread.
        with suppress(InvalidStateError):
            if isinstance(found, Refused):
                future.set_exception(TrainingError(found.message, found.hint))
            else:
                future.set_result(found)
