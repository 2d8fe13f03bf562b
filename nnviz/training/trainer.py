"""The trainer: a plain generator of steps. It knows of no screen, no thread and no process.

It takes its steps by a static plan, ordered once, or on the tape, ordered at every step; the numbers are the same up to
rounding, and which of the two it is can change between any two steps.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz import nn
from nnviz.autograd import Tensor, no_grad
from nnviz.autograd.operation import Array
from nnviz.data import batches
from nnviz.errors import TrainingError
from nnviz.network import BYTES, Network, build_loss, build_model, build_optimizer, prepared, targets_for, trace
from nnviz.seeds import stream
from nnviz.training.history import Evaluation, LossHistory

CHUNK = 4096
"""Most samples that are evaluated at a time."""

CHUNK_BYTES = 64 * 2**20
"""What the widest layer may give for the samples that are evaluated at a time."""


PATIENCE = 0.1
"""Seconds of steps, by the plan and again on the tape, that a comparison takes."""


Weights = Mapping[str, Array]
"""Parameters and buffers by their path in the model."""


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


@dataclass(frozen=True)
class State:
    """All that the next step depends on: a run that continues from here is bit for bit the unbroken run."""

    step: int
    parameters: dict[str, Array]
    optimizer: dict[str, Any]
    generators: tuple[dict[str, Any], ...]
    history: tuple[Evaluation, ...]
    evaluations: int


@dataclass(frozen=True)
class Costs:
    """What a training step costs, in seconds: the median of several of each kind, taken by turns.

    Attributes:
        plan: ordered once.
        tape: ordered at every step.
    """

    plan: float
    tape: float


class Trainer:
    """One network on its way: its weights, its optimizer, and where it stands.

    Args:
        network: what is trained; everything random comes from its seed.
        planned: whether steps are taken by the plan; otherwise on the tape.
        weights: what it starts from, by path, where that has the shape that is wanted; the rest is drawn from the seed.

    Raises:
        TrainingError: the stack has a fault, so that it cannot run.
    """

    def __init__(self, network: Network, planned: bool = True, weights: Weights | None = None) -> None:
        # The program's own process never trains: what it does not need would make it open later.
        from nnviz.plan import compile_forward, compile_step

        fault = trace(network).fault
        if fault is not None:
            raise TrainingError(f"the stack cannot run: {fault.message}", fault.explanation)
        self.network = network
        self.data = prepared(network.settings.data, network.settings.seed)
        self.model = build_model(network)
        own = self.model.state_dict()
        kept = {
            path: array for path, array in (weights or {}).items() if path in own and own[path].shape == array.shape
        }
        self.model.load_state_dict({**own, **kept})
        self.loss = build_loss(network)
        self.optimizer = build_optimizer(network, self.model)
        self.planned = planned
        self._plan = compile_step(self.model, self.loss, self.optimizer) if self.optimizer else None
        # Without parameters there may be nothing to compute, and so nothing to plan.
        self._predict = compile_forward(self.model) if self.optimizer else lambda x: self.model(Tensor(x))
        self.step = 0
        count = len(self.data.train_x)
        self.batch = min(network.settings.batch, count)
        self.steps_per_epoch = math.ceil(count / self.batch)
        widest = max((math.prod(row.output[1:]) for row in trace(network).rows if row.output), default=1)
        self._chunk = max(min(CHUNK, CHUNK_BYTES // (BYTES * max(widest, 1))), 1)
        self._dropouts = [module for module in self.model.modules() if isinstance(module, nn.Random)]
        for position, module in enumerate(self._dropouts):
            module.generator = stream(network.settings.seed, "dropout", position)
        self.history = LossHistory()
        self.history.append(self.evaluate())
        self._safe = self.state()

    @property
    def epoch(self) -> float:
        """How many times the training set was seen, counting parts."""
        return self.step / self.steps_per_epoch

    def steps(self) -> Iterator[Step]:
        """Train for ever, a step at a time; stop asking to stop.

        Raises:
            DivergedError: the loss is not finite; the weights are the last finite ones again.
            TrainingError: there is nothing to learn in this stack.
        """
        if self.optimizer is None:
            raise TrainingError("nothing to train: the stack has no parameters", "add a Linear layer")
        while True:
            epoch, done = divmod(self.step, self.steps_per_epoch)
            # Drawn from the epoch's number alone, so that any step can be reached again without the ones before.
            order = batches(len(self.data.train_x), self.batch, stream(self.network.settings.seed, "shuffle", epoch))
            for position, rows in enumerate(order):
                if position < done:
                    continue
                loss = self._take_step(rows)
                evaluation = self._end_of_epoch() if position + 1 == self.steps_per_epoch else None
                yield Step(self.step, loss, evaluation)

    def _take_step(self, rows: NDArray[np.int64]) -> float:
        loss, finish = self._forward(rows)
        if not math.isfinite(loss):
            self._recover(rows)
        finish()
        self.step += 1
        return loss

    def _forward(self, rows: NDArray[np.int64]) -> tuple[float, Callable[[], None]]:
        """The loss of a batch, and what is left of the step: backward, and the optimizer's move."""
        x, y = self.data.train_x[rows], self._targets(self.data.train_y[rows])
        assert self._plan is not None  # noqa: S101 (steps() has refused a stack without parameters)
        if self.planned:
            return float(self._plan.forward(x, y)), self._plan.finish
        self.model.zero_grad()
        loss = self.loss(self.model(Tensor(x)), Tensor(y))
        return loss.item(), lambda: self._finish(loss)

    def _finish(self, loss: Tensor) -> None:
        loss.backward()
        assert self.optimizer is not None  # noqa: S101 (steps() has refused a stack without parameters)
        self.optimizer.step()

    def compare(self, wanted: Callable[[], bool]) -> Costs | None:
        """Time steps by the plan and on the tape, by turns, and stand where it stood; None once it is not `wanted`."""
        if self.optimizer is None:
            return None
        planned, state, rows = self.planned, self.state(), np.arange(self.batch)
        times: dict[bool, list[float]] = {True: [], False: []}
        try:
            while sum(times[True]) + sum(times[False]) < 2 * PATIENCE or len(times[True]) < 4:
                self.planned = not self.planned
                begin = perf_counter()
                self._forward(rows)[1]()
                times[self.planned].append(perf_counter() - begin)
                if not wanted():
                    return None
        finally:
            self.restore(state)
            self.planned = planned
        # The first of each orders, allocates and fills caches.
        return Costs(*(statistics.median(times[kind][1:]) for kind in (True, False)))

    def _targets(self, labels: Array) -> Array:
        """Labels as the loss wants them."""
        dataset = self.data.dataset
        return targets_for(self.loss, labels, dataset.outputs) if dataset.task == "classification" else labels

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
        failed_at, culprit = self.step + 1, self._first_bad(rows)
        self.restore(self._safe)
        self._replay(failed_at - 1)
        raise DivergedError(
            f"the loss of step {failed_at:,} is not a finite number: {culprit} went bad first",
            f"the weights are those of step {self.step:,} again; lower the learning rate, then begin anew",
        )

    def _replay(self, until: int) -> None:
        """Take the steps again that led from the safe state to the fault, as long as the weights stay finite."""
        before = self.state()
        while self.step < until:
            epoch, position = divmod(self.step, self.steps_per_epoch)
            generator = stream(self.network.settings.seed, "shuffle", epoch)
            rows = list(batches(len(self.data.train_x), self.batch, generator))[position]
            self._forward(rows)[1]()
            self.step += 1
            if not self._finite():
                self.restore(before)
                return
            before = self.state()

    def _first_bad(self, rows: NDArray[np.int64]) -> str:
        x = Tensor(self.data.train_x[rows])
        with no_grad(), np.errstate(all="ignore"):
            outputs = self.model.run(x)
            for position, layer in enumerate(self.model, 1):
                name = nn.layers.label(self.network.layers[position - 1])
                if not all(np.isfinite(p.array).all() for p in layer.parameters()):
                    return f"the weights of layer {position} ({name})"
                x = next(outputs)
                if not np.isfinite(x.array).all():
                    return f"the output of layer {position} ({name})"
        return f"the loss ({self.network.settings.loss.name})"

    def evaluate(self) -> Evaluation:
        """Both sets as they are now; changes nothing."""
        train_loss, train_accuracy = self._measure(self.data.train_x, self.data.train_y)
        test_loss, test_accuracy = self._measure(self.data.test_x, self.data.test_y)
        return Evaluation(self.step, self.epoch, train_loss, test_loss, train_accuracy, test_accuracy)

    def _measure(self, x: Array, y: Array) -> tuple[float, float]:
        """(loss, accuracy) over a set; both are means over its samples."""
        total, right = 0.0, 0.0
        classes = self.data.dataset.task == "classification"
        for at in range(0, len(x), self._chunk):
            part, labels = self._outputs(x[at : at + self._chunk]), y[at : at + self._chunk]
            with no_grad(), np.errstate(all="ignore"):
                loss = self.loss(Tensor(part), Tensor(self._targets(labels))).item()
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
        if self.data.dataset.task == "regression":
            return out if self.data.targets is None else self.data.targets.undo(out)
        if self.network.layers and nn.facts_of(self.network.layers[-1]).distribution:
            return out
        with no_grad(), np.errstate(all="ignore"):
            return self.loss.probabilities(out)

    def state(self) -> State:
        """A copy of everything the next step depends on."""
        return State(
            step=self.step,
            parameters={name: tensor.array.copy() for name, tensor in self.model.state_dict().items()},
            optimizer=self.optimizer.state_dict() if self.optimizer else {},
            generators=tuple(dict(module.generator.bit_generator.state) for module in self._dropouts),
            history=self.history.rows,
            evaluations=self.history.seen,
        )

    def restore(self, state: State) -> None:
        """Stand where `state` was taken, by a trainer of the same network."""
        self.model.load_state_dict(state.parameters)
        if self.optimizer:
            self.optimizer.load_state_dict(state.optimizer)
        for module, saved in zip(self._dropouts, state.generators, strict=True):
            module.generator.bit_generator.state = saved
        self.step = state.step
        self.history = LossHistory(state.history, state.evaluations)
