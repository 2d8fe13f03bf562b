"""Reads data in a thread, with the progress of it, and a way to stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class Reading:
    """A reading of data that the interface's thread watches and can cancel.

    Attributes:
        done: how many bytes were read.
        total: of how many; 0 before that is known.
    """

    def __init__(self) -> None:
        self.done = self.total = 0
        self._cancelled = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether it was cancelled: what it finds is of no use any more."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Stop it soon."""
        self._cancelled.set()

    def run(self, work: Callable[[], Result]) -> Result:
        """Do `work` in the present thread; all data that are read in it are watched.

        Raises:
            CancelledError: it was cancelled.
        """
        # Imported when something is read, so that the program opens sooner.
        from nnviz.data.own import watched

        with watched(self._progress, self._cancelled.is_set):
            return work()

    def _progress(self, done: int, total: int) -> None:
        self.done, self.total = done, total
