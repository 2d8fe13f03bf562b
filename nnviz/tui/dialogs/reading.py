"""A progress bar while data are read for long."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import ProgressBar

from nnviz.tui.background import NOTICE, in_background
from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.reading import Reading
from nnviz.tui.text import clean

Result = TypeVar("Result")

PERIOD = 0.1
"""Seconds between two updates of the bar."""


class ReadingBar(ProgressBar):
    """How far a reading is; without a total as long as that is not known.

    Args:
        reading: what is read; None as long as nothing is.
    """

    def __init__(self, reading: Reading | None = None) -> None:
        super().__init__(total=None, show_eta=False)
        self.reading = reading

    def on_mount(self) -> None:
        """Look at the reading now and then."""
        self.set_interval(PERIOD, self.look)

    def look(self) -> None:
        """Show how far it is now."""
        reading = self.reading
        if reading is not None:
            self.update(total=reading.total or None, progress=reading.done)


class ReadingScreen(Dialog[bool]):
    """Shows how far a reading is; Escape cancels it. Its result is whether it ended by itself.

    Args:
        title: what is read.
        reading: the reading.
    """

    def __init__(self, title: str, reading: Reading) -> None:
        super().__init__()
        self._title, self._reading = title, reading

    def compose(self) -> ComposeResult:
        """Compose the bar and the keys."""
        with DialogBox(classes="reading") as box:
            box.border_title = clean(self._title, 60)
            yield ReadingBar(self._reading)
            yield DialogKeys(("esc cancel", "cancel"))

    def action_cancel(self) -> None:
        """Cancel the reading, and close."""
        self._reading.cancel()
        super().action_cancel()


def read_watched(
    screen: Screen[Any], title: str, work: Callable[[], Result], done: Callable[[Future[Result]], None]
) -> None:
    """Do `work`, which reads data, in a thread; a progress bar is shown if it takes long, and Escape cancels it.

    Args:
        screen: by whose messages the interface's thread is reached.
        title: what is read.
        work: called in the thread.
        done: called on the interface's thread with the result or the error; not if it was cancelled.
    """
    reading = Reading()
    shown: list[ReadingScreen] = []

    def ended(found: Future[Result]) -> None:
        if reading.cancelled:
            return
        if shown:
            # What follows may open another dialog.
            shown[0].dismiss(True)
            screen.app.call_later(done, found)
        else:
            done(found)

    def show() -> None:
        if not future.done() and screen.is_attached:
            shown.append(ReadingScreen(title, reading))
            screen.app.push_screen(shown[0])

    future = in_background(screen, lambda: reading.run(work), ended)
    screen.set_timer(NOTICE, show)
