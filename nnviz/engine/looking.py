"""The queries that every moment answers, each as often as its cost allows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from time import perf_counter

from nnviz.data import Prepared
from nnviz.engine.gradual import GradualWork
from nnviz.errors import NnvizError
from nnviz.run import Observation, Query, Refused, Trainer
from nnviz.run.queries import Gradual

SHARE = 0.06
"""Share of the time that working on gradual queries may take while training, and what is too large is judged by."""

ANSWERS = 0.03
"""Share of the time that all other answers may take: the pages draw them no oftener."""

LIMIT = 1.0
"""A query whose answer would take more seconds than this is refused."""


REFRESH = 1.0
"""Seconds at least from one beginning of the work on a query to the next while training: plans are made anew then."""


class Looking:
    """The queries of the visible panels, with their last answers.

    Attributes:
        gradual: the work on those that are answered bit by bit.
    """

    def __init__(self) -> None:
        self._queries: tuple[Query[Observation], ...] = ()
        self._answers: dict[Query[Observation], Observation] = {}
        self._due: dict[Query[Observation], float] = {}
        self._steps: dict[Query[Observation], int] = {}
        self._pace = self._work_due = 0.0
        self.gradual = GradualWork()
        self._data: Prepared | None = None

    @property
    def answers(self) -> Mapping[Query[Observation], Observation]:
        """The last answers, by query."""
        known = self._answers | self.gradual.answers
        return {query: known[query] for query in self._queries if query in known}

    def look(self, queries: Iterable[Query[Observation]]) -> None:
        """Set the queries. Answers to those that stay are kept."""
        self._queries = tuple(queries)
        self._answers = {query: found for query, found in self._answers.items() if query in self._queries}
        self.gradual.keep(self._queries)

    def forget(self, data: bool = True) -> None:
        """Forget the answers, because the run is another one.

        Args:
            data: whether the data have changed too; otherwise the answers of static queries are kept.
        """
        self._answers = {} if data else {query: found for query, found in self._answers.items() if query.static}
        self._due, self._steps = {}, {}
        self.gradual.forget()

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
            if isinstance(query, Gradual):
                due = begin >= self._work_due and begin >= self._due.get(query, 0.0)
                if (not running or query not in self.gradual.answers or due) and self.gradual.want(
                    query, trainer, running
                ):
                    self._due[query] = begin + REFRESH
                    self._pay_for_work(begin)
                continue
            if query in self._answers and (query.static or self._holds(query, trainer, running, begin)):
                continue
            self._answers[query], self._steps[query] = self._answer(query, trainer), trainer.step
            end = perf_counter()
            self._due[query] = end + (end - begin) * len(self._queries) / ANSWERS

    def work(self, seconds: float, idle: float) -> bool:
        """Work on gradual queries for about so long; whether there is a new answer and time to hand it over at once.

        Args:
            seconds: how long.
            idle: for how many seconds the trainer has nothing to do. Where they are fewer, the work has its share of
                the time, as all queries have.
        """
        begin = perf_counter()
        if not self.gradual or (idle < seconds and begin < self._work_due):
            return False
        new = self.gradual.advance(seconds)
        self._pay_for_work(begin)
        return new and idle >= seconds

    def _pay_for_work(self, begin: float) -> None:
        """Let the work that has gone on since `begin` be paid for by the time until it goes on."""
        seconds = perf_counter() - begin
        self._work_due = max(self._work_due, begin) + seconds * (1 + len(self._queries) / SHARE)

    def _holds(self, query: Query[Observation], trainer: Trainer, running: bool, now: float) -> bool:
        """Whether the last answer need not be found again: it is not due yet or, at rest, the step is the same."""
        if running:
            return now < self._due.get(query, 0.0)
        # What a step leaves behind may be recorded later; a refusal may have been for a busy machine.
        kept = not query.records and not isinstance(self._answers[query], Refused)
        return kept and self._steps.get(query) == trainer.step

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
