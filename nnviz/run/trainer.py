"""The trainer: a generator of steps, without a screen, a thread or a process.

It takes its steps by a static plan, ordered once, or on the tape, ordered at every step; the numbers are the same up to
rounding, and which of the two it is can change between any two steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array
from nnviz.errors import TrainingError
from nnviz.network import Network, build_loss, build_model, build_optimizer, job_of, trace
from nnviz.run.blame import first_bad
from nnviz.run.checkpoint import Checkpoint
from nnviz.run.checkup import Checkup
from nnviz.run.evaluator import Evaluator
from nnviz.run.health import Health
from nnviz.run.queries import Observation, Query
from nnviz.run.record import Evaluation, LossHistory
from nnviz.run.recorder import Recorder
from nnviz.run.rehearsal import Norms
from nnviz.run.run import Run
from nnviz.run.shuffle import batch_bounds, permutation
from nnviz.run.snapshot import fitting, generators_of, load_optimizer, optimizer_state
from nnviz.run.weight_path import WeightPath

Answer = TypeVar("Answer", bound=Observation)


class DivergedError(TrainingError):
    """The loss is not a finite number. The trainer has gone back to the last finite weights."""


@dataclass(frozen=True)
class Step:
    """One step that was taken.

    Attributes:
        step: its number, from 1.
        loss: the loss of its batch, before the weights moved.
        evaluation: both sets measured, where the step ended an epoch.
    """

    step: int
    loss: float
    evaluation: Evaluation | None


class Trainer:
    """Takes the steps of a run: it holds the model, the optimizer, and the place in the run.

    Args:
        run: what is trained; everything random comes from its seed.
        checkpoint: where training goes on, taken from this run or from the one it was made from, at the step of a
            change or before; the start of the run if left out.

    Raises:
        TrainingError: the network of that step has an error, so that it cannot run; or the checkpoint is of another
            network.

    Attributes:
        network: the network in force.
        step: how many steps were taken.
        epochs: how many times the whole training set was seen.
        used: how many samples of the present epoch were used.
        planned: whether steps are taken by the plan; otherwise on the tape.
        evaluator: what the present weights give for samples, in evaluation mode.
        recorder: records steps where it is told to.
        path: the way that the weights have gone.
    """

    network: Network
    _last_finite: Checkpoint | None = None

    def __init__(self, run: Run, checkpoint: Checkpoint | None = None) -> None:
        self.recorder = Recorder()
        self._begin(run) if checkpoint is None else self._resume_from(run, checkpoint)

    def _begin(self, run: Run) -> None:
        """Go to the start of a run."""
        self._build(run.network)
        self.run, self.planned = run, run.planned
        own = self.model.state_dict()
        self.model.load_state_dict({**own, **fitting(run.weights, own)})
        self.step = self.epochs = self.used = 0
        self._before: Checkpoint | None = None
        self.history, self.path = LossHistory(), WeightPath()
        self.history.append(self.evaluate())
        self._mark()

    def _resume_from(self, run: Run, checkpoint: Checkpoint) -> None:
        """Go to the step of `checkpoint`, and make the change that the run has there."""
        checkpoint = run.apply_change(checkpoint)
        here = run.until(checkpoint.step)
        changed = checkpoint.before is not None
        # A new network is built anew even where it is equal: what is drawn for a layer may depend on where it stands.
        if changed or not _is_built(self, here.present):
            self._build(here.present)
        own = self.model.state_dict()
        kept = fitting(checkpoint.parameters, own)
        if not changed and not kept.keys() == own.keys() == checkpoint.parameters.keys():
            raise TrainingError(
                f"the checkpoint of step {checkpoint.step:,} is of another network",
                "give one that was taken from this run",
            )
        self.run, self.planned, self.recorder.taken = run, here.planned_now, None
        self.model.load_state_dict({**own, **kept})
        if self.optimizer is not None:
            load_optimizer(self.optimizer, self.model, checkpoint.optimizer, kept)
        for path, generator in generators_of(self.model).items():
            if path in checkpoint.generators:
                generator.bit_generator.state = checkpoint.generators[path]
        self.step, self.epochs, self.used = checkpoint.step, checkpoint.epoch, checkpoint.seen
        self._before, self.path = checkpoint.before, checkpoint.path
        self.history = LossHistory(checkpoint.history, checkpoint.evaluations)
        self._checkup.resume(run.last_edit(self.step), checkpoint)
        self._mark(checkpoint.last_finite)

    def _mark(self, last_finite: Checkpoint | None = None) -> None:
        """Remember the last checkpoint whose weights are finite, this one if it is, and the step of the next change."""
        self.path = self.path.after(self.step, self.model)
        self._last_finite = last_finite if last_finite is not None and not _finite(self) else None
        self._last_finite = self._last_finite or self.checkpoint()
        self._next_change = min((change.step for change in self.run.changes if change.step > self.step), default=-1)

    def _build(self, network: Network) -> None:
        """Make modules, loss, optimizer and plans of a network; nothing is touched where it has an error."""
        # The program's own process never trains: what it does not need would make it open later.
        from nnviz.plan import compile_step

        found = trace(network)
        if found.diagnostic is not None:
            raise TrainingError(f"the stack cannot run: {found.diagnostic.message}", found.diagnostic.explanation)
        self.network = network
        self.job = job_of(network)
        self.data = self.job.data()
        self.model = build_model(network)
        self.loss = build_loss(network)
        self.optimizer = build_optimizer(network, self.model)
        self.recorder.watch(network, self.model, self.optimizer)
        self._plan = compile_step(self.model, self.loss, self.optimizer) if self.optimizer else None
        self.evaluator = Evaluator(network, self.model, self.loss, self.data)
        self.batch, self.count = self.job.batch, self.job.schema.train
        self._permutation: tuple[int, NDArray[np.int64]] | None = None
        self._stop = 0
        self._checkup = Checkup(network, self.job, self.data.train_y)

    @property
    def epoch(self) -> float:
        """How many times the training set was seen, counting parts."""
        return (self.epochs * self.count + self.used) / self.count

    @property
    def steps_per_epoch(self) -> int:
        """How many steps see every sample once, at the present size of batches."""
        return math.ceil(self.count / self.batch)

    def steps(self) -> Iterator[Step]:
        """Take one step after the other without end, and make the changes of the run at their steps.

        Raises:
            DivergedError: the loss is not finite; the trainer has gone back to the last finite weights.
            TrainingError: there is nothing to learn in this stack, or a change leads to one that cannot run.
        """
        while True:
            if self.optimizer is None:
                raise TrainingError("nothing to train: the stack has no parameters", "add a Linear layer")
            # Before the first step, the start itself is checked.
            self._checkup.health(self)
            rows = self._next_rows()
            loss, finish = self._forward(rows)
            if not math.isfinite(loss):
                self._recover(rows)
            evaluation = self._finish_step(finish)
            self._checkup.after_step(self)
            if self.step == self._next_change:
                self._resume_from(self.run, self.checkpoint())
            yield Step(self.step, loss, evaluation)

    @property
    def health(self) -> Health:
        """What was found at the checks up to the present step, since the last change of the network."""
        return self._checkup.health(self)

    def _next_rows(self) -> NDArray[np.int64]:
        """The samples of the next step."""
        if self._permutation is None or self._permutation[0] != self.epochs:
            self._permutation = self.epochs, permutation(self.network.settings.seed, self.epochs, self.count)
        start, self._stop = batch_bounds(self.used, self.batch, self.count)
        return self._permutation[1][start : self._stop]

    def _finish_step(self, finish: Callable[[], None]) -> Evaluation | None:
        """Backward and optimizer step; both sets are measured if an epoch ends."""
        self.recorder.finish(self.step + 1, finish)
        self.step += 1
        self.path = self.path.after(self.step, self.model)
        self.used = self._stop
        self._before = None
        if self.used < self.count:
            return None
        self.epochs, self.used = self.epochs + 1, 0
        return self._end_of_epoch()

    def _forward(self, rows: NDArray[np.int64]) -> tuple[float, Callable[[], None]]:
        """The loss of a batch, and a function for the rest of the step: backward and optimizer step."""
        x, y = self.data.train_x[rows], self.job.targets(self.data.train_y[rows])
        assert self._plan is not None  # noqa: S101 (steps() has refused a stack without parameters)
        if self.planned:
            return float(self._plan.forward(x, y)), self._plan.finish
        self.model.zero_grad()
        loss = self.loss(self.model(Tensor(x)), Tensor(y))
        return loss.item(), lambda: self._backward_and_step(loss)

    def _backward_and_step(self, loss: Tensor) -> None:
        loss.backward()
        assert self.optimizer is not None  # noqa: S101 (as above)
        self.optimizer.step()

    def trial_step(self, planned: bool) -> None:
        """Take a step by the plan or on the tape, always on the same samples, so that its time can be measured.

        Weights, optimizer and generators move. `restore` of an earlier checkpoint brings them back.
        """
        before, self.planned = self.planned, planned
        try:
            self._forward(np.arange(self.batch))[1]()
        finally:
            self.planned = before

    def _end_of_epoch(self) -> Evaluation:
        evaluation = self.evaluate()
        self.history.append(evaluation)
        if math.isfinite(evaluation.train_loss) and _finite(self):
            self._last_finite = self.checkpoint()
        return evaluation

    def _recover(self, rows: NDArray[np.int64]) -> None:
        """Name the layer that went bad, go back to the last finite weights, and raise DivergedError."""
        failed_at, culprit = self.step + 1, first_bad(self.network, self.model, self.data.train_x[rows])
        assert self._last_finite is not None  # noqa: S101 (where the run began, at the latest)
        self.restore(self._last_finite)
        _replay(self, failed_at - 1)
        raise DivergedError(
            f"the loss of step {failed_at:,} is not a finite number: {culprit} went bad first",
            f"the weights are those of step {self.step:,} again; lower the learning rate, then train on",
        )

    def evaluate(self) -> Evaluation:
        """Both sets measured with the present weights; nothing changes."""
        train_loss, train_accuracy, train = self.evaluator.measure(self.data.train_x, self.data.train_y)
        test_loss, test_accuracy, test = self.evaluator.measure(self.data.test_x, self.data.test_y)
        return Evaluation(self.step, self.epoch, train_loss, test_loss, train_accuracy, test_accuracy, train, test)

    def next_batch(self) -> tuple[Array, Array, Array]:
        """Inputs, labels, and labels as the loss wants them, of the step that comes next."""
        rows = self._next_rows()
        labels = self.data.train_y[rows]
        return self.data.train_x[rows], labels, self.job.targets(labels).copy()

    def rehearse(self) -> tuple[Norms, ...]:
        """How far the next step will move each layer: it is taken, measured and taken back; NnvizError if it fails."""
        rows = self._next_rows()
        return self.recorder.rehearse(self.step + 1, lambda: self._forward(rows)[1]())

    def observe(self, query: Query[Answer]) -> Answer:
        """The answer to a query at the present step; nothing changes.

        Raises:
            NnvizError: there is no answer; the message says why.
        """
        return query.observe(self)

    def checkpoint(self) -> Checkpoint:
        """A checkpoint: a copy of everything the next step depends on."""
        return Checkpoint(
            step=self.step,
            epoch=self.epochs,
            seen=self.used,
            parameters={path: tensor.array.copy() for path, tensor in self.model.state_dict().items()},
            optimizer=optimizer_state(self.optimizer, self.model) if self.optimizer else {},
            generators={path: dict(one.bit_generator.state) for path, one in generators_of(self.model).items()},
            history=self.history.rows,
            evaluations=self.history.seen,
            before=self._before,
            last_finite=None if _finite(self) else self._last_finite,
            health=self._checkup.known,
            path=self.path,
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go to the step of a checkpoint of this run.

        Raises:
            TrainingError: it is of another network.
        """
        self._resume_from(self.run, checkpoint)


def _replay(trainer: Trainer, until: int) -> None:
    """Repeat the steps from the last finite checkpoint up to the error, as long as the weights stay finite."""
    before = trainer.checkpoint()
    while trainer.step < until:
        rows = trainer._next_rows()
        trainer._finish_step(trainer._forward(rows)[1])
        if not _finite(trainer):
            trainer.restore(before)
            return
        before = trainer.checkpoint()


def _finite(trainer: Trainer) -> bool:
    return all(np.isfinite(parameter.array).all() for parameter in trainer.model.parameters())


def _is_built(trainer: Trainer, network: Network) -> bool:
    own = trainer.__dict__.get("network")
    return own is not None and (network, network.ids) == (own, own.ids)
