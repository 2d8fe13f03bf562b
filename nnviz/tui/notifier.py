"""Toasts: one at a time, the newest."""

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
"""Seconds after which a toast that was taken back is gone."""

AGAIN = 3.0
"""Seconds in which the same toast is not shown again."""

LONGEST = 800
"""Characters of a toast."""


class Notifier:
    """Shows toasts on a screen.

    Args:
        screen: where.
        keys: the keys of the commands that a text names in braces.
    """

    def __init__(self, screen: Screen[None], keys: Keys) -> None:
        self._screen = screen
        self._keys = keys
        self._shown = ("", 0.0)

    def toast(self, text: str, hint: str = "", severity: SeverityLevel = "information") -> None:
        """A toast of plain text, with a hint in which the id of a command in braces stands for its key."""
        shown = with_keys(hint, self._keys.first)
        body = clean(f"{text}\n{shown}" if hint else text, LONGEST, lines=True)
        # The newest says what matters, and a pile would cover the screen. The same words again while they still stand
        # there are no news: a key that is held would pile them up.
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
        """Take away what is left of earlier toasts.

        Textual does not see one go that was only just put up, nor, once something has scrolled, where one has been.
        """
        refresh_toasts(self._screen.app)
        self._screen.app.screen.refresh()

    def clear(self) -> None:
        """What was said belongs to what is no longer on the screen."""
        if self._shown[0]:
            self._shown = ("", 0.0)
            self._screen.app.clear_notifications()

    def remove(self) -> None:
        """Take the toasts away at once: a dialog opens, and they would lie over its keys, or stay below it."""
        self.clear()
        self._screen.query("Toast").remove()
