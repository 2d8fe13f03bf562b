"""All that is used of Textual although it is private. No other file of this room names any of it.

Textual keeps no promise about these names, so each stands here with what goes wrong without it, or with what it gains,
and each has a test that fails by that name when Textual changes: tests/tui/test_patches.py. What is there for speed
alone gains at least 10 ms of processor time a key. That is measured side by side in one run, with and without it, in a
terminal of 120x40, by tests/bench/patch_gain.py; the figures here are those of Textual 8.2.8 on Python 3.11.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any, TypeVar

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.message import Message
from textual.messages import InvokeLater
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

__all__ = [
    "GuardedApp",
    "GuardedHandlers",
    "KeptCallbacks",
    "OutputDriver",
    "PartFirst",
    "PlainMaximized",
    "XTermParser",
    "refresh_toasts",
]

Result = TypeVar("Result")


class OutputDriver(LinuxDriver):
    """A driver that writes to a file of its own, and asks that for its size.

    Uses `_file` and `_get_terminal_size`, and beside it `_xterm_parser.XTermParser`, by which Textual reads input.
    Without them the picture goes to standard error, in the encoding of the locale; its size is that of whichever stream
    is a terminal, or what COLUMNS and LINES say; and a byte that is no UTF-8, or a key that the parser does not know,
    ends the program.
    """

    def write_to(self, file: Any) -> None:
        """Write the picture to this file from now on."""
        self._file = file

    def terminal_size(self) -> tuple[int, int]:
        """Columns and rows."""
        return super()._get_terminal_size()

    def _get_terminal_size(self) -> tuple[int, int]:
        return self.terminal_size()


class GuardedApp(App[None]):
    """An app whose end by an error is told in words of its own.

    Overrides `_handle_exception`, `_fatal_error` and `_print_error_renderables`. Without them Textual prints a
    traceback with the values of all variables, whatever stands in them; what the user has made is lost; and an error
    that comes while the program ends takes the place of its exit code.
    """

    _last_words = ""

    def last_words(self, error: Exception) -> str:
        """Do what is left to be done; the words that are printed once the terminal is in order again."""
        return f"{type(error).__name__}: {error}"

    def _handle_exception(self, error: Exception) -> None:
        if self.return_code is None:
            super()._handle_exception(error)
            self._last_words = self.last_words(error)
        # Where it was told to end before, what was being made has lost the ground below it: its exit code stands.
        self.panic()

    def _fatal_error(self) -> None:
        """No traceback; what is to be done follows."""

    def _print_error_renderables(self) -> None:
        if self._last_words:
            # Where the terminal is gone there is nobody to be told.
            with suppress(OSError):
                sys.__stderr__.write(f"{self._last_words}\n")  # type: ignore[union-attr]
                sys.__stderr__.flush()  # type: ignore[union-attr]


# Overrides `_on_invoke_later`, and calls `Screen._invoke_later`. Without it the callback waits for whichever screen is
# on top: a dialog that is opening takes it, and loses it if it closes first. The panels then waited for ever, and
# showed nothing new.
class KeptCallbacks(Widget):
    """A widget whose `call_after_refresh` waits for the refresh of its own screen."""

    def _on_invoke_later(self, message: InvokeLater) -> None:
        message.prevent_default()
        screen = self if isinstance(self, Screen) else self.screen
        screen._invoke_later(message.callback, self)


class GuardedHandlers(KeptCallbacks):
    """A widget all of whose messages are handled within a context.

    Overrides `_dispatch_message`, through which every message goes. Without it an exception in any handler of any
    widget ends the program; now it is told on the page that the widget stands on.
    """

    def handling(self, message: Message) -> AbstractContextManager[None]:  # noqa: ARG002 (for those that ask)
        """What surrounds the handling of this message."""
        return nullcontext()

    async def _dispatch_message(self, message: Message) -> None:
        with self.handling(message):
            await super()._dispatch_message(message)


class PlainMaximized(Screen[None], KeptCallbacks):
    """A screen on which no style depends on what fills it.

    Overrides `_watch_maximized`, which sets two classes that nothing here looks at, and so puts together anew the
    styles of all widgets. It gains 62 ms of 110 for a key by which a panel fills the screen, or gives
    it back.
    """

    def _watch_maximized(self, previously_maximized: Widget | None, maximized: Widget | None) -> None:
        """No classes."""


class PartFirst(Screen[Result]):
    """A screen that paints a part of itself first, and all of it after the next refresh.

    Overrides `_compositor_refresh`, and sets `_compositor._dirty_regions`, which Textual fills with the whole screen
    for a new one, and with its parts as they are laid out. It gains 12 ms of 61 at
    each dialog that opens, and its box stands some 15 ms sooner.
    """

    _part_is_painted = False

    def part(self) -> Iterable[Region]:
        """What is painted first."""
        return ()

    def _compositor_refresh(self) -> None:
        if self._part_is_painted or not self.is_current:
            super()._compositor_refresh()
            return
        # Nothing beyond the terminal can be painted: a box has a border, and so more rows than the smallest.
        terminal = self._compositor.size.region
        regions = (region.intersection(terminal) for region in self.part())
        self._compositor._dirty_regions = {region for region in regions if region}
        super()._compositor_refresh()
        self._part_is_painted = True
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """What lies below stays as it is until all is painted."""
        return super().render_lines(crop) if self._part_is_painted else [Strip.blank(crop.width)] * crop.height


def refresh_toasts(app: App[object]) -> None:
    """Show the toasts that there are, and no others.

    Calls `_refresh_notifications`. Without it a toast that is taken back before it was composed stays until it expires,
    beside the one that took its place.
    """
    app._refresh_notifications()
