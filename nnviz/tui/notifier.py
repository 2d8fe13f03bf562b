"""Toasts, of which only the newest is shown."""

from __future__ import annotations

from time import monotonic

from textual.notifications import SeverityLevel
from textual.screen import Screen

from nnviz.lab import with_keys
from nnviz.tui.keymap import Keys
from nnviz.tui.patches import refresh_toasts
from nnviz.tui.text import clean

SHOWN = 5.0
"""Seconds that a toast is shown."""

SOON = 0.1
"""Seconds after which a removed toast has disappeared."""

AGAIN = 3.0
"""Seconds during which the same toast is not shown again."""

LONGEST = 800
"""Characters of a toast."""


class Notifier:
    """Shows toasts on a screen.

    Args:
        screen: where they are shown.
        keys: the keys of the commands that a text names in braces.
    """

    def __init__(self, screen: Screen[None], keys: Keys) -> None:
        self._screen = screen
        self._keys = keys
        self._shown = ("", 0.0)

    def toast(self, text: str, hint: str = "", severity: SeverityLevel = "information") -> None:
        """Show plain text, with a hint in which ids of commands in braces are replaced by their keys."""
        shown = with_keys(hint, self._keys.first)
        body = clean(f"{text}\n{shown}" if hint else text, LONGEST, lines=True)
        # Only the newest is shown: a pile of them would cover the screen. A key that is held repeats the same toast,
        # which need not be shown again.
        if self._shown[0] == body and monotonic() - self._shown[1] < AGAIN:
            return
        self._shown = (body, monotonic())
        self._screen.call_next(self._show, body, severity)

    def _show(self, body: str, severity: SeverityLevel) -> None:
        """Show the newest toast."""
        if self._shown[0] != body:
            return
        self._screen.app.clear_notifications()
        self._screen.notify(body, severity=severity, markup=False, timeout=SHOWN)
        for moment in (SOON, SHOWN + SOON):
            self._screen.set_timer(moment, self._wipe)

    def _wipe(self) -> None:
        """Remove what is left of earlier toasts.

        Textual neither removes one that was added just before nor, after scrolling, repaints where one was.
        """
        refresh_toasts(self._screen.app)
        self._screen.app.screen.refresh()

    def clear(self) -> None:
        """Remove the toast, because it refers to something that is no longer shown."""
        if self._shown[0]:
            self._shown = ("", 0.0)
            self._screen.app.clear_notifications()

    def remove(self) -> None:
        """Remove all toasts at once, before a dialog opens that they would cover."""
        self.clear()
        self._screen.query("Toast").remove()
