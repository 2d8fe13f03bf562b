"""How long until the first picture stands: nnviz beside an empty Textual app that imports numpy.

Both run in a pseudo-terminal, in turn; the time is from starting the interpreter to the first screen that shows the
stack (or the empty app's only word). Run by hand: python tests/bench/open_time.py [rounds]
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
    "nnviz": (["-m", "nnviz"], b"parameters"),
    "empty": (["-c", EMPTY], b"HELLO"),
}


def first_picture(arguments: list[str], sign: bytes) -> float:
    """Seconds until `sign` is on the screen."""
    begin = perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        # As installed: what was compiled once is not compiled again.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor")
        os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    while sign not in seen:
        select.select([terminal], [], [], 10)
        seen += os.read(terminal, 1 << 16)
    taken = perf_counter() - begin
    os.kill(pid, signal.SIGTERM)
    with suppress(OSError):
        while os.read(terminal, 1 << 16):
            pass
    os.waitpid(pid, 0)
    os.close(terminal)
    return taken


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for _ in range(rounds + 1):
        for name, (arguments, sign) in CONTENDERS.items():
            times[name].append(first_picture(arguments, sign))
    medians = {name: statistics.median(taken[1:]) for name, taken in times.items()}  # the first warms the disk up
    for name, median in medians.items():
        print(f"{name:6s} median {median * 1000:4.0f} ms, lowest {min(times[name][1:]) * 1000:4.0f} ms")
    print(f"ratio  {medians['nnviz'] / medians['empty']:.2f}")
