"""Work that takes as long as there are data: in a thread, so that no key waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from textual.widget import Widget

from nnviz.lab.command import Action
from nnviz.lab.events import loading

NOTICE = 0.3
"""Seconds after which it is said that the data are being loaded."""

Result = TypeVar("Result")


def in_background(
    widget: Widget,
    work: Callable[[], Result],
    done: Callable[[Future[Result]], None],
    do: Callable[[Action], None],
) -> Future[Result]:
    """Do `work` in a thread of its own. The thread is a daemon: the program can end before it.

    Args:
        widget: by whose messages and timers the interface's thread is reached.
        work: called in the thread. It must touch nothing that the screen changes.
        done: called on the interface's thread with the future, which holds the result or what `work` has raised.
        do: carries out an action of the lab, on the interface's thread.

    Returns:
        The future that `done` will be called with.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except Exception as error:
            future.set_exception(error)
        widget.call_later(done, future)

    threading.Thread(target=run, name="nnviz-background", daemon=True).start()
    notice(widget, future, do)
    return future


def notice(widget: Widget, future: Future[Result], do: Callable[[Action], None]) -> None:
    """Say that the data are being loaded, if that is not done by then."""
    widget.set_timer(NOTICE, lambda: None if future.done() else do(loading))
