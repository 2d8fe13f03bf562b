"""Screens that always end up with the size of the terminal, and are styled only when their styles have changed."""

from __future__ import annotations

from typing import TypeVar

from textual.events import Resize, ScreenResume
from textual.screen import Screen

Result = TypeVar("Result")


class ResizableScreen(Screen[Result]):
    """A screen that ignores outdated sizes, and is not styled again when it is shown.

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

    def on_screen_resume(self, event: ScreenResume) -> None:
        """Keep the styles: the widgets have had them since they were mounted, and a new theme reaches all screens."""
        # To style them again takes a good part of the time in which a dialog opens or closes.
        event.refresh_styles = False
