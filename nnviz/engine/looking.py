"""What is looked at: the answers to the queries of every moment, each as fresh as its cost allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import perf_counter

from nnviz.errors import NnvizError
from nnviz.run import Observation, Query, Refused, Trainer

SHARE = 0.1
"""Share of the time that answering all queries may take while training."""

LIMIT = 1.0
"""Seconds beyond which a query is not answered at all: what it shows is not worth the wait."""


class Looking:
    """The queries in sight and their last answers."""

    def __init__(self) -> None:
        self._queries: tuple[Query[Observation], ...] = ()
        self._answers: dict[Query[Observation], Observation] = {}
        self._due: dict[Query[Observation], float] = {}
        self._pace = 0.0

    @property
    def answers(self) -> Mapping[Query[Observation], Observation]:
        """The last answers, by query."""
        return {query: self._answers[query] for query in self._queries if query in self._answers}

    def look(self, queries: Iterable[Query[Observation]]) -> None:
        """Answer these from now on; what is known of those among them stays."""
        self._queries = tuple(queries)
        self._answers = dict(self.answers)

    def forget(self, data: bool = True) -> None:
        """The run is another from here on: forget all answers, or all that do not belong to its `data` alone."""
        self._answers = {} if data else {query: found for query, found in self._answers.items() if query.static}
        self._due = {}

    def pace(self, seconds: float) -> None:
        """Take note of how long a sample takes to go through the network."""
        self._pace = seconds

    def observe(self, trainer: Trainer, running: bool) -> None:
        """Answer the queries anew, while it is `running` those that are due."""
        for query in self._queries:
            begin = perf_counter()
            fresh = query not in self._answers or not (query.static or (running and begin < self._due.get(query, 0.0)))
            if not fresh:
                continue
            self._answers[query] = self._answer(query, trainer)
            end = perf_counter()
            self._due[query] = end + (end - begin) * len(self._queries) / SHARE

    def _answer(self, query: Query[Observation], trainer: Trainer) -> Observation:
        try:
            seconds = query.samples(trainer) * self._pace
            if seconds > LIMIT:
                return Refused(f"the answer would take {seconds:,.0f} s at every snapshot", "make the network smaller")
            return trainer.observe(query)
        except NnvizError as error:
            return Refused(error.message, error.hint)
        except Exception as error:
            return Refused(f"{type(error).__name__}: {error}", "look at something else")
