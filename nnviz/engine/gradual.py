"""The queries that are answered bit by bit: work that goes on between steps, in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from nnviz.errors import NnvizError
from nnviz.run import Observation, Query, Refused, Trainer
from nnviz.run.queries import Gradual, Refined

Key = tuple[int, int]
"""The trainer that work was begun for, and the step that it stood at."""


@dataclass(eq=False)
class _Work:
    """Work on one query."""

    key: Key
    parts: Iterator[Refined | None]


class GradualWork:
    """Works on gradual queries one after the other; what is finer replaces what is coarse."""

    def __init__(self) -> None:
        self._works: dict[Gradual[Refined], _Work] = {}
        self._known: dict[Gradual[Refined], Key] = {}
        self.answers: dict[Query[Observation], Observation] = {}

    def __bool__(self) -> bool:
        """Whether there is work."""
        return bool(self._works)

    def keep(self, queries: tuple[Query[Observation], ...]) -> None:
        """Forget all queries but these."""
        self._works = {query: work for query, work in self._works.items() if query in queries}
        self._known = {query: key for query, key in self._known.items() if query in queries}
        self.answers = {query: found for query, found in self.answers.items() if query in queries}

    def forget(self) -> None:
        """Forget all work and all answers: the run is another one."""
        self.keep(())

    def want(self, query: Gradual[Refined], trainer: Trainer, running: bool) -> bool:
        """Begin the work on a query, unless its answer is of this step already; what is `running` ends its work first.

        The first piece is done at once: it copies what it needs of the trainer.

        Returns:
            Whether it was begun.
        """
        key, work = (id(trainer), trainer.step), self._works.get(query)
        if self._known.get(query) == key or (work is not None and (running or work.key == key)):
            return False
        self._works[query] = _Work(key, query.begin(trainer))
        self._piece(query)
        return True

    def advance(self, seconds: float) -> bool:
        """Work for about so long; whether there is a new answer."""
        end, new = perf_counter() + seconds, False
        while self._works and perf_counter() < end:
            new = self._piece(next(iter(self._works))) or new
        return new

    def _piece(self, query: Gradual[Refined]) -> bool:
        """A piece of the work on a query; whether there is a new answer."""
        work = self._works[query]
        found: Observation | None
        try:
            found = next(work.parts)
        except StopIteration:
            del self._works[query]
            return False
        except NnvizError as error:
            found = Refused(error.message, error.hint)
        except Exception as error:
            found = Refused(f"{type(error).__name__}: {error}", "look at something else")
        if found is None:
            return False
        before = self.answers.get(query)
        if not isinstance(found, Refined) or found.done:
            del self._works[query]
            self._known[query] = work.key
        elif isinstance(before, Refined) and before.done:
            # A whole map of an earlier step tells more than a part of that of this one.
            return False
        self.answers[query] = found
        return True
