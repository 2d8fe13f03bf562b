"""Every use of Textual's private names; no other module uses any.

Textual may change these names at any time. Each is therefore documented here with what fails without it, or what it
gains, and each has a test that fails under its name when Textual changes: tests/tui/test_patches.py. Those that only
save time save at least 10 ms of processor time per key. tests/bench/patch_gain.py measures that in one run, with and
without the patch, in a terminal of 120x40; the numbers here are for Textual 8.2.8 on Python 3.11.
"""

from __future__ import annotations

import asyncio
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from itertools import accumulate
from typing import Any, TypeVar

from textual._compositor import ChopsUpdate, Compositor
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Region
from textual.message import Message
from textual.messages import InvokeLater
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from nnviz.tui.precedence import precedence_of

__all__ = [
    "GuardedApp",
    "GuardedHandlers",
    "KeptCallbacks",
    "OutputDriver",
    "PartFirst",
    "PlainMaximized",
    "SeenThrough",
    "SparingScreen",
    "XTermParser",
    "refresh_toasts",
    "screen_strips",
]

Result = TypeVar("Result")


class OutputDriver(LinuxDriver):
    """A driver that writes to a given file, and takes the size from it.

    Uses `_file`, `_get_terminal_size`, `_in_band_window_resize` and `_xterm_parser.XTermParser`, Textual's parser of
    input. Without them, output goes to standard error, in the encoding of the locale; the size is that of the first
    stream that is a terminal, or COLUMNS and LINES; and a byte that is not UTF-8, or a key that the parser fails at,
    ends the program.
    """

    @property
    def told_by_terminal(self) -> bool:
        """Whether the terminal writes its size into the input whenever it changes."""
        return self._in_band_window_resize

    def write_to(self, file: Any) -> None:
        """Set the file to write to."""
        self._file = file

    def terminal_size(self) -> tuple[int, int]:
        """Columns and rows of the terminal."""
        return super()._get_terminal_size()

    def _get_terminal_size(self) -> tuple[int, int]:
        return self.terminal_size()


TRIES = 3
"""How often closing everything is tried."""


class GuardedApp(App[None]):
    """An app that prints its own message when it is ended by an error.

    Overrides `_handle_exception`, `_shutdown`, `_fatal_error` and `_print_error_renderables`. Without them, Textual
    prints a traceback with the values of all variables, possibly private ones; the user's work is lost; and an error
    while the program exits replaces its exit code.
    """

    _last_words = ""

    def last_words(self, error: Exception) -> str:
        """Save what can be saved; returns the message to print after the terminal is restored."""
        return f"{type(error).__name__}: {error}"

    def _handle_exception(self, error: Exception) -> None:
        if self.return_code is None:
            super()._handle_exception(error)
            self._last_words = self.last_words(error)
        # If the program was already exiting, the error is a consequence of that, and the exit code stays.
        self.panic()

    async def _shutdown(self) -> None:
        """Close everything, although a watcher of what is being closed raises: then the rest is closed once more."""
        for _ in range(TRIES):
            try:
                await super()._shutdown()
            except Exception as error:
                self._handle_exception(error)
            else:
                return
        self._print_error_renderables()

    def _fatal_error(self) -> None:
        """Print no traceback; `_handle_exception` does the rest."""

    def _print_error_renderables(self) -> None:
        if self._last_words:
            # The terminal may be lost.
            with suppress(OSError):
                sys.__stderr__.write(f"{self._last_words}\n")  # type: ignore[union-attr]
                sys.__stderr__.flush()  # type: ignore[union-attr]


# Overrides `_on_invoke_later`, and calls `Screen._invoke_later`. Without it, the callback waits for the screen on top:
# a dialog that is opening takes it, and drops it if it closes first. The panels then waited forever.
class KeptCallbacks(Widget):
    """A widget whose `call_after_refresh` waits for the refresh of its own screen."""

    def _on_invoke_later(self, message: InvokeLater) -> None:
        message.prevent_default()
        screen = self if isinstance(self, Screen) else self.screen
        screen._invoke_later(message.callback, self)


