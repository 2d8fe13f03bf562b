"""Trainers in lock step: runs whose arrays have the same shapes take each step together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nnviz import nn
from nnviz.autograd import no_grad
from nnviz.autograd.modes import quiet
from nnviz.autograd.operation import Array
from nnviz.errors import TrainingError
from nnviz.network import Network
from nnviz.registry import Spec
from nnviz.run.evaluator import evaluating
from nnviz.run.metrics import Scores, Totals, class_scores
from nnviz.run.record import Evaluation
from nnviz.run.shuffle import batch_bounds, permutation
from nnviz.run.trainer import Trainer

if TYPE_CHECKING:
    from nnviz.plan.lockstep import StackedProgram

ACTIVATION = "activation"

GATHERED = 64 * 2**20
"""Bytes up to which the samples of a whole epoch are put in order at once; of more, those of each batch."""

TOGETHER = 16_384
"""Samples of all runs that are evaluated at a time."""


def likeness(network: Network, exact: bool = False) -> tuple[object, ...]:
    """What networks have in common that can be trained in lock step: all but seed, initialization and optimizer.

    Args:
        network: the network.
        exact: whether activations must be the same as well; those without weights of their own need not be.
    """
    settings, layers = network.settings, network.layers
    same = layers if exact else tuple(ACTIVATION if _is_activation(layer) else layer for layer in layers)
    return (same, settings.data, settings.batch, settings.loss)


def _is_activation(layer: Spec) -> bool:
    return layer.name in nn.layers and nn.layers[layer.name].category == ACTIVATION


class Lockstep:
    """Takes the steps of several runs at once, each as it would take them alone, up to rounding.

    The trainers stand at the start of their runs, which have no changes. Their models are those that learn; step count
    and history move with them. What an optimizer keeps is handed to it by
    `hand_back`.

    Args:
        trainers: one for each run, with the same `likeness` of their networks.

    Raises:
        GraphError: the runs cannot be trained together.
        TrainingError: there is nothing to learn.

    Attributes:
        diverged: for each run whether its loss was not finite at some step; the others go on.
    """

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        # The program's own process never trains: what it does not need would make it open later.
        from nnviz.plan.lockstep import CompiledSteps

        self.trainers = trainers
        first = trainers[0]
        optimizers = [trainer.optimizer for trainer in trainers if trainer.optimizer is not None]
        if len(optimizers) != len(trainers):
            raise TrainingError("nothing to train: the stack has no parameters", "add a Linear layer")
        self._steps = CompiledSteps([one.model for one in trainers], [one.loss for one in trainers], optimizers)
        self._evaluation = _Evaluation(trainers)
        self._epoch: int | None = None
        self._ordered: tuple[Array, Array] | None = None
        data = first.data
        samples = data.train_x[:1].nbytes + data.train_y[:1].nbytes
        self._gathers = samples * first.count * len(trainers) <= GATHERED
        self._orders: list[Array] = []
        self.diverged = np.zeros(len(trainers), bool)
        # What cannot be trained together is refused now, and not at the first step.
        x, y = self._batch(first, *batch_bounds(first.used, first.batch, first.count))
        self._steps.program((x.shape[1:], x.dtype), (y.shape[1:], y.dtype))
        self._evaluation.prepare()

    def step(self) -> Array:
        """Take one step of every run; the losses before it, (runs,)."""
        first = self.trainers[0]
        start, stop = batch_bounds(first.used, first.batch, first.count)
        losses = self._steps(*self._batch(first, start, stop))
        self.diverged |= ~np.isfinite(losses)
        ended = stop >= first.count
        for trainer in self.trainers:
            trainer.step += 1
            trainer.used = 0 if ended else stop
            trainer.epochs += ended
        if ended:
            self.record()
        return losses

    def _batch(self, first: Trainer, start: int, stop: int) -> tuple[Array, Array]:
        """The samples of the next step, each with a leading axis over the runs."""
        if self._epoch != first.epochs:
            self._epoch = first.epochs
            self._orders = [permutation(one.network.settings.seed, one.epochs, one.count) for one in self.trainers]
            self._ordered = self._gather(slice(None)) if self._gathers else None
        if self._ordered is None:
            return self._gather(slice(start, stop))
        x, y = self._ordered
        return x[:, start:stop], y[:, start:stop]

    def _gather(self, part: slice) -> tuple[Array, Array]:
        """A part of the epoch's samples, and their targets."""
        pairs = [(one, order[part]) for one, order in zip(self.trainers, self._orders, strict=True)]
        return (
            np.stack([one.data.train_x[rows] for one, rows in pairs]),
            np.stack([one.job.targets(one.data.train_y[rows]) for one, rows in pairs]),
        )

    def hand_back(self) -> None:
        """Give every trainer the state of its optimizer, so that its checkpoint is that of a run alone."""
        self._steps.hand_back()

    def record(self) -> None:
        """Measure both sets of every run, and append that to its history."""
        for trainer, found in zip(self.trainers, self._evaluation.measure(), strict=True):
            trainer.history.append(found)


