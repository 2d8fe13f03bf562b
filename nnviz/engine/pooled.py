"""The side of a worker process: it trains one part of a race at a time, and says where that stands."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from time import perf_counter

from nnviz.engine.closing import exit_when_closed
from nnviz.run.heat import Heat, Part
from nnviz.run.standing import Entry, Finished, Report

NICENESS = 5
"""How much nicer it is than the training process, which answers the screen."""

LISTEN = 0.01
"""Seconds of a slice, after which it listens whether it shall pause."""

INTERVAL = 0.2
"""Least seconds between two reports."""

SHARE = 0.1
"""Greatest share of the time that reports may take."""

Result = tuple[tuple[Report, ...], Mapping[Entry, Finished]]
"""The last reports of a part, and the runs to go on from."""

_connections: list[Connection] = []


def attend(connection: Connection) -> None:
    """Prepare the process: from now on it ends when the other end of `connection` is closed, whatever it does."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    threading.Thread(target=exit_when_closed, args=(connection.fileno(),), daemon=True).start()
    _connections.append(connection)


def train(part: Part) -> Result:
    """Train the runs of a part to their end; tuples of reports are sent on the way.

    A bool that is received pauses training or lets it go on.
    """
    (connection,) = _connections
    heat, due, paused = Heat(part.runs, part.steps), 0.0, False
    while not heat.done:
        if paused or connection.poll():
            paused = connection.recv()
            due = 0.0
            continue
        end = perf_counter() + LISTEN
        heat.advance(lambda: perf_counter() < end)  # noqa: B023 (called at once)
        begin = perf_counter()
        if begin >= due:
            connection.send(heat.report())
            due = perf_counter() + max(INTERVAL, (perf_counter() - begin) / SHARE)
    return heat.report(), heat.finished(part.most)
