"""The loop of every engine, whatever carries its messages: it obeys commands, trains in slices, answers questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

from nnviz.engine.looking import Looking
from nnviz.engine.messages import (
    Answered,
    Ask,
    Cancel,
    Command,
    Compared,
    Event,
    Failed,
    Look,
    Moment,
    Pause,
    Start,
    Train,
)
from nnviz.errors import NnvizError
from nnviz.run import (
    Checkpoints,
    DivergedError,
    Evaluation,
    Refused,
    Replay,
    Run,
    State,
    Step,
    Trainer,
    compare,
)

INTERVAL = 0.05
"""Seconds between snapshots while training: the screen is told 20 times a second at most."""

LISTEN = 0.01
"""Seconds between two looks at whether a command came; questions and training take turns as long."""

STATE_INTERVAL = 1.0
"""Seconds between snapshots that carry the state."""

CHECKPOINT_INTERVAL = 0.25
"""Seconds of training between checkpoints; a question about a step between takes as long, or a little more."""

CHECKPOINT_SHARE = 0.01
"""Share of the time that making checkpoints may take."""

BUDGET = 128 * 2**20
"""Bytes that all checkpoints of a run may take."""


class Worker:
    """One run at a time, trained in slices between looks at whether a command came.

    Args:
        tell: takes the events.
        waiting: whether a command has come.
        budget: the bytes that checkpoints may take.
    """

    def __init__(self, tell: Callable[[Event], None], waiting: Callable[[], bool], budget: int = BUDGET) -> None:
        self._tell, self._waiting, self._budget = tell, waiting, budget
        self._number = 0
        self._run: Run | None = None
        self._trainer: Trainer | None = None
        self._steps: Iterator[Step] = iter(())
        self._order: Train | None = None
        self._until: int | None = None
        self._then: Train | None = None
        self._sent = self._state_sent = self._rate_time = self._kept = 0.0
        self._rate_step, self._rate = 0, 0.0
        self._looking = Looking()
        self._checkpoints = Checkpoints(budget)
        self._open: dict[int, Replay] = {}
        self._compared = True
        self._failed: Failed | None = None

    @property
    def busy(self) -> bool:
        """Whether there is work without a further command."""
        return self._order is not None or bool(self._open)

    @property
    def curious(self) -> bool:
        """Whether plan and tape are still to be compared, once there is nothing else to do."""
        return not self.busy and not self._compared and self._failed is None

    def obey(self, command: Command) -> None:
        """Do what a command says; whatever goes wrong in a run ends the run, not the process."""
        self._guarded(lambda: self._obey(command))

    def work(self) -> None:
        """Train for a slice, and answer questions for another."""
        if self._order is not None:
            self._guarded(self._slice)
        if self._open:
            self._answer()

    def compare(self) -> None:
        """Time a step each way, until a command comes."""
        self._guarded(self._compare)

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (EOFError, OSError):
            raise
        except Exception as error:
            self._order, self._then, self._steps = None, None, iter(())
            # The last state goes out, too: an edit takes along what was learned up to the error.
            self._send(running=False, measured=isinstance(error, DivergedError))
            message = error.message if isinstance(error, NnvizError) else f"{type(error).__name__}: {error}"
            hint = error.hint if isinstance(error, NnvizError) else "begin anew, or change the network"
            self._failed = Failed(self._number, message, hint)
            self._tell(self._failed)

    def _obey(self, command: Command) -> None:
        match command:
            case Start():
                self._start(command)
            case Look():
                self._looking.look(command.queries)
                if self._order is None and self._failed is None:
                    self._send(running=False)
                # While it runs, the next snapshot is due at once.
                self._sent = 0.0
            case Train() if self._failed is not None:
                self._tell(self._failed)
            case Train() if self._trainer is not None:
                self._train(command)
            case Pause() if self._trainer is not None and self._failed is None:
                self._order = self._then = None
                self._send(running=False)
            case Ask():
                self._ask(command)
            case Cancel():
                self._open.pop(command.token, None)

    def _start(self, command: Start) -> None:
        self._order, self._trainer, self._number, self._then = None, None, command.number, None
        former, self._run, self._failed = self._run, command.run, None
        # What the two runs have in common need not be taken again for a question about it.
        shared = command.run.shared_steps(former) if former is not None else -1
        self._checkpoints.forget_from(shared)
        self._looking.forget(data=shared < 0)
        trainer = Trainer(command.run, command.state)
        # What was changed beyond the state is part of the run: the steps up to it are taken first.
        behind = max((change.step for change in command.run.changes), default=0) - trainer.step
        self._order, self._then = (Train(steps=behind), command.order) if behind > 0 else (command.order, None)
        self._enter(trainer)
        if self._order is not None:
            self._train(self._order)

    def _enter(self, trainer: Trainer) -> None:
        """Go on with this trainer, from a generator of its own, and report; it runs if it was running."""
        self._trainer, self._steps = trainer, trainer.steps()
        self._compared = False
        self._restart_rate(trainer)
        self._rate = 0.0
        self._send(running=self._order is not None, with_state=True)

    @property
    def _standing(self) -> Trainer:
        assert self._trainer is not None  # noqa: S101 (asked only where one was made)
        return self._trainer

    def _restart_rate(self, trainer: Trainer) -> None:
        self._rate_step, self._rate_time = trainer.step, perf_counter()

    def _train(self, order: Train) -> None:
        trainer = self._standing
        self._order = order
        self._until = trainer.step + order.steps if order.steps is not None else None
        self._restart_rate(trainer)
        self._state_sent = self._rate_time

    def _slice(self) -> None:
        """Train until it is time to listen; send a snapshot when one is due."""
        listen = perf_counter() + LISTEN
        for step in self._steps:
            if step.step == self._until or self._ends_with(step):
                self._order, then, self._then = None, self._then, None
                self._send(running=False)
                if then is not None:
                    self._train(then)
                return
            now = perf_counter()
            if now - self._sent >= INTERVAL:
                self._measure_rate(now, step.step)
                self._send(running=True)
                return
            if now >= listen:
                self._keep_now(now)
                return

    def _ends_with(self, step: Step) -> bool:
        return step.evaluation is not None and self._order is not None and self._order.to_epoch

    def _keep_now(self, now: float) -> None:
        """Make a checkpoint if one is due."""
        if now >= self._kept:
            state = self._standing.state()
            self._keep(state, perf_counter() - now)

    def _keep(self, state: State, seconds: float) -> None:
        """Keep a checkpoint that took so long to make."""
        self._checkpoints.add(state)
        pause = max(CHECKPOINT_INTERVAL, seconds / CHECKPOINT_SHARE)
        self._kept = perf_counter() + (pause if state.bytes < self._budget else STATE_INTERVAL * 1000)

    def _ask(self, question: Ask) -> None:
        """Answer at once where that is possible, else by a replay."""
        run, trainer = self._run, self._trainer
        if run is None or trainer is None:
            self._tell(Answered(question.token, Refused("there is no run to ask about", "start one")))
        elif not 0 <= question.step <= trainer.step:
            self._tell(
                Answered(
                    question.token,
                    Refused(
                        f"the run has taken {trainer.step:,} steps, and was asked about step {question.step:,}",
                        f"ask about 0 to {trainer.step:,}",
                    ),
                )
            )
        else:
            self._open[question.token] = Replay(
                question.query, question.step, run.until(question.step), self._checkpoints
            )

    def _answer(self) -> None:
        """Go on with the first question that is open, for a slice."""
        token, replay = next(iter(self._open.items()))
        end = perf_counter() + LISTEN
        found = replay.advance(lambda: perf_counter() < end)
        if found is not None:
            del self._open[token]
            self._tell(Answered(token, found))

    def _compare(self) -> None:
        """Time a step each way, as long as no command comes."""
        self._compared = True
        if self._trainer is None:
            return
        try:
            costs = compare(self._trainer, lambda: not self._waiting())
        except NnvizError:
            # A step that has no cost is no error of the run: training may stop before it, or get past it.
            return
        if costs is not None:
            self._tell(Compared(self._number, costs))
        else:
            self._compared = self._trainer.optimizer is None

    def _measure_rate(self, now: float, step: int) -> None:
        """Steps a second over the last half second or so."""
        seconds = now - self._rate_time
        if seconds >= 0.2:
            latest = (step - self._rate_step) / seconds
            self._rate = latest if self._rate == 0 else 0.5 * (self._rate + latest)
            self._rate_step, self._rate_time = step, now

    def _send(self, running: bool, measured: bool = True, with_state: bool = False) -> None:
        """Send a snapshot; where the network cannot be `measured`, with what was found last."""
        trainer = self._trainer
        if trainer is None:
            return
        begin = perf_counter()
        with_state = with_state or not running or begin - self._state_sent >= STATE_INTERVAL
        state = None
        if with_state:
            self._state_sent = begin
            state = trainer.state()
            self._keep(state, perf_counter() - begin)
        if not running:
            self._rate = 0.0
        rows = trainer.history.rows
        now = rows[-1] if running or not measured else self._evaluate(trainer)
        if measured:
            self._looking.observe(trainer, running)
        self._tell(
            Moment(
                number=self._number,
                step=trainer.step,
                epoch=trainer.epoch,
                running=running,
                rate=self._rate,
                now=now,
                curves=trainer.history.curves(now),
                observations=self._looking.answers,
                state=state,
                planned=trainer.planned,
            )
        )
        self._sent = perf_counter()

    def _evaluate(self, trainer: Trainer) -> Evaluation:
        """Both sets measured; and how long a sample takes."""
        begin = perf_counter()
        evaluation = trainer.evaluate()
        schema = trainer.job.schema
        self._looking.pace((perf_counter() - begin) / (schema.train + schema.test))
        return evaluation
