"""Training processes forked from one that has everything imported, for the tests that open the program in their own process.

A new interpreter imports numpy and nnviz for 0.4 s, which is as much as the screen itself takes to open. What the
process runs, how it is spoken to and how it ends is the same. The interpreter of its own is used wherever the whole
program runs in a terminal, and in tests/engine.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

import pytest

from nnviz.engine import process

HOME = "import sys; sys.path[:] = {path!r}; from tests.tui.forked import fork_what_comes; fork_what_comes({end})"
CODE = 4
"""Bytes of a number in the messages."""


def fork_what_comes(end: int) -> None:
    """Fork for every code that arrives, with the descriptor that came with it, until the tests are gone."""
    import gc

    import nnviz.engine.server  # noqa: F401 (what the children need)

    gc.freeze()
    signal.signal(signal.SIGCHLD, reap)
    with socket.socket(fileno=end) as requests:
        while True:
            message, (pipe, status), _, _ = receive(requests)
            if os.fork() == 0:
                requests.close()
                watch(message, pipe, status)
            os.close(pipe)
            os.close(status)


def reap(*_: object) -> None:
    """Let go of the children that have ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def receive(requests: socket.socket) -> tuple[bytes, list[int], int, object]:
    """The next message, whole; ends the process where none will come."""
    message, descriptors, flags, address = socket.recv_fds(requests, 1 << 16, 2)
    while message and len(message) < 2 * CODE + int.from_bytes(message[:CODE], "little"):
        message += requests.recv(1 << 16)
    if not message:
        os._exit(0)
    return message[CODE:], descriptors, flags, address


def watch(message: bytes, pipe: int, status: int) -> None:
    """Run the code in a child, and write its number and how it ended into `status`."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(status)
        number = int.from_bytes(message[:CODE], "little")
        if pipe != number:
            os.dup2(pipe, number)
            os.close(pipe)
        code = 1
        try:
            exec(message[CODE:].decode(), {"__name__": "__main__"})  # noqa: S102 (what would be given to python -c)
            code = 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        finally:
            os._exit(code)
    os.close(pipe)
    os.write(status, pid.to_bytes(CODE, "little", signed=True))
    ended = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.write(status, ended.to_bytes(CODE, "little", signed=True))
    os._exit(0)


class Home:
    """The process from which the others are forked."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair()
        self._lock = threading.Lock()
        code = HOME.format(path=[str(Path(__file__).parents[2]), *sys.path], end=theirs.fileno())
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=process.surroundings(),
            pass_fds=(theirs.fileno(),),
        )
        theirs.close()

    def fork(self, code: str, pipe: int) -> int:
        """Run `code` with the descriptor `pipe` in a process of its own; where its number and its end can be read."""
        reads, writes = os.pipe()
        written = code.encode()
        message = len(written).to_bytes(CODE, "little") + pipe.to_bytes(CODE, "little") + written
        with self._lock:
            sent = socket.send_fds(self._requests, [message], [pipe, writes])
            self._requests.sendall(message[sent:])
        os.close(writes)
        return reads

    def close(self) -> None:
        self._requests.close()
        self._process.wait()


class Forked:
    """What `subprocess.Popen` is to the program, by a fork of `home`."""

    home: Home

    def __init__(self, command: list[str], *, pass_fds: tuple[int], **_: object) -> None:
        self._status = Connection(self.home.fork(command[-1], *pass_fds), writable=False)
        self._lock = threading.Lock()
        self.returncode: int | None = None
        self.pid = self._number()

    def _number(self) -> int:
        return int.from_bytes(os.read(self._status.fileno(), CODE), "little", signed=True)

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None and not self._status.poll(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        code = self.poll()
        assert code is not None
        return code

    def poll(self) -> int | None:
        with self._lock:
            if self.returncode is None and self._status.poll():
                self.returncode = self._number()
        return self.returncode

    def _send(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    @classmethod
    def instead(cls, home: Home, patch: pytest.MonkeyPatch) -> type[Self]:
        """Let the program start its processes so."""
        kind = type("Forked", (cls,), {"home": home})
        names = {"Popen": kind, "DEVNULL": subprocess.DEVNULL, "TimeoutExpired": subprocess.TimeoutExpired}
        patch.setattr(process, "subprocess", type("subprocess", (), names))
        return kind