class GuardedHandlers(KeptCallbacks):
    """A widget whose messages are all handled within a context.

    Overrides `_dispatch_message`, which is called for every message. Without it, an exception in a handler of a widget
    ends the program; with it, the error is shown in the panel that contains the widget.
    """

    def handling(self, message: Message) -> AbstractContextManager[None]:  # noqa: ARG002 (used by subclasses)
        """The context in which this message is handled."""
        return nullcontext()

    async def _dispatch_message(self, message: Message) -> None:
        with self.handling(message):
            await super()._dispatch_message(message)


class PlainMaximized(Screen[None], KeptCallbacks):
    """A screen whose styles do not depend on which widget is maximized.

    Overrides `_watch_maximized`, which sets two classes that no style here uses, and so recomputes the styles of all
    widgets. Saves 62 of 110 ms for a key that maximizes or restores a panel.
    """

    def _watch_maximized(self, previously_maximized: Widget | None, maximized: Widget | None) -> None:
        """Set no classes."""


class SeenThrough(Screen[Result]):
    """A screen that goes on moving below a dialog, and below a list that was opened on that dialog.

    Overrides `_compositor_refresh`, and reads `_compositor._dirty_regions`. Textual passes what has changed to the top
    screen alone; without this, the one between shows its old picture of the screen, which stands still.
    """

    def _compositor_refresh(self) -> None:
        regions = tuple(self._compositor._dirty_regions)
        super()._compositor_refresh()
        stack = self.app.screen_stack
        if regions and self in stack:
            for between in stack[stack.index(self) + 1 : -1]:
                between.refresh(*regions)


class SparingCompositor(Compositor):
    """A compositor that asks each widget only for the lines that have changed, and only widgets that are seen there.

    Overrides `render_partial_update` and `_get_renders`, and sets `_dirty_regions`.
    """

    _changed: tuple[Region, ...] | None = None

    def take(self, cells: int, first: Region) -> set[Region]:
        """Leave what is to be painted now, and return the other regions: those in `first` come first, and whole."""
        ahead = {one for one in self._dirty_regions if first.overlaps(one)}
        bands = (band for one in self._dirty_regions - ahead for band in _bands(one, cells))
        regions = [*sorted(ahead, key=_area), *sorted(bands, key=_area)]
        painted = [*accumulate(map(_area, regions))]
        count = max(bisect_right(painted, cells), len(ahead), 1)
        self._dirty_regions = set(regions[:count])
        return set(regions[count:])

    def add(self, regions: Iterable[Region]) -> None:
        """Let these regions be painted, too."""
        self._dirty_regions.update(regions)

    def render_partial_update(self) -> ChopsUpdate | None:
        """What has changed since the last update; None if nothing has."""
        # The screen may have become smaller since.
        whole = self.size.region
        self._dirty_regions = {part for one in self._dirty_regions if (part := one.intersection(whole))}
        self._changed = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = None

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if self._changed is None:
            yield from super()._get_renders(crop)
            return
        left = list(self._changed)
        # From front to back: what one widget covers wholly is not asked of those behind it.
        for widget, (region, clip) in self.visible_widgets.items():
            seen = clip.intersection(region)
            parts = [part for one in left if (part := seen.intersection(one))]
            if not parts:
                continue
            left = [one for one in left if not seen.contains_region(one)]
            top, bottom = min(part.y for part in parts), max(part.bottom for part in parts)
            lines = Region(seen.x, top, seen.width, bottom - top)
            yield region, lines, widget.render_lines(lines.translate(-region.offset))


def _area(region: Region) -> int:
    return region.area


