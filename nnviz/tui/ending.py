"""How signals end the program: by a normal exit if that is quick, else immediately."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

from nnviz.tui.driver import TerminalDriver, hang_up

if TYPE_CHECKING:
    from nnviz.tui.app import NnvizApp

ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
"""Signals that end the program, after the terminal is restored."""

GRACE = 0.5
"""Seconds until the program is ended if it does not exit by itself."""


KEEPING = 5.0
"""Seconds after which the program is ended although the session is not kept yet, as on a disk that does not answer."""


class Ending:
    """Ends the program on a signal, even if the main thread is blocked.

    The main thread may be waiting for a terminal that does not read, or be busy with a long import. A separate thread
    therefore asks the program to exit, and ends it if it does not.

    Args:
        app: the program.
        keep: keeps the session; called in a thread.
    """

    def __init__(self, app: NnvizApp, keep: Callable[[], object]) -> None:
        self._app = app
        self._keep = keep
        self._told, self._tell = os.pipe()
        os.set_blocking(self._tell, False)
        threading.Thread(target=self._wait, name="nnviz-ending", daemon=True).start()
        for number in ENDING:
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        # If the program is in the background, it must neither take the terminal back nor be stopped for writing to it.
        signal.signal(signal.SIGCONT, signal.SIG_IGN)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        with suppress(BlockingIOError):
            os.write(self._tell, bytes([number]))

    def _wait(self) -> None:
        code = 128 + os.read(self._told, 1)[0]
        # Raised if the event loop has already ended.
        with suppress(RuntimeError):
            self._app.leave(code)
        begin = time.monotonic()
        # What it is asked for takes a moment while it trains.
        self._app.left.wait(GRACE)
        # Here, too: the main thread may be blocked.
        keep_in_time(self._keep)
        time.sleep(max(GRACE - (time.monotonic() - begin), 0))
        if TerminalDriver.newest is not None:
            TerminalDriver.newest.restore()
        os._exit(code)


def keep_in_time(keep: Callable[[], object]) -> None:
    """Keep the session, unless it takes too long. What goes wrong cannot be said on a terminal that may be lost."""

    def run() -> None:
        with suppress(Exception):
            keep()

    thread = threading.Thread(target=run, name="nnviz-keeping", daemon=True)
    thread.start()
    thread.join(KEEPING)


def end_with_host(keep: Callable[[], object]) -> None:
    """End the program when the one that displays it has ended; Textual's driver for pipes would wait forever."""
    threading.Thread(target=_watch, args=(keep,), name="nnviz-host", daemon=True).start()


def _watch(keep: Callable[[], object]) -> None:
    poll = select.poll()
    # Without any event requested, poll still reports that the other end was closed.
    for stream in (0, 1):
        poll.register(stream, 0)
    if 1 not in dict(poll.poll()):
        hang_up()
        poll.unregister(0)
        poll.poll()
    keep_in_time(keep)
    # Nothing can be written any more, so that a normal exit would fail.
    os._exit(128 + signal.SIGHUP)
