"""Programs that are killed while they write, each forked from one process that has everything imported.

A new interpreter imports for half a second what writes for a hundredth of one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from types import TracebackType
from typing import Self

FORKS = """
import os, sys
for _ in sys.stdin:
    child = os.fork()
    if child == 0:
        print(os.getpid(), flush=True)
        write()
    os.waitpid(child, 0)
    print("ended", flush=True)
"""


class Writers:
    """Writers, one after the other.

    Args:
        code: defines `write()`, which writes until it is killed and prints a line after each time.
        arguments: its `sys.argv[1:]`.
    """

    def __init__(self, code: str, *arguments: str) -> None:
        command = (sys.executable, "-c", code + FORKS, *arguments)
        self._home = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._pid = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
        self._home.communicate()

    def begin(self) -> None:
        """Let the next one write."""
        assert self._home.stdin is not None
        self._home.stdin.write("\n")
        self._home.stdin.flush()
        self._pid = int(self.line())

    def line(self) -> str:
        """What it prints next."""
        assert self._home.stdout is not None
        return self._home.stdout.readline()

    def kill(self) -> None:
        """Kill it, and wait until it is gone."""
        assert self._home.stdout is not None
        os.kill(self._pid, signal.SIGKILL)
        assert "ended\n" in iter(self._home.stdout.readline, "")
        self._pid = 0