class _Evaluation:
    """Loss, accuracy and the other metrics of several models over their data, measured together.

    Args:
        trainers: hold the models and the data.
    """

    def __init__(self, trainers: Sequence[Trainer]) -> None:
        self._trainers = trainers
        self._classes = trainers[0].job.schema.task == "classification"
        stacked = [
            (np.stack([getattr(one.data, f"{side}_x") for one in trainers]),
             np.stack([getattr(one.data, f"{side}_y") for one in trainers]),
             np.stack([one.job.targets(getattr(one.data, f"{side}_y")) for one in trainers]))
            for side in ("train", "test")
        ]  # fmt: skip
        self._sides = stacked
        self._chunk = max(TOGETHER // len(trainers), 32)
        self._forwards: dict[int, tuple[StackedProgram, StackedProgram]] = {}

    def prepare(self) -> None:
        """Make the plans.

        Raises:
            GraphError: the models cannot be evaluated together.
        """
        for x, _, targets in self._sides:
            self._plans(x[:, : self._chunk], targets[:, : self._chunk])

    def measure(self) -> Iterator[Evaluation]:
        """The evaluation of each run, at the step where it stands."""
        sides = (self._side(*side) for side in self._sides)
        for trainer, train, test in zip(self._trainers, *sides, strict=True):
            (train_loss, train_accuracy, of_train), (test_loss, test_accuracy, of_test) = train, test
            losses = train_loss, test_loss, train_accuracy, test_accuracy
            yield Evaluation(trainer.step, trainer.epoch, *losses, of_train, of_test)

    @quiet
    def _side(self, x: Array, labels: Array, targets: Array) -> list[tuple[float, float, Scores]]:
        """Of each run loss, accuracy and scores over one side of its data."""
        first, count = self._trainers[0], x.shape[1]
        total, found = np.zeros(len(x)), []
        for at in range(0, count, self._chunk):
            part = slice(at, at + self._chunk)
            out, losses = self._run(x[:, part], targets[:, part])
            size = out.shape[1]
            total += losses * (first.job.batch if first.loss.reduction == "sum" else size)
            # Of outputs the plan has one array, which the next chunk overwrites.
            best = self._best(out.reshape(-1, *out.shape[2:])).reshape(len(x), size) if self._classes else out.copy()
            found.append(best)
        answers = np.concatenate(found, axis=1)
        if self._classes:
            scores = [class_scores(one) for one in self._totals(labels, answers)]
            right = (answers == labels).sum(axis=1) / count
        else:
            pairs = zip(self._trainers, labels, answers, strict=True)
            scores = [one.evaluator.value_scores(y, given) for one, y, given in pairs]
            right = np.full(len(x), math.nan)
        return [*zip((total / count).tolist(), right.tolist(), scores, strict=True)]

    def _totals(self, labels: Array, answers: Array) -> Iterator[Totals]:
        """Of each run its `totals`, counted in one array for all: (runs, samples) class numbers."""
        known, most = len(self._trainers[0].job.schema.classes), answers.max(axis=1) + 1
        runs, classes = len(answers), max(known, int(most.max()))
        apart = np.arange(runs)[:, None] * classes
        right, taken, own = (
            np.bincount(numbers.ravel(), minlength=runs * classes).astype(np.int64).reshape(runs, classes)
            for numbers in ((labels + apart)[labels == answers], answers + apart, labels + apart)
        )
        for at, last in enumerate(most.tolist()):
            # A network may have more outputs than there are classes; of the others a run alone knows nothing.
            some = slice(max(known, last))
            yield right[at, some], taken[at, some], own[at, some]

    def _best(self, out: Array) -> Array:
        with no_grad():
            best: Array = self._trainers[0].loss.probabilities(out).argmax(axis=1)
        return best

    def _run(self, x: Array, targets: Array) -> tuple[Array, Array]:
        """Outputs and losses of some samples of each model."""
        forward, loss = self._plans(x, targets)
        out = forward.run(x)
        return out, loss.run(out, targets)

    def _plans(self, x: Array, targets: Array) -> tuple[StackedProgram, StackedProgram]:
        """The plans of outputs and losses for as many samples."""
        from nnviz.plan.lockstep import StackedProgram
        from nnviz.plan.tracing import trace

        if x.shape[1] not in self._forwards:
            models = [trainer.model for trainer in self._trainers]
            losses = [trainer.loss for trainer in self._trainers]

            traces = []
            for model in models:
                with evaluating(model):
                    traces.append(trace(model, (x.shape[1:], x.dtype)))
            forward = StackedProgram(traces)
            shape, dtype = forward.programs[0].out.shape, forward.programs[0].out.dtype
            given = (shape, dtype), (targets.shape[1:], targets.dtype)
            loss = StackedProgram([trace(one, *given) for one in losses])
            self._forwards[x.shape[1]] = (forward, loss)
        return self._forwards[x.shape[1]]
