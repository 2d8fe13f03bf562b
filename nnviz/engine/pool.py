"""Worker processes for the parts of a race."""

from __future__ import annotations

import multiprocessing
from collections import Counter, deque
from concurrent.futures import BrokenExecutor, Future
from contextlib import suppress
from multiprocessing import Pipe

from nnviz.engine.pooled import Result, attend, train
from nnviz.errors import NnvizError
from nnviz.run import Race
from nnviz.run.heat import Part

MOST_DEATHS = 3
"""How often a worker process may die of the same part until it is given up."""


class WorkerProcess:
    """A process that trains one part after the other.

    Each has an executor of its own: one that dies breaks its executor, and with a common one it could not be told which
    part it died of, nor could the others go on. It ends when the connection to it is closed, so also when the training
    process ends in whatever way.

    Attributes:
        part: what it trains.
    """

    part: Part
    _future: Future[Result]

    def __init__(self) -> None:
        # The program's own process has none: what it does not need would make it open later.
        from concurrent.futures import ProcessPoolExecutor

        self._connection, self._theirs = Pipe()
        # A new interpreter, not a fork: a fork would copy the locks of the threads in whatever state they are.
        self._executor = ProcessPoolExecutor(
            1, multiprocessing.get_context("spawn"), initializer=attend, initargs=(self._theirs,)
        )

    def give(self, part: Part) -> None:
        """Begin to train a part.

        Raises:
            BrokenExecutor: the process has died meanwhile.
        """
        self.part, self._future = part, self._executor.submit(train, part)
        # The process holds its end now; only its death closes it.
        self._theirs.close()

    def pause(self, paused: bool) -> None:
        """Pause, or go on."""
        with suppress(OSError):
            self._connection.send(paused)

    def collect(self, race: Race) -> Result | BaseException | None:
        """Pass on where its part stands: the result or the error if it has ended, None while it goes on."""
        ended = self._future.done()
        # What was sent before the end is read before it.
        with suppress(EOFError, OSError):
            while self._connection.poll():
                race.receive(self._connection.recv())
        if not ended:
            return None
        return self._future.exception() or self._future.result()

    def end(self) -> None:
        """End the process at once, without waiting for it."""
        self._connection.close()
        self._theirs.close()
        self._executor.shutdown(wait=False, cancel_futures=True)


class RacePool:
    """Trains the parts of a race in worker processes, each one part at a time.

    A part whose process dies starts anew in another one, the third time it is given up.
    """

    def __init__(self) -> None:
        self._workers: list[WorkerProcess] = []
        self._waiting: deque[Part] = deque()
        self._deaths: Counter[int] = Counter()

    @property
    def count(self) -> int:
        """How many processes train."""
        return len(self._workers)

    def advance(self, race: Race, most: int) -> None:
        """Pass on where the parts stand, and begin those that wait for a process.

        Args:
            race: whose parts these are.
            most: how many processes there may be; more that train already go on.
        """
        self._waiting.extend(race.take_parts())
        for worker in list(self._workers):
            found = worker.collect(race)
            if isinstance(found, BrokenExecutor):
                self._retire(worker)
                self._bury(race, worker.part)
            elif isinstance(found, BaseException):
                race.fail(worker.part, found.message if isinstance(found, NnvizError) else _words(found))
                self._go_on(worker)
            elif found is not None:
                reports, finished = found
                race.receive(reports)
                race.end(worker.part, finished)
                self._go_on(worker)
        while self._waiting and len(self._workers) < most:
            worker = WorkerProcess()
            self._workers.append(worker)
            worker.give(self._waiting.popleft())

    def _go_on(self, worker: WorkerProcess) -> None:
        """Give a process the next part; without one it ends."""
        if not self._waiting:
            self._retire(worker)
            return
        part = self._waiting.popleft()
        try:
            worker.give(part)
        except BrokenExecutor:
            # It died between two parts, of none of them.
            self._retire(worker)
            self._waiting.appendleft(part)

    def _bury(self, race: Race, part: Part) -> None:
        """A process has died of this part."""
        self._deaths[part.number] += 1
        if self._deaths[part.number] >= MOST_DEATHS:
            race.fail(part, f"the process that trained it died {MOST_DEATHS} times")
            return
        race.begin_again(part)
        self._waiting.appendleft(part)

    def _retire(self, worker: WorkerProcess) -> None:
        worker.end()
        self._workers.remove(worker)

    def pause(self, paused: bool) -> None:
        """Pause all processes, or let them go on."""
        for worker in self._workers:
            worker.pause(paused)

    def end(self) -> None:
        """End all processes, and forget all parts."""
        for worker in self._workers:
            worker.end()
        self._workers, self._deaths = [], Counter()
        self._waiting.clear()


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
