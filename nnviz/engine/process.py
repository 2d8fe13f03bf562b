"""The program's side of the training process: it is started once, and no call waits for it."""

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
from nnviz.engine.cores import cores
from nnviz.engine.messages import Answer, Command, Died, Event, Moment, RaceCommand, Train
from nnviz.engine.pace import Pace
from nnviz.engine.packing import Unpacker
from nnviz.run import Checkpoint, Observation, Query, Run

START = "import sys; sys.path[:] = {path!r}; from nnviz.engine.server import serve; serve({end})"
"""The code that the process runs, with the import path of the program."""

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Environment variables that limit the threads of a matrix product, by library."""

TERMINATE_TIMEOUT = 0.3
"""Seconds between asking the process to end and killing it."""


class TrainingProcess:
    """A training process, with one thread that receives its events and one that sends it commands.

    Commands have a thread of their own because the process does not read during a long step: the pipe could fill, and
    sending would block the caller.

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
        """The process id; None while there is no process."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start a process, and end the one before if there is one."""
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
        speaker = threading.Thread(
            target=_send_commands, args=(process, ours, self._commands), name="nnviz-speaker", daemon=True
        )
        listener.start()
        speaker.start()

    def send(self, command: Command) -> bool:
        """Send a command without waiting; False if there is no process (`Died` is emitted then)."""
        if self._process is None or self._process.poll() is not None:
            return False
        self._commands.put(command)
        return True

    def stop(self) -> None:
        """End the process, and wait for its end: 0.3 s at most, then it is killed."""
        self._stopping = True
        self._close()

    def _close(self) -> None:
        process, self._process = self._process, None
        self._commands.put(None)
        if process is None:
            return
        process.terminate()
        if _exit_code(process) is None:
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
            self._on_event(Died(_exit_reason(_exit_code(process))))


def surroundings() -> dict[str, str]:
    """The environment of the process: one core is left to the screen, unless the user has set the variables.

    The threads of a matrix library spin while they wait for work, and would take that core from the screen.
    """
    return dict.fromkeys(THREADS, str(max(cores() - 1, 1))) | os.environ


def _send_commands(
    process: subprocess.Popen[bytes], connection: Connection, commands: queue.SimpleQueue[Command | None]
) -> None:
    """Send the commands through the pipe until None comes or the pipe is closed."""
    while (command := commands.get()) is not None:
        try:
            connection.send(command)
        except OSError:
            return
        except Exception:
            # A command that cannot be pickled: without it the process would not do what the program believes. Its end
            # is reported as `Died`.
            process.kill()
            return


def _exit_code(process: subprocess.Popen[bytes]) -> int | None:
    """The exit code; None if the process has not ended after TERMINATE_TIMEOUT."""
    try:
        return process.wait(TERMINATE_TIMEOUT)
    except subprocess.TimeoutExpired:
        return None


def _exit_reason(code: int | None) -> str:
    """Why the process ended, in words."""
    if code is None:
        return "it closed its connection"
    if code >= 0:
        return f"it ended with exit code {code}"
    with contextlib.suppress(ValueError):
        return f"it was ended by {signal.Signals(-code).name}"
    return f"it was ended by signal {-code}"


class ProcessEngine:
    """An engine in a process of its own, so that a run that crashes does not end the program.

    Args:
        on_event: called with every event, on the listening thread. It must return at once.
    """

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._asking = Asking(lambda command: self._process.send(command), on_event)
        self._process = TrainingProcess(self._asking.on_event)

    @property
    def pid(self) -> int | None:
        """The process id; None while there is no process."""
        return self._process.pid

    def open(self) -> None:
        """Start a process without a run, and end the one before if there is one. It has the same queries and pace."""
        self._asking.replace_process(self._process.start)

    def close(self) -> None:
        """End the process, and wait for its end: 0.3 s at most, then it is killed."""
        self._asking.replace_process(self._process.stop)

    def start(self, number: int, run: Run, checkpoint: Checkpoint | None = None, train: Train | None = None) -> None:
        """Replace the present run by `run`; see `Engine.start`."""
        self._asking.start(number, run, checkpoint, train)

    def look(self, queries: Iterable[Query[Observation]]) -> None:
        """Set the queries that every moment answers; see `Engine.look`."""
        self._asking.look(queries)

    def ask(self, query: Query[Answer], step: int) -> Future[Answer]:
        """Answer a query as of a step; see `Engine.ask`."""
        future: Future[Answer] = Future()
        self._asking.ask(query, step, future)
        return future

    def train(self, command: Train) -> bool:
        """Train on from the present step; False if there is no process (`Died` is emitted then)."""
        return self._asking.train(command)

    def pace(self, pace: Pace) -> None:
        """Bound the speed of training; see `Engine.pace`."""
        self._asking.pace(pace)

    def race(self, command: RaceCommand) -> bool:
        """Begin, pause or end a race; see `Engine.race`."""
        return self._asking.race(command)

    def stop(self) -> None:
        """Stop training after the present step."""
        self._asking.stop()
