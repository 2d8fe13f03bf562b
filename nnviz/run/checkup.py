"""When a run is checked, and the numbers of a check: from a trainer to plain values that `health` judges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Protocol

import numpy as np

from nnviz import nn
from nnviz.autograd import Tensor
from nnviz.autograd.modes import quiet
from nnviz.autograd.operation import Array
from nnviz.errors import NnvizError
from nnviz.network import Job, Network, trace
from nnviz.run.checkpoint import Checkpoint
from nnviz.run.health import WINDOW, Check, Health, LayerCheck, Trend, judge
from nnviz.run.queries import LayerSeen, LayersSeen, Observed, layers_seen
from nnviz.run.record import Evaluation, LossHistory

FIRST = 10
"""Steps before the first check after a change; the number of steps doubles until it has reached the interval."""

SEEN = 256
"""Most samples that a check looks at."""

STEADY, WORK, HEAVY = 25, 50, 165
"""A check takes at most a thirtieth of the time: measured on all presets, it takes as long as some dozen steps."""


MOST = 10**8
"""Most multiply-adds of a check one way, so that it takes a fraction of a second at most."""


def _work(network: Network) -> int:
    """Multiply-adds of a sample, about."""
    return sum(row.parameters * math.prod((row.output or ())[2:]) for row in trace(network).rows)


def samples_of(network: Network) -> int:
    """How many samples a check looks at."""
    return min(SEEN, max(MOST // max(_work(network), 1), 1))


def interval(network: Network, job: Job) -> int:
    """Steps from one check to the next, so many that checks take hardly any time; it depends on the network alone."""
    work = _work(network)
    return max(500, math.ceil((SEEN + job.batch) / job.batch * (STEADY + min(HEAVY, work / WORK))))


def is_due(steps: int, every: int) -> bool:
    """Whether a check is due so many steps after the start or the last change: 10, 20, 40, ..., and then `every`."""
    if steps >= every:
        return steps % every == 0
    return steps > 0 and steps % FIRST == 0 and (steps // FIRST).bit_count() == 1


def check_of(network: Network, step: int, seen: LayersSeen, guess: float, rows: Sequence[Evaluation] = ()) -> Check:
    """The numbers of a check.

    Args:
        network: what was seen.
        step: how many steps it had taken.
        seen: the statistics of its layers.
        guess: the loss of the best constant answer.
        rows: both sets measured since its last change, oldest first.
    """
    layers = tuple(
        _layer(network, at, one)
        for at, one in enumerate(seen.layers)
        if at < len(network.ids) and one.layer == network.ids[at]
    )
    return Check(step, seen.loss, guess, seen.samples, layers, trend_of(rows))


def _layer(network: Network, at: int, one: LayerSeen) -> LayerCheck:
    outputs = nn.facts_of(network.layers[at]).outputs
    # Flat on one side by nature, as ReLU is for half of all numbers: that is no trouble.
    half_open = outputs.clips and math.inf in (outputs.high, -outputs.low)
    return LayerCheck(
        layer=one.layer,
        bad=bool(one.output.bad) or math.isinf(one.gradient),
        dead=one.dead,
        flat=math.nan if half_open else one.flat,
        signal=one.signal,
        gradient=one.gradient,
        update=one.update,
        weights=one.weights,
    )


def trend_of(rows: Sequence[Evaluation]) -> Trend:
    """How the losses have moved over these evaluations."""
    if len(rows) < 4:
        return Trend()
    now, begin = rows[-1].epoch, rows[0].epoch
    length = max(WINDOW, (now - begin) / 4)
    window = [row for row in rows if row.epoch >= now - length]
    best = min(rows, key=lambda row: row.test_loss)
    half, quarter = len(window) // 2, max(len(window) // 4, 1)
    if not half:
        return Trend()
    return Trend(
        epochs=now - window[0].epoch,
        before=median(row.train_loss for row in window[:half]),
        now=median(row.train_loss for row in window[half:]),
        test=median(row.test_loss for row in window[-quarter:]),
        best=best.test_loss,
        since=now - best.epoch,
    )


GUESSED = 4096
"""Most samples that the loss of guessing is computed for."""


@quiet
def guess_loss(network: Network, job: Job, labels: Array) -> float:
    """The loss of the best constant answer to these labels; NaN where it cannot be told.

    With the reduction "sum" it is that of one batch.
    """
    output, labels = trace(network).output, labels[:GUESSED]
    if output is None:
        return math.nan
    found, loss, targets = [], job.loss, job.targets(labels)
    shape = (len(labels), *output[1:])
    for constant in _constants(loss, targets, labels, shape):
        outputs = np.broadcast_to(constant.astype(np.float32), shape)
        try:
            value = loss(Tensor(np.ascontiguousarray(outputs)), Tensor(targets)).item()
        except NnvizError:
            continue
        if math.isfinite(value):
            found.append(value)
    return min(found, default=math.nan) * (job.batch / len(labels) if loss.reduction == "sum" else 1)


SMALLEST = 1e-6
"""A share that is used in place of 0, whose logarithm is not finite."""


def _constants(loss: nn.Loss, targets: Array, labels: Array, shape: tuple[int, ...]) -> list[Array]:
    """Constant answers of which one is the best, or near it."""
    if loss.target == "classes":
        counts = np.bincount(labels.astype(np.int64), minlength=shape[-1])[: shape[-1]]
        return [np.log(np.maximum(counts / counts.sum(), SMALLEST))]
    mean = targets.mean(axis=0)
    if loss.target == "probabilities":
        share = np.clip(mean, SMALLEST, 1 - SMALLEST)
        return [np.log(share / (1 - share)) if loss.wants == "logits" else share]
    if loss.target == "signs":
        return [np.full(shape[1:], value) for value in (-1.0, 0.0, 1.0)]
    return [mean, np.median(targets, axis=0)]


class Checked(Observed, Protocol):
    """The part of a trainer that a check reads."""

    history: LossHistory


class Checkup:
    """The checks of a run, each at its step, and what was found.

    Args:
        network: what is trained.
        job: its job.
        labels: of the training data.

    Attributes:
        known: what was found so far; None before the first check.
    """

    def __init__(self, network: Network, job: Job, labels: Array) -> None:
        self.known: Health | None = None
        self._network, self._since = network, 0
        self._every, self._samples = interval(network, job), samples_of(network)
        self._guess = guess_loss(network, job, labels)

    def resume(self, last_edit: int, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint of the run; what was found in another network, before the last edit, is forgotten."""
        self.known = None if last_edit == checkpoint.step else checkpoint.health
        # A run that was saved and opened again does not know its edits before that.
        self._since = last_edit if self.known is None else self.known.since

    def health(self, trainer: Checked) -> Health:
        """What was found so far; the first check is made where there was none."""
        if self.known is None:
            self.known = replace(judge(None, self._check(trainer)), since=self._since)
        return self.known

    def after_step(self, trainer: Checked) -> None:
        """Make a check if one is due."""
        if is_due(trainer.step - self._since, self._every):
            self.known = judge(self.known, self._check(trainer))

    def _check(self, trainer: Checked) -> Check:
        """The numbers of the present step."""
        # The evaluation at the step of an edit was made before it, perhaps with other data.
        since = [row for row in trainer.history.rows if not self._since or row.step > self._since]
        return check_of(self._network, trainer.step, layers_seen(trainer, self._samples), self._guess, since)
