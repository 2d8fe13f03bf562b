"""The training process, seen from the program: started once, kept warm, told what to do, never waited for."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from nnviz.engine.asking import Asking
from nnviz.engine.messages import Answer, Command, Died, Event, Moment, Train
from nnviz.engine.packing import Unpacker
from nnviz.run import Observation, Query, Run, State

START = "import sys; sys.path[:] = {path!r}; from nnviz.engine.server import serve; serve({end})"
"""What the process runs: the program's own import path, then obedience."""

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Where the libraries under numpy read how many threads a matrix product may take."""

PATIENCE = 0.3
"""Seconds that the process is given to end by itself before it is killed."""


class TrainingProcess:
    """A process that trains, a thread that listens to it and a thread that speaks to it.

    Speaking has a thread of its own because a process in the middle of a long step does not read: what is said to it
    meanwhile would fill the pipe, and the one who says it would have to wait.

    Args:
        on_event: called with every event, on the listening thread. It must return at once.
    """

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._process: subprocess.Popen[bytes] | None = None
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The process's number; None while there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start a process, in place of the one before if there was one."""
        self._close()
        self._stopping = False
        ours, theirs = Pipe()
        # A new interpreter, not a fork: a fork would copy the locks of the program's threads in whatever state they
        # are. Not multiprocessing's own spawn either: it wants a real standard error, which Textual replaces.
        code = START.format(path=sys.path, end=theirs.fileno())
        process = subprocess.Popen(  # noqa: S603 (our own interpreter, our own code)
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=surroundings(),
            pass_fds=(theirs.fileno(),),
        )
        # Only the process itself holds its end now, so its death closes the pipe.
        theirs.close()
        self._process, self._commands = process, queue.SimpleQueue()
        # Our end closes when the last of the two threads lets go of it. Closing it under a thread that uses it would
        # free its number for another pipe.
        listener = threading.Thread(target=self._listen, args=(process, ours), name="nnviz-listener", daemon=True)
        speaker = threading.Thread(target=_speak, args=(ours, self._commands), name="nnviz-speaker", daemon=True)
        listener.start()
        speaker.start()

    def send(self, command: Command) -> bool:
        """Hand over a command, without waiting; False where no process is there (Died is on its way then)."""
        if self._process is None or self._process.poll() is not None:
            return False
        self._commands.put(command)
        return True

    def stop(self) -> None:
        """End the process, and wait until it is gone: a third of a second at most."""
        self._stopping = True
        self._close()

    def _close(self) -> None:
        process, self._process = self._process, None
        self._commands.put(None)
        if process is None:
            return
        process.terminate()
        if _code_of(process) is None:
            process.kill()
            process.wait()

    def _listen(self, process: subprocess.Popen[bytes], connection: Connection) -> None:
        unpacker = Unpacker()
        while True:
            try:
                event: Event = connection.recv()
            except (EOFError, OSError):
                break
            self._on_event(unpacker.unpack(event) if isinstance(event, Moment) else event)
        if not self._stopping and process is self._process:
            self._on_event(Died(_how(_code_of(process))))


def surroundings() -> dict[str, str]:
    """The environment of the process: one core is left to the screen, unless the user says otherwise.

    The threads of a matrix library turn in a loop while they wait for more, and would keep a core from the screen.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return dict.fromkeys(THREADS, str(max(cores - 1, 1))) | os.environ


def _speak(connection: Connection, commands: queue.SimpleQueue[Command | None]) -> None:
    """Pass on the commands until None, or until nobody listens any more."""
    while (command := commands.get()) is not None:
        try:
            connection.send(command)
        except OSError:
            return


def _code_of(process: subprocess.Popen[bytes]) -> int | None:
    """The exit code, waited for a little; None where the process does not end."""
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        return None


def _how(code: int | None) -> str:
    """An exit code in words."""
    if code is None:
        return "it closed its connection"
    if code >= 0:
        return f"it ended with exit code {code}"
    with contextlib.suppress(ValueError):
        return f"it was ended by {signal.Signals(-code).name}"
    return f"it was ended by signal {-code}"


class ProcessEngine:
    """An engine in a process of its own, which nothing that happens to a run can take the screen along with.

    Args:
        on_event: called with every event, on the listening thread. It must return at once.
    """

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._asking = Asking(lambda command: self._process.send(command), on_event)
        self._process = TrainingProcess(self._asking.hear)

    @property
    def pid(self) -> int | None:
        """The process's number; None while there is none."""
        return self._process.pid

    def open(self) -> None:
        """Start the process, in place of the one before if there was one; it has no run, and nothing is looked at."""
        self._asking.cancel_all()
        self._process.start()

    def close(self) -> None:
        """End the process, and wait until it is gone: a third of a second at most."""
        self._asking.cancel_all()
        self._process.stop()

    def start(self, number: int, run: Run, state: State | None = None, order: Train | None = None) -> None:
        """Take a run in place of the one before; see `Engine`."""
        self._asking.start(number, run, state, order)

    def look(self, queries: Iterable[Query[Observation]]) -> None:
        """Answer these in every moment from now on."""
        self._asking.look(queries)

    def ask(self, query: Query[Answer], step: int) -> Future[Answer]:
        """Answer a query as of a step."""
        future: Future[Answer] = Future()
        self._asking.ask(query, step, future)
        return future

    def train(self, order: Train) -> bool:
        """Go on as ordered; False where no process is there (`Died` is on its way then)."""
        return self._asking.train(order)

    def stop(self) -> None:
        """Stop training after the step under way."""
        self._asking.stop()
