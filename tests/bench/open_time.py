"""How long until the first picture stands: nnviz beside an empty Textual app that imports numpy.

Both run in a pseudo-terminal, in turn; the time is from starting the interpreter to the first screen that shows the
stack (or the empty app's only word). How long until the rest stands, with its keys, is a row of its own; until then keys
are kept. Run by hand: python tests/bench/open_time.py [rounds]
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import sys
import termios
from contextlib import suppress
from time import perf_counter

EMPTY = """
import numpy
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("HELLO")
Empty().run()
"""
CONTENDERS = {
    "nnviz": (["-m", "nnviz"], (b"parameters", b"quit")),
    "empty": (["-c", EMPTY], (b"HELLO",)),
}


def pictures(arguments: list[str], signs: tuple[bytes, ...]) -> list[float]:
    """Seconds until each of `signs` is on the screen, in their order."""
    begin = perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        # As installed: what was compiled once is not compiled again.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen, taken = b"", []
    for sign in signs:
        while sign not in seen:
            select.select([terminal], [], [], 10)
            seen += os.read(terminal, 1 << 16)
        taken.append(perf_counter() - begin)
    os.kill(pid, signal.SIGTERM)
    with suppress(OSError):
        while os.read(terminal, 1 << 16):
            pass
    os.waitpid(pid, 0)
    os.close(terminal)
    return taken


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    for contender in CONTENDERS.values():
        pictures(*contender)  # warms the disk up
    ours, whole, empty = [], [], []
    for _ in range(rounds):
        first, rest = pictures(*CONTENDERS["nnviz"])
        ours.append(first)
        whole.append(rest)
        empty += pictures(*CONTENDERS["empty"])
    for name, times in (("nnviz, first picture", ours), ("nnviz, all of it", whole), ("empty app", empty)):
        print(f"{name:22s} median {statistics.median(times) * 1000:4.0f} ms, lowest {min(times) * 1000:4.0f} ms")
    print(
        f"first picture / empty  {statistics.median(a / b for a, b in zip(ours, empty, strict=True)):.2f} (median of pairs)"
    )
