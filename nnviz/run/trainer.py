"""The trainer: a plain generator of steps. It knows of no screen, no thread and no process.

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

from nnviz import nn
from nnviz.autograd import Tensor, no_grad
from nnviz.autograd.operation import Array
from nnviz.errors import TrainingError
from nnviz.network import BYTES, Network, build_loss, build_model, build_optimizer, job_of, trace
from nnviz.run.blame import first_bad
from nnviz.run.queries import Observation, Query
from nnviz.run.record import Evaluation, LossHistory
from nnviz.run.run import Run
from nnviz.run.shuffle import batch_bounds, permutation
from nnviz.run.snapshot import fitting, generators_of, load_optimizer, optimizer_state
from nnviz.run.state import State

CHUNK = 4096
"""Most samples that are evaluated at a time."""

CHUNK_BYTES = 64 * 2**20
"""What the widest layer may give for the samples that are evaluated at a time."""

Answer = TypeVar("Answer", bound=Observation)


class DivergedError(TrainingError):
    """The loss is no longer a finite number. The trainer stands at the last finite weights again."""


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
    """A run under way: the weights, the optimizer, and where it stands.

    Args:
        run: what is trained; everything random comes from its seed.
        state: where it stands, taken from this run or from the one it was made from, at the step of a change or before;
            the start of the run if left out.

    Raises:
        TrainingError: the stack in force there has an error, so that it cannot run; or the state is of another network.

    Attributes:
        network: the network in force.
        step: how many steps were taken.
        epochs: how many times the whole training set was seen.
        used: how many samples of the present epoch were used.
        planned: whether steps are taken by the plan; otherwise on the tape.
    """

    network: Network

    def __init__(self, run: Run, state: State | None = None) -> None:
        self._begin(run) if state is None else self._stand(run, state)

    def _begin(self, run: Run) -> None:
        """Stand at the start of a run."""
        self._build(run.network)
        self.run, self.planned = run, run.planned
        own = self.model.state_dict()
        self.model.load_state_dict({**own, **fitting(run.weights, own)})
        self.step = self.epochs = self.used = 0
        self._before: State | None = None
        self.history = LossHistory()
        self.history.append(self.evaluate())
        self._look_ahead()

    def _stand(self, run: Run, state: State) -> None:
        """Stand where `state` was taken, with the change of the run at its step."""
        state = run.arrived(state)
        here = run.until(state.step)
        changed = state.before is not None
        # A new network is built anew even where it is equal: what is drawn for a layer may depend on where it stands.
        if changed or not self._is_built(here.present):
            self._build(here.present)
        own = self.model.state_dict()
        kept = fitting(state.parameters, own)
        if not changed and not kept.keys() == own.keys() == state.parameters.keys():
            raise TrainingError(
                f"the state of step {state.step:,} is of another network", "give one that was taken from this run"
            )
        self.run, self.planned = run, here.planned_now
        self.model.load_state_dict({**own, **kept})
        if self.optimizer is not None:
            load_optimizer(self.optimizer, self.model, state.optimizer, kept)
        for path, generator in generators_of(self.model).items():
            if path in state.generators:
                generator.bit_generator.state = state.generators[path]
        self.step, self.epochs, self.used = state.step, state.epoch, state.seen
        self._before = state.before
        self.history = LossHistory(state.history, state.evaluations)
        self._look_ahead()

    def _look_ahead(self) -> None:
        """Remember the state here, and when the run changes next."""
        self._safe = self.state()
        self._due = min((change.step for change in self.run.changes if change.step > self.step), default=-1)

    def _is_built(self, network: Network) -> bool:
        return "network" in self.__dict__ and (network, network.ids) == (self.network, self.network.ids)

    def _build(self, network: Network) -> None:
        """Make modules, loss, optimizer and plans of a network; nothing is touched where it has an error."""
        # The program's own process never trains: what it does not need would make it open later.
        from nnviz.plan import compile_forward, compile_step

        found = trace(network)
        if found.diagnostic is not None:
            raise TrainingError(f"the stack cannot run: {found.diagnostic.message}", found.diagnostic.explanation)
        self.network = network
        self.job = job_of(network)
        self.data = self.job.data()
        self.model = build_model(network)
        self.loss = build_loss(network)
        self.optimizer = build_optimizer(network, self.model)
        self._plan = compile_step(self.model, self.loss, self.optimizer) if self.optimizer else None
        # Without parameters there may be nothing to compute, and so nothing to plan.
        self._predict = compile_forward(self.model) if self.optimizer else lambda x: self.model(Tensor(x))
        self.batch = self.job.batch
        self.count = self.job.schema.train
        widest = max((math.prod(row.output[1:]) for row in found.rows if row.output), default=1)
        self._chunk = max(min(CHUNK, CHUNK_BYTES // (BYTES * max(widest, 1))), 1)
        self._order: tuple[int, NDArray[np.int64]] | None = None
        self._stop = 0

    @property
    def epoch(self) -> float:
        """How many times the training set was seen, counting parts."""
        return (self.epochs * self.count + self.used) / self.count

    @property
    def steps_per_epoch(self) -> int:
        """How many steps see every sample once, at the present size of batches."""
        return math.ceil(self.count / self.batch)

    def steps(self) -> Iterator[Step]:
        """Train for ever, a step at a time; stop asking to stop. The changes of the run are made at their steps.

        Raises:
            DivergedError: the loss is not finite; the weights are the last finite ones again.
            TrainingError: there is nothing to learn in this stack, or a change leads to one that cannot run.
        """
        while True:
            if self.optimizer is None:
                raise TrainingError("nothing to train: the stack has no parameters", "add a Linear layer")
            rows = self._rows()
            loss, finish = self._forward(rows)
            if not math.isfinite(loss):
                self._recover(rows)
            evaluation = self._finish_step(finish)
            if self.step == self._due:
                self._stand(self.run, self.state())
            yield Step(self.step, loss, evaluation)

    def _rows(self) -> NDArray[np.int64]:
        """The samples of the next step."""
        if self._order is None or self._order[0] != self.epochs:
            self._order = self.epochs, permutation(self.network.settings.seed, self.epochs, self.count)
        start, self._stop = batch_bounds(self.used, self.batch, self.count)
        return self._order[1][start : self._stop]

    def _finish_step(self, finish: Callable[[], None]) -> Evaluation | None:
        """Go backward, move the weights, and count; both sets measured where an epoch ends."""
        finish()
        self.step += 1
        self.used = self._stop
        self._before = None
        if self.used < self.count:
            return None
        self.epochs, self.used = self.epochs + 1, 0
        return self._end_of_epoch()

    def _forward(self, rows: NDArray[np.int64]) -> tuple[float, Callable[[], None]]:
        """The loss of a batch, and what is left of the step: backward, and the optimizer's move."""
        x, y = self.data.train_x[rows], self.job.targets(self.data.train_y[rows])
        assert self._plan is not None  # noqa: S101 (steps() has refused a stack without parameters)
        if self.planned:
            return float(self._plan.forward(x, y)), self._plan.finish
        self.model.zero_grad()
        loss = self.loss(self.model(Tensor(x)), Tensor(y))
        return loss.item(), lambda: self._go_back(loss)

    def _go_back(self, loss: Tensor) -> None:
        loss.backward()
        assert self.optimizer is not None  # noqa: S101 (steps() has refused a stack without parameters)
        self.optimizer.step()

    def trial_step(self, planned: bool) -> None:
        """Take a step by the plan or on the tape, always on the same samples, to see what it costs.

        Weights, optimizer and generators move. `restore` of a state from before brings them back.
        """
        before, self.planned = self.planned, planned
        try:
            self._forward(np.arange(self.batch))[1]()
        finally:
            self.planned = before

    def _end_of_epoch(self) -> Evaluation:
        evaluation = self.evaluate()
        self.history.append(evaluation)
        if math.isfinite(evaluation.train_loss) and self._finite():
            self._safe = self.state()
        return evaluation

    def _finite(self) -> bool:
        return all(np.isfinite(parameter.array).all() for parameter in self.model.parameters())

    def _recover(self, rows: NDArray[np.int64]) -> None:
        """Name the layer that went bad, go back to the last finite weights, and raise DivergedError."""
        failed_at, culprit = self.step + 1, first_bad(self.network, self.model, self.data.train_x[rows])
        self.restore(self._safe)
        self._replay(failed_at - 1)
        raise DivergedError(
            f"the loss of step {failed_at:,} is not a finite number: {culprit} went bad first",
            f"the weights are those of step {self.step:,} again; lower the learning rate, then begin anew",
        )

    def _replay(self, until: int) -> None:
        """Take the steps again that led from the safe state to the error, as long as the weights stay finite."""
        before = self.state()
        while self.step < until:
            rows = self._rows()
            self._finish_step(self._forward(rows)[1])
            if not self._finite():
                self.restore(before)
                return
            before = self.state()

    def evaluate(self) -> Evaluation:
        """Both sets as they are now; changes nothing."""
        train_loss, train_accuracy = self._measure(self.data.train_x, self.data.train_y)
        test_loss, test_accuracy = self._measure(self.data.test_x, self.data.test_y)
        return Evaluation(self.step, self.epoch, train_loss, test_loss, train_accuracy, test_accuracy)

    def _measure(self, x: Array, y: Array) -> tuple[float, float]:
        """(loss, accuracy) over a set; both are means over its samples."""
        total, right = 0.0, 0.0
        classes = self.job.schema.task == "classification"
        for at in range(0, len(x), self._chunk):
            part, labels = self._outputs(x[at : at + self._chunk]), y[at : at + self._chunk]
            with no_grad(), np.errstate(all="ignore"):
                loss = self.loss(Tensor(part), Tensor(self.job.targets(labels))).item()
                if classes:
                    right += float((self.loss.probabilities(part).argmax(axis=1) == labels).sum())
            # A sum is given as for one batch, so that it can be compared with that of a step.
            total += loss * (self.batch if self.loss.reduction == "sum" else len(part))
        return total / len(x), right / len(x) if classes else math.nan

    def _outputs(self, x: Array) -> Array:
        self.model.eval()
        try:
            return self._predict(x).array
        finally:
            self.model.train()

    def predict(self, points: Array) -> Array:
        """What the network says at `points`, given in the data's own units.

        Returns:
            Class probabilities (N, C), or values in the target's own units (N, outputs).
        """
        x = self.data.inputs.apply(points)
        out = np.concatenate([self._outputs(x[at : at + self._chunk]) for at in range(0, len(x), self._chunk)])
        if self.job.schema.task == "regression":
            return out if self.data.targets is None else self.data.targets.undo(out)
        if self.network.layers and nn.facts_of(self.network.layers[-1]).distribution:
            return out
        with no_grad(), np.errstate(all="ignore"):
            return self.loss.probabilities(out)

    def outputs(self, x: Array, layers: int) -> Array:
        """What the first `layers` layers make of standardised samples, in evaluation mode."""
        self.model.eval()
        out = Tensor(x)
        try:
            with no_grad(), np.errstate(all="ignore"):
                rows = self.model.run(out)
                for _ in range(layers):
                    out = next(rows)
        finally:
            self.model.train()
        return out.array.copy()

    def next_batch(self) -> tuple[Array, Array, Array]:
        """Inputs, labels, and labels as the loss wants them, of the step that comes next."""
        rows = self._rows()
        labels = self.data.train_y[rows]
        return self.data.train_x[rows], labels, self.job.targets(labels).copy()

    def observe(self, query: Query[Answer]) -> Answer:
        """The answer to a query at the step where it stands; nothing that is trained changes.

        Raises:
            NnvizError: there is no answer here; it says why.
        """
        return query.observe(self)

    def state(self) -> State:
        """A checkpoint: a copy of everything the next step depends on."""
        return State(
            step=self.step,
            epoch=self.epochs,
            seen=self.used,
            parameters={path: tensor.array.copy() for path, tensor in self.model.state_dict().items()},
            optimizer=optimizer_state(self.optimizer, self.model) if self.optimizer else {},
            generators={path: dict(one.bit_generator.state) for path, one in generators_of(self.model).items()},
            history=self.history.rows,
            evaluations=self.history.seen,
            before=self._before,
        )

    def restore(self, state: State) -> None:
        """Stand where `state` was taken from this run.

        Raises:
            TrainingError: it is of another network.
        """
        self._stand(self.run, state)
