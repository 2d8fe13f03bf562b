"""The training process, seen from inside: takes commands, runs the trainer, sends snapshots."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from time import perf_counter

from nnviz.autograd.operation import Array
from nnviz.errors import NnvizError
from nnviz.training.history import Evaluation
from nnviz.training.messages import Command, Compared, Failed, Load, Moment, Pause, Train, Use
from nnviz.training.trainer import DivergedError, Step, Trainer

MODESTY = 5
"""How far training stands back when the screen wants the processor; alone on a core it costs nothing."""

INTERVAL = 0.05
"""Seconds between snapshots while training: the screen is told 20 times a second at most."""

LISTEN = 0.01
"""Seconds between two looks at whether a command came."""

STATE_INTERVAL = 1.0
"""Seconds between snapshots that carry the state."""

REST = 0.2
"""Seconds without a command after which there is time to compare plan and tape."""

PROBE_SHARE = 0.1
"""Share of the time that asking the network at the probe points may take."""

PROBE_LIMIT = 1.0
"""Seconds beyond which the network is not asked at the probe points at all: a picture is not worth the waiting."""


def serve(end: int) -> None:
    """Obey the commands that come through the file descriptor `end` until it closes, whatever Ctrl+C does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(MODESTY)
    threading.Thread(target=_end_with, args=(end,), daemon=True).start()
    try:
        Server(Connection(end)).run()
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _end_with(end: int) -> None:
    """End the process when the program at the other end of the pipe is gone, also in the middle of a long step."""
    poll = select.poll()
    # No event is asked for; that the other end is closed is told all the same.
    poll.register(end, 0)
    poll.poll()
    os._exit(0)


class Server:
    """One trainer at a time, run in slices between looks at the connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._run = 0
        self._load: Load | None = None
        self._trainer: Trainer | None = None
        self._steps: Iterator[Step] = iter(())
        self._order: Train | None = None
        self._until: int | None = None
        self._batch_loss: float | None = None
        self._sent = self._state_sent = self._rate_time = 0.0
        self._rate_step, self._rate = 0, 0.0
        self._probe_due = 0.0
        self._pace = 0.0
        self._answers: Array | None = None
        self._compared = True
        self._failed: Failed | None = None

    def run(self) -> None:
        """Until the connection closes."""
        while True:
            idle = self._order is None and self._failed is None
            if idle and not self._compared and not self._connection.poll(REST):
                self._guarded(self._compare)
            elif self._order is None or self._connection.poll():
                self._guarded(self._obey, self._connection.recv())
            else:
                self._guarded(self._slice)

    def _guarded(self, act: Callable[..., None], *arguments: Command) -> None:
        """Whatever goes wrong in a run ends the run, not the process."""
        try:
            act(*arguments)
        except (EOFError, OSError):
            raise
        except Exception as error:
            self._order, self._steps = None, iter(())
            # The last state goes out, too: an edit takes along what was learned up to the fault.
            self._send(running=False, measured=isinstance(error, DivergedError))
            message = error.message if isinstance(error, NnvizError) else f"{type(error).__name__}: {error}"
            hint = error.hint if isinstance(error, NnvizError) else "begin anew, or change the network"
            self._failed = Failed(self._run, message, hint)
            self._connection.send(self._failed)

    def _obey(self, command: Command) -> None:
        match command:
            case Load():
                self._order, self._trainer, self._run, self._load = None, None, command.run, command
                self._failed = None
                self._trainer = trainer = Trainer(command.network, command.planned, command.weights)
                if command.state is not None:
                    trainer.restore(command.state)
                self._steps, self._batch_loss, self._compared = trainer.steps(), None, False
                self._send(running=False)
            case Use() if self._trainer is not None:
                self._trainer.planned = command.planned
                if self._failed is not None:
                    # What one of them cannot do the other may.
                    self._failed, self._steps = None, self._trainer.steps()
                self._rate_step, self._rate_time, self._rate = self._trainer.step, perf_counter(), 0.0
                self._send(running=self._order is not None)
            case Train() if self._failed is not None:
                self._connection.send(self._failed)
            case Train() if self._trainer is not None:
                self._order, trainer = command, self._trainer
                self._until = trainer.step + command.steps if command.steps is not None else None
                if command.to_epoch:
                    self._until = (trainer.step // trainer.steps_per_epoch + 1) * trainer.steps_per_epoch
                self._rate_step, self._rate_time = trainer.step, perf_counter()
                self._state_sent = self._rate_time
            case Pause() if self._trainer is not None and self._failed is None:
                self._order = None
                self._send(running=False)

    def _slice(self) -> None:
        """Train until it is time to listen; send a snapshot when one is due."""
        listen = perf_counter() + LISTEN
        for step in self._steps:
            self._batch_loss = step.loss
            if step.step == self._until:
                self._order = None
                self._send(running=False)
                return
            now = perf_counter()
            if now - self._sent >= INTERVAL:
                self._measure_rate(now, step.step)
                self._send(running=True)
                return
            if now >= listen:
                return

    def _compare(self) -> None:
        """Time a step each way, as long as nobody wants anything."""
        self._compared = True
        if self._trainer is None:
            return
        try:
            costs = self._trainer.compare(lambda: not self._connection.poll())
        except NnvizError:
            # A step that has no cost is no fault of the run: training may stop before it, or get past it.
            return
        if costs is not None:
            self._connection.send(Compared(self._run, costs))
        else:
            self._compared = self._trainer.optimizer is None

    def _measure_rate(self, now: float, step: int) -> None:
        """Steps a second over the last half second or so."""
        seconds = now - self._rate_time
        if seconds >= 0.2:
            fresh = (step - self._rate_step) / seconds
            self._rate = fresh if self._rate == 0 else 0.5 * (self._rate + fresh)
            self._rate_step, self._rate_time = step, now

    def _send(self, running: bool, measured: bool = True) -> None:
        """Send a snapshot; where the network cannot be `measured`, with what was found last."""
        trainer = self._trainer
        if trainer is None:
            return
        begin = perf_counter()
        with_state = not running or begin - self._state_sent >= STATE_INTERVAL
        if with_state:
            self._state_sent = begin
        if not running:
            self._rate = 0.0
        rows = trainer.history.rows
        now = rows[-1] if running or not measured else self._evaluate(trainer)
        if measured:
            self._ask_probe(trainer, running)
        self._connection.send(
            Moment(
                run=self._run,
                step=trainer.step,
                epoch=trainer.epoch,
                running=running,
                rate=self._rate,
                batch_loss=self._batch_loss,
                now=now,
                curves=trainer.history.curves(now),
                answers=self._answers,
                state=trainer.state() if with_state else None,
                planned=trainer.planned,
            )
        )
        self._sent = perf_counter()

    def _evaluate(self, trainer: Trainer) -> Evaluation:
        """Both sets measured; and how long a sample takes."""
        begin = perf_counter()
        evaluation = trainer.evaluate()
        self._pace = (perf_counter() - begin) / (len(trainer.data.train_x) + len(trainer.data.test_x))
        return evaluation

    def _ask_probe(self, trainer: Trainer, running: bool) -> None:
        """Ask the network at the probe points, unless that would take too large a share of the training time."""
        begin = perf_counter()
        probe = self._load.probe if self._load else None
        if probe is None or len(probe) * self._pace > PROBE_LIMIT:
            self._answers = None
        elif not running or begin >= self._probe_due:
            self._answers = trainer.predict(probe)
            end = perf_counter()
            self._probe_due = end + (end - begin) / PROBE_SHARE
