"""How signals end the program: in order where that is quick, and at once where it is not."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from contextlib import suppress
from types import FrameType

from textual.app import App

from nnviz.tui.driver import TerminalDriver, hang_up

ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
"""Signals that end the program; the terminal is put in order first."""

GRACE = 0.5
"""Seconds that the program is given to end by itself."""


class Ending:
    """Ends the program at a signal, whatever it is doing.

    The main thread may be waiting for a terminal that takes nothing more, or import for as long as somebody would wait
    for the end. So a thread of its own asks the program to end, and ends it if it does not.

    Args:
        app: the program.
    """

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._told, self._tell = os.pipe()
        os.set_blocking(self._tell, False)
        threading.Thread(target=self._wait, name="nnviz-ending", daemon=True).start()
        for number in ENDING:
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        # A program that is in the background and ends must neither take the terminal again nor be stopped over it.
        signal.signal(signal.SIGCONT, signal.SIG_IGN)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        with suppress(BlockingIOError):
            os.write(self._tell, bytes([number]))

    def _wait(self) -> None:
        code = 128 + os.read(self._told, 1)[0]
        # Where the loop has ended, so has the program, but for what is below.
        with suppress(RuntimeError):
            self._app.exit(return_code=code)
        time.sleep(GRACE)
        if TerminalDriver.newest is not None:
            TerminalDriver.newest.restore()
        os._exit(code)


def end_with_host() -> None:
    """End the program when the other one that shows it is gone: Textual's driver of pipes would stay for ever."""
    threading.Thread(target=_watch, name="nnviz-host", daemon=True).start()


def _watch() -> None:
    poll = select.poll()
    # No event is asked for; that the other end is closed is told all the same.
    for stream in (0, 1):
        poll.register(stream, 0)
    if 1 not in dict(poll.poll()):
        hang_up()
        poll.unregister(0)
        poll.poll()
    # Nothing can be written any more, not even the end.
    os._exit(128 + signal.SIGHUP)
