"""The queries that every moment answers, each as often as its cost allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import perf_counter

from nnviz.data import Prepared
from nnviz.errors import NnvizError
from nnviz.run import Observation, Query, Refused, Trainer

SHARE = 0.06
"""Share of the time that answering all queries may take while training: with all else it is less than a tenth."""

LIMIT = 1.0
"""A query whose answer would take more seconds than this is refused."""


class Looking:
    """The queries of the visible panels, with their last answers."""

    def __init__(self) -> None:
        self._queries: tuple[Query[Observation], ...] = ()
        self._answers: dict[Query[Observation], Observation] = {}
        self._due: dict[Query[Observation], float] = {}
        self._pace = 0.0
        self._data: Prepared | None = None

    @property
    def answers(self) -> Mapping[Query[Observation], Observation]:
        """The last answers, by query."""
        return {query: self._answers[query] for query in self._queries if query in self._answers}

    def look(self, queries: Iterable[Query[Observation]]) -> None:
        """Set the queries. Answers to those that stay are kept."""
        self._queries = tuple(queries)
        self._answers = dict(self.answers)

    def forget(self, data: bool = True) -> None:
        """Forget the answers, because the run is another one.

        Args:
            data: whether the data have changed too; otherwise the answers of static queries are kept.
        """
        self._answers = {} if data else {query: found for query, found in self._answers.items() if query.static}
        self._due = {}

    def pace(self, seconds: float) -> None:
        """Set the seconds that a sample takes to go through the network."""
        self._pace = seconds

    @property
    def records(self) -> bool:
        """Whether a query is answered from the step taken last."""
        return any(query.records for query in self._queries)

    def records_due(self, now: float) -> bool:
        """Whether such a query is due while the run is running."""
        return any(query.records and now >= self._due.get(query, 0.0) for query in self._queries)

    def observe(self, trainer: Trainer, running: bool) -> None:
        """Answer all queries again; while the run is `running`, only those that are due."""
        if trainer.data is not self._data:
            # A change of the run may be one of its data.
            self.forget()
            self._data = trainer.data
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
