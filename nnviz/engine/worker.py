"""The loop that all engines share: it handles commands, trains in slices and answers queries."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import perf_counter, thread_time

from nnviz.engine.looking import SHARE, Looking
from nnviz.engine.messages import (
    Ask,
    BeginRace,
    Cancel,
    Command,
    Compared,
    EndRace,
    Event,
    Failed,
    Look,
    Moment,
    Pause,
    PauseRace,
    Start,
    Train,
)
from nnviz.engine.pace import Pace, Pacer
from nnviz.engine.pool import RacePool
from nnviz.engine.questions import Questions
from nnviz.engine.racing import Racing
from nnviz.engine.rate import StepRate
from nnviz.engine.recording import Recording
from nnviz.errors import NnvizError
from nnviz.run import Checkpoint, Checkpoints, DivergedError, Evaluation, Run, Step, Trainer, compare

INTERVAL = 0.05
"""Least seconds between two moments while training."""

LISTEN = 0.01
"""Seconds of a slice, after which commands are handled; training and queries alternate by slices."""

MOMENT_CHECKPOINT_INTERVAL = 1.0
"""Seconds between moments that carry a checkpoint, while training."""

CHECKPOINT_INTERVAL = 0.25
"""Seconds of training between kept checkpoints; `ask` repeats about as many seconds at most."""

CHECKPOINT_SHARE = 0.01
"""Greatest share of the time that is spent on making checkpoints."""

BUDGET = 128 * 2**20
"""Bytes that all checkpoints of a run may take."""


Emit = Callable[[Event], None]


class DisconnectedError(Exception):
    """The events can no longer be sent: the program has gone."""


class Worker:
    """Trains one run at a time, in slices between commands.

    Args:
        emit: called with every event.
        waiting: whether a command waits to be handled.
        budget: the bytes that checkpoints may take.
        pool: processes for the parts of a race; without them it is trained here.
    """

    def __init__(
        self, emit: Emit, waiting: Callable[[], bool], budget: int = BUDGET, pool: RacePool | None = None
    ) -> None:
        self._emit, self._waiting, self._budget = emit, waiting, budget
        self._number, self._catching_up, self._compared = 0, False, True
        self._run: Run | None = None
        self._trainer: Trainer | None = None
        self._steps: Iterator[Step] = iter(())
        self._training: Train | None = None
        self._until: int | None = None
        self._next_training: Train | None = None
        self._sent = self._checkpoint_sent = self._kept = self._seconds = 0.0
        self._rate, self._pacer, self._looking = StepRate(), Pacer(), Looking()
        self._checkpoints, self._recording = Checkpoints(budget), Recording(self._looking, self._pacer)
        self._questions, self._racing = Questions(emit), Racing(emit, pool)
        self._measured: Evaluation | None = None
        self._failed: Failed | None = None

    @property
    def busy(self) -> bool:
        """Whether there is something to train or to answer."""
        return self._training is not None or bool(self._questions or self._looking.gradual) or self._racing.busy

    @property
    def wait(self) -> float:
        """Seconds until there is something to do, as the pace demands."""
        at_once = self._questions or self._looking.gradual or not self.busy
        return 0.0 if at_once else min(self._racing.wait, self._pacer.wait if self._training is not None else math.inf)

    @property
    def can_compare(self) -> bool:
        """Whether the worker is idle and has not compared plan and tape yet."""
        return not self.busy and not self._compared and self._failed is None

    def handle(self, command: Command) -> None:
        """Handle a command. An error in a run is emitted as `Failed`."""
        self._guarded(lambda: self._handle(command))

    def work(self) -> None:
        """Train for a slice, then answer queries for another, at once or bit by bit, then race for a third."""
        if self._training is not None and not self._pacer.wait:
            self._guarded(self._slice)
        if self._questions:
            end = perf_counter() + LISTEN
            self._questions.advance(lambda: perf_counter() < end)
        elif self._looking.work(LISTEN, self._pacer.wait if self._training is not None else LISTEN):
            self._guarded(lambda: self._send(running=self._training is not None))
        self._racing.advance(training=self._training is not None)

    def compare(self) -> None:
        """Compare plan and tape, until a command comes."""
        self._guarded(self._compare)

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except DisconnectedError:
            raise
        except Exception as error:
            self._training, self._next_training, self._steps, self._catching_up = None, None, iter(()), False
            # With the last checkpoint: an edit keeps what was learned up to the error.
            self._send(running=False, measured=isinstance(error, DivergedError))
            message = error.message if isinstance(error, NnvizError) else f"{type(error).__name__}: {error}"
            hint = error.hint if isinstance(error, NnvizError) else "begin anew, or change the network"
            self._failed = Failed(self._number, message, hint, isinstance(error, DivergedError))
            if not self._failed.diverged:
                self._looking.gradual.forget()
            self._emit(self._failed)

    def _handle(self, command: Command) -> None:  # noqa: C901 (one line a command)
        match command:
            case Start():
                self._start(command)
            case Look():
                self._looking.look(command.queries)
                if self._training is None and self._failed is None:
                    self._send(running=False)
                # While it runs, the next snapshot is due at once; at a slow pace it does not wait for the next step.
                self._sent = 0.0
                if self._training is not None and self._pacer.wait:
                    self._send(running=True)
            case Train() if self._failed is not None:
                self._emit(self._failed)
            case Train() if self._catching_up:
                # The changes of the run are made first.
                self._next_training = _after(self._next_training, command)
            case Train() if self._trainer is not None:
                self._train(_after(self._training, command, (self._until or 0) - self._trainer.step))
            case Pause() if self._catching_up:
                self._next_training = None
            case Pause() if self._trainer is not None and self._failed is None:
                self._recording.complete(self._trainer, self._steps, self._training)
                self._training = self._next_training = None
                self._send(running=False)
            case Pace():
                self._pacer.pace = command
            case Ask():
                taken = self._trainer.step if self._trainer is not None else 0
                self._questions.ask(command, self._run if self._trainer is not None else None, taken, self._checkpoints)
            case Cancel():
                self._questions.cancel(command.token)
            case BeginRace() | PauseRace() | EndRace():
                self._racing.handle(command)

    def _start(self, command: Start) -> None:
        self._training, self._trainer, self._number, self._next_training = None, None, command.number, None
        self._catching_up = False
        former, self._run, self._failed = self._run, command.run, None
        # Checkpoints of the steps that both runs share stay of use.
        shared = command.run.shared_steps(former) if former is not None else -1
        self._checkpoints.forget_from(shared)
        self._looking.forget(data=shared < 0)
        trainer = Trainer(command.run, command.checkpoint)
        self._recording.enter(trainer, shared)
        # Changes after the checkpoint are part of the run: the steps up to the last of them are taken first.
        behind = max((change.step for change in command.run.changes), default=0) - trainer.step
        self._training, self._next_training = (
            (Train(steps=behind), command.train) if behind > 0 else (command.train, None)
        )
        self._enter(trainer)
        if self._training is not None:
            self._train(self._training)
            self._catching_up = behind > 0
            if self._catching_up:
                self._pacer.restart(free_until=trainer.step + behind)

    def _enter(self, trainer: Trainer) -> None:
        """Make this the present trainer, and emit a moment."""
        self._trainer, self._steps, self._measured = trainer, trainer.steps(), None
        self._compared = False
        self._rate = StepRate()
        self._send(running=self._training is not None, with_checkpoint=True)

    @property
    def _active(self) -> Trainer:
        assert self._trainer is not None  # noqa: S101 (asked only where one was made)
        return self._trainer

    def _train(self, command: Train) -> None:
        trainer = self._active
        self._training = command
        self._until = trainer.step + command.steps if command.steps is not None else None
        self._rate.restart(trainer.step)
        self._pacer.restart()
        self._checkpoint_sent = perf_counter()

    def _slice(self) -> None:
        """Train for a slice; emit a moment when one is due."""
        listen = perf_counter() + LISTEN
        self._pacer.begin()
        self._recording.prepare(self._active, self._training, self._until, self._sent + INTERVAL)
        for step in self._steps:
            ends = step.evaluation is not None and self._training is not None and self._training.to_epoch
            if step.step == self._until or ends:
                self._training, then, self._next_training = None, self._next_training, None
                self._catching_up = False
                self._send(running=False)
                if then is not None:
                    self._train(then)
                return
            now = perf_counter()
            late = now - self._sent >= INTERVAL
            if self._pacer.ends(step) or (late and not self._recording.lacks(self._active, now)):
                self._rate.measure(step.step, now)
                self._send(running=True)
                return
            self._recording.prepare(self._active, self._training, self._until, self._sent + INTERVAL, now)
            if now >= listen:
                if now >= self._kept:
                    self._keep(self._active.checkpoint(), perf_counter() - now)
                return

    def _keep(self, checkpoint: Checkpoint, seconds: float) -> None:
        """Keep a checkpoint, and schedule the next one by the seconds that this one took."""
        self._checkpoints.add(checkpoint)
        pause = max(CHECKPOINT_INTERVAL, seconds / CHECKPOINT_SHARE)
        self._kept = perf_counter() + (pause if checkpoint.bytes < self._budget else MOMENT_CHECKPOINT_INTERVAL * 1000)

    def _compare(self) -> None:
        """Compare plan and tape, as long as no command comes."""
        self._compared = True
        if self._trainer is None:
            return
        try:
            costs = compare(self._trainer, lambda: not self._waiting())
        except Exception:
            # The run itself may never take a step that fails in the comparison, and nobody has asked for this one.
            return
        if costs is not None:
            self._emit(Compared(self._number, costs))
        else:
            self._compared = self._trainer.optimizer is None

    def _send(self, running: bool, measured: bool = True, with_checkpoint: bool = False) -> None:
        """Emit a moment; if the network cannot be `measured`, with the last evaluation and answers."""
        trainer = self._trainer
        if trainer is None:
            return
        begin, with_checkpoint_asked = perf_counter(), with_checkpoint
        with_checkpoint = with_checkpoint or not running or begin - self._checkpoint_sent >= MOMENT_CHECKPOINT_INTERVAL
        checkpoint = None
        if with_checkpoint:
            self._checkpoint_sent = begin
            checkpoint = trainer.checkpoint()
            self._keep(checkpoint, perf_counter() - begin)
        if not running:
            self._rate.value = 0.0
        rows = trainer.history.rows
        # At a slow pace there is time for it between two steps; after a change the last epoch's belong to the past.
        between = rows[-1].step < trainer.step and self._pacer.wait * SHARE > self._seconds
        if measured and (not running or with_checkpoint_asked or between):
            self._measured = self._evaluate(trainer)
        now = max(filter(None, (self._measured, rows[-1])), key=lambda one: one.step)
        if measured:
            self._recording.recall(trainer, self._checkpoints, running)
            self._looking.observe(trainer, running)
        self._emit(
            Moment(
                number=self._number,
                step=trainer.step,
                epoch=trainer.epoch,
                running=running,
                rate=self._rate.value,
                now=now,
                curves=trainer.history.curves(now),
                observations=self._looking.answers,
                checkpoint=checkpoint,
                planned=trainer.planned,
                health=trainer.health if measured else None,
            )
        )
        self._sent = perf_counter()

    def _evaluate(self, trainer: Trainer) -> Evaluation:
        """Measure both sets, and with them how long a sample takes: not while others have the processor."""
        begin = thread_time()
        evaluation = trainer.evaluate()
        schema, self._seconds = trainer.job.schema, thread_time() - begin
        self._looking.pace(self._seconds / (schema.train + schema.test))
        return evaluation


def _after(before: Train | None, command: Train, left: int | None = None) -> Train:
    """The command, with the steps that one before it has still to take: all of its own, unless so many are `left`."""
    if before is None or before.steps is None or command.steps is None:
        return command
    return replace(command, steps=command.steps + (before.steps if left is None else left))
