"""The interface that all engines have."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Protocol

from nnviz.engine.messages import Answer, RaceCommand, Train
from nnviz.engine.pace import Pace
from nnviz.run import Checkpoint, Observation, Query, Run


class Engine(Protocol):
    """Trains one run at a time, and answers queries about it.

    It reports by events, which carry the number of the run they belong to.

    There is no `change`, because a run is a value: to change it, stop training, make another run by `Run.changed` at
    the step of the checkpoint that follows, and start that run from the checkpoint.
    """

    def open(self) -> None:
        """Start the engine; an engine with a process starts it, and ends the one before if there is one."""

    def close(self) -> None:
        """End the engine and its process, and cancel all open queries."""

    def start(self, number: int, run: Run, checkpoint: Checkpoint | None = None, train: Train | None = None) -> None:
        """Replace the present run by `run`, from its start or from a checkpoint, and train if `train` is given.

        Args:
            number: the number that the run's events carry.
            run: what is trained.
            checkpoint: where it goes on, taken from it or from the run it was made from; its start if left out.
            train: how far it trains; it waits if left out.
        """

    def look(self, queries: Iterable[Query[Observation]]) -> None:
        """Set the queries that every moment answers from now on. A moment with their answers follows."""

    def ask(self, query: Query[Answer], step: int) -> Future[Answer]:
        """Answer a query as of an earlier step, bit for bit as it would have been answered then.

        A trainer of its own repeats the steps from the nearest checkpoint on, so that training is not disturbed. The
        future can be cancelled until it is done.

        Args:
            query: what is asked.
            step: as of which step, from 0 to the last one taken.

        Returns:
            A future with the answer, or with the NnvizError that says why there is none.
        """

    def train(self, command: Train) -> bool:
        """Train on from the present step.

        Returns:
            False if the process has died; `Died` is emitted then.
        """

    def pace(self, pace: Pace) -> None:
        """Bound the speed of training, of this run and of all that follow; at first there is no bound."""

    def race(self, command: RaceCommand) -> bool:
        """Begin, pause or end a race, which goes on beside training; `Raced` says where it stands.

        Returns:
            False if the process has died; `Died` is emitted then.
        """

    def stop(self) -> None:
        """Stop training after the present step. A moment with the checkpoint follows."""
