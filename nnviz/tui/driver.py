"""The terminal driver: Textual's, made robust against redirected streams, invalid input and a lost terminal.

Textual's own driver draws on standard error in the encoding of the locale, takes its size from COLUMNS and LINES, and
fails at a byte that is not UTF-8; when the terminal is lost, its writer thread ends, and the program waits for it
forever.
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
from textual.events import Key, Resize
from textual.geometry import Size
from textual.message import Message

from nnviz.tui.patches import OutputDriver, XTermParser
from nnviz.tui.precedence import precedence_of

USUAL = Size(80, 24)
"""The size if the terminal does not report one."""

LARGEST = Size(1000, 500)
"""The largest size in cells: a terminal that reports more is mistaken, and drawing it would exhaust the memory."""

RESTORE = b"\x1b[?2004l\x1b[?7h\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
"""Resets bracketed paste, line wrap, mouse, keyboard protocol, alternate screen, cursor and focus for the shell."""

CHUNK = 4096
"""The largest number of bytes per read."""

INTERVAL = 0.1
"""Seconds between two checks whether the input thread should end, or the terminal has another size."""


class Output:
    """The file that Textual's writer thread writes to; writing never fails, even if the terminal is lost.

    Args:
        fileno: the file descriptor of the terminal.
    """

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno
        self._gone = False

    def fileno(self) -> int:
        """The file descriptor."""
        return self._fileno

    def isatty(self) -> bool:
        """Always True."""
        return True

    def write(self, text: str) -> int:
        """Write in UTF-8, whatever the locale; if the terminal is lost, hang up."""
        left = memoryview(text.encode("utf-8", "replace"))
        while left and not self._gone:
            try:
                left = left[os.write(self._fileno, left) :]
            except BlockingIOError:
                # Another program has made the shared terminal non-blocking: wait until it can be written to.
                with selectors.SelectSelector() as selector:
                    selector.register(self._fileno, selectors.EVENT_WRITE)
                    selector.select()
            except OSError:
                self._gone = True
                hang_up()
        return len(text)

    def flush(self) -> None:
        """Do nothing, since output is not buffered."""


class TerminalDriver(OutputDriver):
    """A driver that draws on standard output and reads standard input, both of which are terminals.

    Args:
        app: the program.
        debug: whether to log the input to a file.
        mouse: whether to enable the mouse.
        size: the initial size; by default that of the terminal.

    Attributes:
        newest: the driver that was created last, if any.
    """

    newest: ClassVar[TerminalDriver | None] = None

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        self._program = app
        self._output = Output(sys.__stdout__.fileno() if sys.__stdout__ else 1)
        # By default, Textual takes the size from the first stream that is a terminal.
        super().__init__(app, debug=debug, mouse=mouse, size=size or self.terminal_size())
        self.write_to(self._output)
        self._new_parser = partial(XTermParser, debug)
        self._parser = self._new_parser()
        TerminalDriver.newest = self

    def terminal_size(self) -> tuple[int, int]:
        """Columns and rows of the terminal, within limits."""
        try:
            size = os.get_terminal_size(self._output.fileno())
        except OSError:
            return USUAL
        return _sane(Size(size.columns, size.lines))

    def process_message(self, message: Message) -> None:
        """Process an input message; a size that the terminal reports is limited, and a key goes first."""
        if isinstance(message, Resize):
            size = _sane(message.size)
            message = Resize(size, size, pixel_size=message.pixel_size)
        elif isinstance(message, Key):
            precedence_of(self._program).claim()
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Read until the program ends or the terminal is lost."""
        decode = getincrementaldecoder("utf-8")("replace").decode
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            wanted = True
            while wanted:
                # One more read at the end, so that replies of the terminal do not reach the shell.
                wanted = not self.exit_event.is_set()
                if selector.select(INTERVAL):
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
                self._follow_size()

    def _follow_size(self) -> None:
        # Linux signals a new size before it can be read, so that the size read at the signal may be the one before.
        size = Size(*self.terminal_size())
        if size != self._program.size and not self.told_by_terminal:
            self.process_message(Resize(size, size))

    def _feed(self, text: str) -> None:
        # A sequence that Textual's parser fails at, such as a key code beyond Unicode, is dropped; the rest is parsed.
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
        """Restore the terminal while the program is suspended."""
        super().suspend_application_mode()
        # Until the program resumes, `restore` must not touch the terminal.
        self.attrs_before = None

    def restore(self) -> None:
        """Restore the terminal immediately, from any thread, without blocking on a terminal that does not read."""
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
    """The size within limits; a size of 0 means that the terminal does not report one."""
    width, height = size.width or USUAL.width, size.height or USUAL.height
    return Size(min(width, LARGEST.width), min(height, LARGEST.height))


def hang_up() -> None:
    """End the program as the system does when a terminal is lost: by SIGHUP."""
    os.kill(os.getpid(), signal.SIGHUP)