def _bands(region: Region, cells: int) -> Iterable[Region]:
    """A region, in bands of at most so many cells."""
    height = max(cells // max(region.width, 1), 1)
    for top in range(region.y, region.bottom, height):
        yield Region(region.x, top, region.width, min(height, region.bottom - top))


PIECE = 500
"""Cells that are painted at a time, about: half of a picture."""

BATCH = 0.01
"""Seconds until painting is tried again while Textual or a key holds it back."""


class Pieces:
    """Paints what has changed on a screen piece by piece, and handles keys between two.

    Reads and sets `_dirty_widgets`, and reads `_layout_required` and `App._batch_count`.

    Args:
        screen: the screen.
        compositor: what it is painted by.
        paint: paints what the compositor takes for changed.
    """

    def __init__(self, screen: Screen[Any], compositor: SparingCompositor, paint: Callable[[], None]) -> None:
        self._screen, self._compositor, self._paint = screen, compositor, paint
        self._goes_on = False

    def refresh(self) -> None:
        """Paint the first piece now, with what has the focus, and the others later."""
        screen, whole = self._screen, self._compositor.size.region
        if not screen.is_current or whole in self._compositor._dirty_regions:
            self._paint()
            return
        rest = self._compositor.take(PIECE, screen.focused.region if screen.focused is not None else Region())
        self._paint()
        self._compositor.add(rest)
        if rest and not self._goes_on:
            self._goes_on = True
            # A screen handles all its messages before another widget handles one: this comes after theirs.
            asyncio.get_running_loop().call_soon(screen.call_later, self._next)

    def refresh_focused(self) -> None:
        """Paint what has the focus, where it has changed: neither a layout nor a picture goes first."""
        screen, compositor, focused = self._screen, self._compositor, self._screen.focused
        if focused is None or not screen.is_current or screen.app._batch_count:
            return
        others, regions = screen._dirty_widgets - {focused}, compositor._dirty_regions
        compositor._dirty_regions = set()
        compositor.update_widgets({focused})
        if compositor._dirty_regions:
            self._paint()
        compositor.add(regions)
        screen._dirty_widgets |= others

    def _next(self) -> None:
        """Paint the next piece, unless a layout is due, which paints all that is left."""
        screen, self._goes_on = self._screen, False
        if screen.app._batch_count or precedence_of(screen.app).claimed:
            self._goes_on = True
            screen.set_timer(BATCH, self._next)
        elif screen.is_current and not screen._layout_required:
            self._compositor.update_widgets(screen._dirty_widgets)
            self.refresh()


class SparingScreen(Screen[Result]):
    """A screen that paints what has changed, and nothing beside it, in pieces, and what a key has changed first.

    Sets `_compositor`, and overrides `_compositor_refresh` and `_on_timer_update`. Textual asks every widget in the
    rectangle around all changes for all its lines, and a key waits for the layouts and pictures that came before it. In
    a terminal of 200x60 it saves 16 of 58 ms for a key that selects another row; in one of 120x40, 2 of 15.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._compositor = compositor = SparingCompositor()
        self.pieces = Pieces(self, compositor, super()._compositor_refresh)

    def _on_timer_update(self) -> None:  # While a key is on its way the timer goes on, and so tries again.
        if not precedence_of(self.app).claimed:
            super()._on_timer_update()

    def _compositor_refresh(self) -> None:
        self.pieces.refresh()


class PartFirst(Screen[Result]):
    """A screen that paints a part of itself first, and the rest after the next refresh.

    Overrides `_compositor_refresh`, and sets `_compositor._dirty_regions`, which for a new screen is the whole screen.
    Saves 12 of 61 ms for each dialog that opens, and its box appears about 15 ms earlier.
    """

    _part_is_painted = False

    def part(self) -> Iterable[Region]:
        """The regions that are painted first."""
        return ()

    def _compositor_refresh(self) -> None:
        if self._part_is_painted or not self.is_current:
            super()._compositor_refresh()
            return
        # A box with its border may be larger than a very small terminal, beyond which nothing can be painted.
        terminal = self._compositor.size.region
        regions = (region.intersection(terminal) for region in self.part())
        self._compositor._dirty_regions = {region for region in regions if region}
        super()._compositor_refresh()
        self._part_is_painted = True
        self.refresh()

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of the screen; blank until the whole screen is painted."""
        return super().render_lines(crop) if self._part_is_painted else [Strip.blank(crop.width)] * crop.height


def screen_strips(screen: Screen[Any]) -> list[Strip]:
    """The lines of a screen as they are painted.

    Reads `_compositor`. Without it, what a screen shows is to be had as an SVG alone.
    """
    return screen._compositor.render_strips()


def refresh_toasts(app: App[object]) -> None:
    """Show exactly the current toasts.

    Calls `_refresh_notifications`. Without it, a toast that is cleared before it was composed stays until it expires,
    beside the one that replaced it.
    """
    app._refresh_notifications()
