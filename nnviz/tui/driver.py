"""The terminal: what Textual's driver does, wherever the streams lead and whatever comes in.

Textual draws on standard error in the encoding of the locale, believes COLUMNS and LINES, and ends at a byte that is no
UTF-8; when the terminal goes away, the thread that writes ends and the one that waits for it does not.
"""

from __future__ import annotations

import os
import re
import selectors
import signal
import sys
import termios
from codecs import getincrementaldecoder
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import ClassVar

from textual.app import App
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from nnviz.tui.patches import OutputDriver, XTermParser

USUAL = Size(80, 24)
"""The size where the terminal does not know its own."""

LARGEST = Size(1000, 500)
"""Cells beyond which nothing is drawn: what says that it is larger is mistaken, and would take all memory there is."""

RESTORE = b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
"""Paste, line wrap, mouse, keyboard protocol, alternate screen, cursor and focus as a shell expects them."""

CHUNK = 4096
"""Bytes that are read at once."""

LOOK = 0.1
"""Seconds between two looks at whether input is wanted any more."""


class Output:
    """A file for Textual's writing thread that takes everything, also when the terminal is gone.

    Args:
        fileno: the terminal.
    """

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno
        self._gone = False

    def fileno(self) -> int:
        """The file descriptor."""
        return self._fileno

    def isatty(self) -> bool:
        """It is a terminal."""
        return True

    def write(self, text: str) -> int:
        """Write in UTF-8, whatever the locale; of a terminal that is gone, tell the program."""
        left = memoryview(text.encode("utf-8", "replace"))
        while left and not self._gone:
            try:
                left = left[os.write(self._fileno, left) :]
            except BlockingIOError:
                # Another program that has the same terminal does not want to wait in it; we do.
                with selectors.SelectSelector() as selector:
                    selector.register(self._fileno, selectors.EVENT_WRITE)
                    selector.select()
            except OSError:
                self._gone = True
                hang_up()
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""


class TerminalDriver(OutputDriver):
    """Draws on standard output and reads standard input, both of which are terminals.

    Args:
        app: the program.
        debug: write what comes in to a file.
        mouse: whether the mouse is asked for.
        size: what is believed instead of the terminal.

    Attributes:
        newest: the driver of this program, once it has one; it has no other.
    """

    newest: ClassVar[TerminalDriver | None] = None

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        self._output = Output(sys.__stdout__.fileno() if sys.__stdout__ else 1)
        # Otherwise Textual takes the size from whichever stream is a terminal.
        super().__init__(app, debug=debug, mouse=mouse, size=size or self.terminal_size())
        self.write_to(self._output)
        self._new_parser = partial(XTermParser, debug)
        self._parser = self._new_parser()
        TerminalDriver.newest = self

    def terminal_size(self) -> tuple[int, int]:
        """Columns and rows of the terminal, within reason."""
        try:
            size = os.get_terminal_size(self._output.fileno())
        except OSError:
            return USUAL
        return _sane(Size(size.columns, size.lines))

    def process_message(self, message: Message) -> None:
        """Hand on what came in; a size that the terminal tells in a sequence is believed within reason."""
        if isinstance(message, Resize):
            size = _sane(message.size)
            message = Resize(size, size, pixel_size=message.pixel_size)
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Read until input is not wanted any more, or the terminal is gone."""
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            wanted = True
            while wanted:
                # Once more when the program ends: what the terminal answered meanwhile is not for the shell.
                wanted = not self.exit_event.is_set()
                if selector.select(LOOK):
                    try:
                        fresh = os.read(self.fileno, CHUNK)
                    except BlockingIOError:
                        continue
                    except OSError:
                        fresh = b""
                    if not fresh:
                        hang_up()
                        return
                    self._feed(decode(fresh))
                for message in self._parser.tick():
                    self.process_message(message)

    def _feed(self, text: str) -> None:
        # A sequence that Textual's parser cannot read, such as a key beyond the last character, costs itself alone.
        for piece in re.split("(?=\x1b)", text):
            for message in self._parsed(piece):
                self.process_message(message)

    def _parsed(self, piece: str) -> Iterator[Message]:
        if not piece:
            return
        try:
            yield from self._parser.feed(piece)
        except Exception:
            self._parser = self._new_parser()

    def suspend_application_mode(self) -> None:
        """Give the terminal back for a while."""
        super().suspend_application_mode()
        # Nothing of it is ours until the program comes back.
        self.attrs_before = None

    def restore(self) -> None:
        """Give the terminal back at once, from any thread and without waiting for a terminal that does not read."""
        if self.attrs_before is None:
            return
        with suppress(OSError, termios.error):
            termios.tcsetattr(self.fileno, termios.TCSANOW, self.attrs_before)
        output = self._output.fileno()
        with suppress(OSError):
            os.set_blocking(output, False)
            try:
                os.write(output, RESTORE)
            finally:
                os.set_blocking(output, True)


def _sane(size: Size) -> Size:
    """The size as far as it can be drawn in; one of nothing is a terminal that does not know."""
    width, height = size.width or USUAL.width, size.height or USUAL.height
    return Size(min(width, LARGEST.width), min(height, LARGEST.height))


def hang_up() -> None:
    """The terminal is gone: the same as when the system says so."""
    os.kill(os.getpid(), signal.SIGHUP)
