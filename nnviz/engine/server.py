"""The side of the training process: it takes commands from a pipe and sends events through it."""

from __future__ import annotations

import os
import signal
import threading
from multiprocessing.connection import Connection

from nnviz.engine.closing import exit_when_closed
from nnviz.engine.messages import Event, Moment
from nnviz.engine.packing import Packer
from nnviz.engine.pool import RacePool
from nnviz.engine.worker import DisconnectedError, Worker

NICENESS = 5
"""The process's niceness, so that the screen comes first where both want one core."""

IDLE_DELAY = 0.2
"""Seconds without a command after which plan and tape are compared."""


def serve(end: int) -> None:
    """Handle the commands from the file descriptor `end` until it closes. Ctrl+C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    threading.Thread(target=exit_when_closed, args=(end,), daemon=True).start()
    try:
        Server(Connection(end)).run()
    except (EOFError, OSError, DisconnectedError):
        return


class Server:
    """A worker that is connected to the program by a pipe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._packer = Packer()
        self._worker = Worker(self._emit, connection.poll, pool=RacePool())

    def run(self) -> None:
        """Work and handle commands until the connection closes."""
        worker, connection = self._worker, self._connection
        while True:
            if worker.busy and not connection.poll(worker.wait):
                worker.work()
            elif worker.can_compare and not connection.poll(IDLE_DELAY):
                worker.compare()
            else:
                worker.handle(connection.recv())

    def _emit(self, event: Event) -> None:
        try:
            self._connection.send(self._packer.pack(event) if isinstance(event, Moment) else event)
        except OSError as error:
            raise DisconnectedError from error
