"""The one face of all engines."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Protocol

from nnviz.engine.messages import Answer, Train
from nnviz.run import Observation, Query, Run, State


class Engine(Protocol):
    """What trains one run at a time and answers questions about it.

    Everything that happens is reported by events, each with the number of its run: moments and failures.

    There is no call to change a run: a run is a value. To change one, stop it, make the changed run of it
    (`Run.changed`), and start that from the checkpoint at which the first one stopped.
    """

    def open(self) -> None:
        """Get ready: where there is a process, start it, in place of the one before if there was one."""

    def close(self) -> None:
        """End, and leave nothing behind. Questions that are open are cancelled."""

    def start(self, number: int, run: Run, state: State | None = None, order: Train | None = None) -> None:
        """Take a run in place of the one before, from its start or from a state, and train as ordered.

        Args:
            number: by which its events are known.
            run: what is trained.
            state: where it stands, taken from it or from the run it was made from.
            order: how far it goes on; not at all if left out.
        """

    def look(self, queries: Iterable[Query[Observation]]) -> None:
        """Answer these in every moment from now on, and no others. A moment follows soon."""

    def ask(self, query: Query[Answer], step: int) -> Future[Answer]:
        """Answer a query as of `step`, which the run has taken: bit for bit what was there then.

        The steps from the nearest checkpoint on are taken again, by a trainer of its own: training is not disturbed.
        The future can be cancelled at any time before it is done.

        Returns:
            The answer; an NnvizError where there is none.
        """

    def train(self, order: Train) -> bool:
        """Go on as ordered; whether there is anyone to do it."""

    def stop(self) -> None:
        """Stop training after the step under way; a moment with the state follows."""
