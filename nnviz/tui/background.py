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
"""Seconds after which it is said what is being done."""

Result = TypeVar("Result")


def in_background(
    widget: Widget,
    work: Callable[[], Result],
    done: Callable[[Future[Result]], None],
    do: Callable[[Action], None] | None = None,
    slow: Action = loading,
) -> Future[Result]:
    """Do `work` in a thread of its own. The thread is a daemon: the program can end before it.

    Args:
        widget: by whose messages and timers the interface's thread is reached.
        work: called in the thread. It must touch nothing that the screen changes.
        done: called on the interface's thread with the future, which holds the result or what `work` has raised.
        do: carries out an action of the lab, on the interface's thread.
        slow: the action that says what is being done, carried out if it takes long; by default, that data are loaded.

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
    if do is not None:
        notice(widget, future, do, slow)
    return future


def notice(widget: Widget, future: Future[Result], do: Callable[[Action], None], slow: Action = loading) -> None:
    """Say that the data are being loaded, or what else takes long, if that is not done by then."""
    widget.set_timer(NOTICE, lambda: None if future.done() else do(slow))
