"""What all screens share: they end up as large as the terminal."""

from __future__ import annotations

from typing import TypeVar

from textual.events import Resize
from textual.screen import Screen

Result = TypeVar("Result")


class FittingScreen(Screen[Result]):
    """A screen that hears of every size.

    Whenever it is laid out, Textual sends it the size it has got; where the terminal has become another one meanwhile,
    that message takes the place of the one with the newer size.
    """

    def on_resize(self, event: Resize) -> None:
        """Take the newest size, whichever came last."""
        size = self.app.size
        if event.size != size:
            event.stop()
            event.prevent_default()
            self.post_message(Resize(size, size))
