"""The training process, seen from inside: takes commands from a pipe and sends events through it."""

from __future__ import annotations

import os
import select
import signal
import threading
from multiprocessing.connection import Connection

from nnviz.engine.messages import Event, Moment
from nnviz.engine.packing import Packer
from nnviz.engine.worker import Worker

MODESTY = 5
"""How far training stands back when the screen wants the processor; alone on a core it costs nothing."""

REST = 0.2
"""Seconds without a command after which there is time to compare plan and tape."""


def serve(end: int) -> None:
    """Obey the commands that come through the file descriptor `end` until it closes, whatever Ctrl+C does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(MODESTY)
    threading.Thread(target=_end_with, args=(end,), daemon=True).start()
    try:
        Server(Connection(end)).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _end_with(end: int) -> None:
    """End the process when the program at the other end of the pipe is gone, also in the middle of a long step."""
    poll = select.poll()
    # No event is asked for; that the other end is closed is told all the same.
    poll.register(end, 0)
    poll.poll()
    os._exit(0)


class Server:
    """A worker at one end of a pipe."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._packer = Packer()
        self._worker = Worker(self._tell, connection.poll)

    def run(self) -> None:
        """Until the connection closes."""
        worker, connection = self._worker, self._connection
        while True:
            if worker.busy and not connection.poll():
                worker.work()
            elif worker.curious and not connection.poll(REST):
                worker.compare()
            else:
                worker.obey(connection.recv())

    def _tell(self, event: Event) -> None:
        self._connection.send(self._packer.pack(event) if isinstance(event, Moment) else event)
