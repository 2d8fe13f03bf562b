"""The real program in a pseudo-terminal: keys go in, the screen is read back, every byte is kept."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte

PATIENCE = 20.0
"""Seconds after which something that was waited for is taken not to come."""

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "down": "\x1b[B",
    "up": "\x1b[A",
    "space": " ",
    "home": "\x1b[H",
}


class Terminal:
    """`nnviz` started in a terminal of its own.

    Args:
        columns, rows: the size of the terminal.
        environment: what to add to the environment.
        command: what to start; the installed program where left out.
    """

    def __init__(
        self,
        columns: int = 120,
        rows: int = 40,
        environment: Mapping[str, str] | None = None,
        command: tuple[str, ...] = (sys.executable, "-m", "nnviz"),
    ) -> None:
        self.bytes = b""
        self._rest = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        # COLUMNS and LINES speak of the terminal the tests run in; the program would believe them.
        surroundings = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        surroundings |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        surroundings |= {"TEXTUAL_ANIMATIONS": "none", "XDG_CONFIG_HOME": os.devnull} | dict(environment or {})
        self.process = pexpect.spawn(
            command[0],
            list(command[1:]),
            dimensions=(rows, columns),
            env=surroundings,
            timeout=PATIENCE,  # type: ignore[arg-type]
        )
        # Its pause of 50 ms before every key is for password prompts.
        self.process.delaybeforesend = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.close(force=True)

    @property
    def lines(self) -> list[str]:
        """The screen as it stands."""
        return self._screen.display

    @property
    def text(self) -> str:
        """The screen as one text."""
        return "\n".join(self.lines)

    def row_in(self, color: str) -> int:
        """The first line, from 0, whose fifth cell has this background, in hexadecimal digits."""
        self.read()
        return next(y for y in range(self._screen.lines) if self._screen.buffer[y][4].bg == color)

    def take(self, seconds: float = 0.05) -> bytes:
        """What the program has written, waiting for it that long at most; the screen follows at the next `read`."""
        try:
            fresh = self.process.read_nonblocking(1 << 16, seconds)
        except (pexpect.TIMEOUT, pexpect.EOF):
            return b""
        self.bytes += fresh
        self._rest += fresh
        return bytes(fresh)

    def read(self, seconds: float = 0.05) -> None:
        """Take what the program has written, and draw it."""
        self.take(seconds)
        fresh = self._rest
        cut = re.search(rb"\x1b(\[[\d;<=>?$]*)?$", fresh)
        # A sequence whose end is still to come waits for it.
        fresh, self._rest = (fresh[: cut.start()], fresh[cut.start() :]) if cut else (fresh, b"")
        # pyte knows neither the queries nor the private sequences by which terminals say what they can do.
        self._stream.feed(re.sub(rb"\x1b\[[<>=?][\d;]*[$a-zA-Z]*u|\x1b\[\?[\d;]*\$p|\x1b\[>[\d;]*[a-z]", b"", fresh))

    def until(self, holds: Callable[[str], object] | str, seconds: float = PATIENCE) -> str:
        """The screen once it satisfies `holds` (or shows that text); AssertionError with the screen if it never does."""
        test = holds if callable(holds) else lambda text: holds in text
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read()
            if test(self.text):
                return self.text
        raise AssertionError(f"waited {seconds} s in vain; the screen:\n{self.text}")

    def press(self, *keys: str) -> None:
        """Keys by name, or text as it is typed."""
        for key in keys:
            self.process.send(KEYS.get(key, key))

    def resize(self, columns: int, rows: int) -> None:
        """Make the terminal another size."""
        self._screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def choose_data(self, name: str) -> None:
        """Open the settings, choose a data set, accept."""
        self.press("o")
        self.until("╭─ Settings")
        self.press("enter")
        self.until("multi-gaussian")
        self.press(name, "enter")
        self.until(lambda text: "multi-gaussian" not in text and re.search(rf"data +{name}", text) is not None)
        self.press("\x13")  # ctrl+s
        self.until(lambda text: "╭─ Settings" not in text)

    def wait_for_end(self, seconds: float = PATIENCE) -> int:
        """The exit code, once the program has ended by itself."""
        end = time.monotonic() + seconds
        while self.process.isalive() and time.monotonic() < end:
            self.read()
        self.read()
        assert not self.process.isalive(), f"still running after {seconds} s; the screen:\n{self.text}"
        self.process.close()
        code = self.process.exitstatus
        return -int(self.process.signalstatus or 0) if code is None else int(code)


def children(pid: int) -> set[int]:
    """All processes below `pid`."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found, fresh = set(), {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found
