"""Screens that always end up with the size of the terminal."""

from __future__ import annotations

from typing import TypeVar

from textual.events import Resize
from textual.screen import Screen

Result = TypeVar("Result")


class ResizableScreen(Screen[Result]):
    """A screen that ignores outdated sizes.

    After each layout Textual sends a screen the size it was laid out for. If the terminal is resized meanwhile, that
    message replaces the one with the newer size.
    """

    def on_resize(self, event: Resize) -> None:
        """Use the current size of the terminal, whatever size the event carries."""
        size = self.app.size
        if event.size != size:
            event.stop()
            event.prevent_default()
            self.post_message(Resize(size, size))
