"""A race: several networks trained from the start for the same number of steps, each with one or more seeds.

Runs whose arrays have the same shapes take their steps in lock step; the others take theirs one after the other, a few
at a time, so that all are about equally far.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.errors import GraphError, NnvizError, TrainingError
from nnviz.network import Network, job_of, trace
from nnviz.run.checkpoint import Checkpoint
from nnviz.run.lockstep import Lockstep, likeness
from nnviz.run.queries.predictions import extent_of
from nnviz.run.run import Run
from nnviz.run.trainer import DivergedError, Step, Trainer

MOST_RUNS = 256
"""Runs of a race at most."""

MOST_BYTES = 2**29
"""Bytes that the samples of all runs may take at most: each seed splits the data in its own way."""

MOST_NUMBERS = 2_000_000
"""Numbers that the runs to go on from may have at most, all together."""

POINTS = 200
"""Points of a curve at most; of more evaluations every other one is left out, of twice as many every fourth, ..."""

MAP = 24
"""Points along each side of a small map."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Lane:
    """One of those that race.

    Attributes:
        label: what it differs in.
        network: what is trained; each of its runs has another seed, from that of its settings on.
        seeds: how many runs it has, at least 1.
    """

    label: str
    network: Network
    seeds: int = 1

    @property
    def runs(self) -> tuple[Network, ...]:
        """The network of each run."""
        settings = self.network.settings
        seeds = ((settings.seed + number) % 2**32 for number in range(self.seeds))
        return tuple(self.network.configure(replace(settings, seed=seed)) for seed in seeds)


@dataclass(frozen=True, eq=False)
class Finished:
    """A run of a race, where it has ended.

    Attributes:
        network: what was trained.
        checkpoint: all that it goes on from.
    """

    network: Network
    checkpoint: Checkpoint


@dataclass(frozen=True, eq=False)
class Standing:
    """Where one lane of a race stands: means over its runs that are still finite.

    Attributes:
        steps: how many steps each run has taken.
        epoch: when the losses were measured, in epochs.
        train_loss, test_loss: their means over the runs, (points,).
        low, high: the lowest and the highest training loss of the runs, (points,).
        spread: the standard deviation of the last test losses; NaN of one run.
        accuracy: the mean of the last accuracies on the test data; NaN for a regression.
        diverged: how many runs had a loss that was not finite; they are left out from the start.
        parameters: how many numbers each run learns.
        seconds: of training, together for all its runs, without the evaluations between.
        together: how many runs of the race took each step together with one of these, itself counted.
        grid: of two-dimensional data what the first run answers on a grid of MAP x MAP points, rows from the top down,
            (points, outputs): class probabilities, or values; None of other data.
        extent: lowest and highest of each feature on that grid.
        refusal: why it cannot be trained; empty if it can.
    """

    steps: int = 0
    epoch: Floats = field(default_factory=lambda: np.empty(0))
    train_loss: Floats = field(default_factory=lambda: np.empty(0))
    test_loss: Floats = field(default_factory=lambda: np.empty(0))
    low: Floats = field(default_factory=lambda: np.empty(0))
    high: Floats = field(default_factory=lambda: np.empty(0))
    spread: float = math.nan
    accuracy: float = math.nan
    diverged: int = 0
    parameters: int = 0
    seconds: float = 0.0
    together: int = 1
    grid: Array | None = None
    extent: tuple[float, ...] = ()
    refusal: str = ""

    @property
    def loss(self) -> float:
        """The last mean of the test losses; infinite before there is one."""
        return float(self.test_loss[-1]) if len(self.test_loss) else math.inf


def winner(standings: Sequence[Standing]) -> int | None:
    """The number of the lane with the lowest mean test loss; None as long as there is none."""
    losses = [one.loss if math.isfinite(one.loss) else math.inf for one in standings]
    best = min(losses, default=math.inf)
    return losses.index(best) if math.isfinite(best) else None


class _Runner:
    """Some runs of a race that advance together, or one that advances alone."""

    def __init__(self, trainers: Sequence[Trainer], steps: int) -> None:
        self.trainers, self._goal = trainers, steps
        self.taken, self.seconds = 0, 0.0
        self.diverged = [False] * len(trainers)
        self._lockstep: Lockstep | None = None
        self._alone: Iterator[Step] | None = None
        if len(trainers) > 1:
            self._lockstep = Lockstep(trainers)

    @property
    def done(self) -> bool:
        return self.taken >= self._goal or all(self.diverged)

    def step(self) -> None:
        """Take one step, of each run."""
        begin = perf_counter()
        if self._lockstep is not None:
            self._lockstep.step()
            self.diverged = self._lockstep.diverged.tolist()
        else:
            self._alone = self._alone or self.trainers[0].steps()
            try:
                next(self._alone)
            except DivergedError:
                self.diverged = [True]
        self.taken += 1
        self.seconds += perf_counter() - begin
        if self.done and self.trainers[0].used:
            self._measure()

    def hand_back(self) -> None:
        """Let the trainers stand as if each had taken its steps alone."""
        if self._lockstep is not None:
            self._lockstep.hand_back()

    def _measure(self) -> None:
        """The last losses, where the goal is within an epoch."""
        if self._lockstep is not None:
            self._lockstep.record()
        elif not self.diverged[0]:
            self.trainers[0].history.append(self.trainers[0].evaluate())


class Race:
    """Trains the runs of all lanes, a few steps at a time.

    Args:
        lanes: those that race.
        steps: how many steps each run takes.

    Raises:
        TrainingError: there is nothing to race, or too much for one race.

    Attributes:
        lanes: those that race.
        steps: how many steps each run takes.
    """

    def __init__(self, lanes: Sequence[Lane], steps: int) -> None:
        self.lanes, self.steps = tuple(lanes), steps
        _check(self.lanes)
        self._refusals = [_refusal(lane) for lane in self.lanes]
        self._waiting = [
            (at, network) for at, lane in enumerate(self.lanes) for network in (() if self._refusals[at] else lane.runs)
        ]
        self._all = len(self._waiting)
        self._ready: list[tuple[int, Trainer]] = []
        self._runners: list[_Runner] = []
        self._lane_of: dict[int, int] = {}

    @property
    def done(self) -> bool:
        """Whether all have taken their steps."""
        return not self._waiting and all(runner.done for runner in self._runners)

    @property
    def progress(self) -> float:
        """The share of all steps that were taken, from 0 to 1."""
        if self.done:
            return 1.0
        taken = sum(min(runner.taken, self.steps) * len(runner.trainers) for runner in self._runners)
        return taken / max(self._all * self.steps, 1)

    def advance(self, wanted: Callable[[], bool]) -> None:
        """Go on as long as it is `wanted`, at least by a little."""
        while not self.done:
            if self._waiting:
                at, network = self._waiting.pop(0)
                self._ready.append((at, Trainer(Run(network))))
                if not self._waiting:
                    self._group()
            else:
                runner = min((one for one in self._runners if not one.done), key=lambda one: one.taken)
                runner.step()
            if not wanted():
                return

    def _group(self) -> None:
        """Put the runs together that can be trained in lock step."""
        self._lane_of = {id(trainer): at for at, trainer in self._ready}
        # Neighbors with the same activations and the same optimizer are computed at once.
        trainers = sorted((trainer for _, trainer in self._ready), key=lambda one: _order(one.network))
        for alike in _groups(trainers, lambda one: likeness(one.network)):
            self._runners += self._together(alike) or [
                runner
                for same in _groups(alike, lambda one: likeness(one.network, exact=True))
                for runner in self._together(same) or [_Runner([trainer], self.steps) for trainer in same]
            ]

    def _together(self, trainers: Sequence[Trainer]) -> list[_Runner]:
        """The runner of all of these; none if they cannot be trained together."""
        try:
            return [_Runner(trainers, self.steps)]
        except GraphError:
            return []

    def finished(self) -> tuple[Finished | None, ...]:
        """For each lane its first run that is still finite, to go on from; None where there is none, or it is large."""
        for runner in self._runners:
            runner.hand_back()
        return tuple(self._finished(at) for at in range(len(self.lanes)))

    def _finished(self, at: int) -> Finished | None:
        runs = self._runs(at)
        left = [trainer for _, trainer, gone in runs if not gone]
        # Copied with the state of an optimizer, which is up to three times as large.
        if not left or sum(one.numel() for one in left[0].model.parameters()) * len(self.lanes) > MOST_NUMBERS:
            return None
        return Finished(left[0].network, left[0].checkpoint())

    def _runs(self, at: int) -> list[tuple[_Runner, Trainer, bool]]:
        """The runs of a lane by their seeds: who advances them, and whether they have diverged."""
        runs = [
            (runner, trainer, gone)
            for runner in self._runners
            for trainer, gone in zip(runner.trainers, runner.diverged, strict=True)
            if self._lane_of[id(trainer)] == at
        ]
        order = [id(trainer) for _, trainer in self._ready]
        return sorted(runs, key=lambda run: order.index(id(run[1])))

    def standings(self, maps: bool = True) -> tuple[Standing, ...]:
        """Where each lane stands.

        Args:
            maps: whether the small maps are computed.
        """
        return tuple(self._standing(at, maps) for at in range(len(self.lanes)))

    def _standing(self, at: int, maps: bool) -> Standing:
        if self._refusals[at]:
            return Standing(refusal=self._refusals[at])
        runs = self._runs(at)
        if not runs:
            return Standing(parameters=trace(self.lanes[at].network).parameters)
        left = [trainer for _, trainer, gone in runs if not gone]
        found = Standing(
            steps=max(trainer.step for _, trainer, _ in runs),
            diverged=len(runs) - len(left),
            parameters=trace(self.lanes[at].network).parameters,
            seconds=sum(runner.seconds / len(runner.trainers) for runner, _, _ in runs),
            together=max(len(runner.trainers) for runner, _, _ in runs),
        )
        if not left:
            return found
        found = _with_curves(found, left)
        return _with_map(found, left[0]) if maps else found


def _order(network: Network) -> tuple[str, str]:
    return repr(network.layers), network.settings.optimizer.name


def _groups(trainers: Sequence[Trainer], key: Callable[[Trainer], object]) -> list[list[Trainer]]:
    """The trainers with the same key, by key."""
    groups: dict[object, list[Trainer]] = {}
    for trainer in trainers:
        groups.setdefault(key(trainer), []).append(trainer)
    return list(groups.values())


def _with_curves(found: Standing, trainers: Sequence[Trainer]) -> Standing:
    """The standing with the curves of some runs, and their last spread and accuracy."""
    rows = [trainer.history.rows for trainer in trainers]
    count = min(map(len, rows))
    stride = max(-(-count // POINTS), 1)
    # The last one is always among them.
    kept = range((count - 1) % stride, count, stride)
    train, test = (
        np.array([[getattr(own[at], name) for at in kept] for own in rows], np.float64)
        for name in ("train_loss", "test_loss")
    )
    last = [own[count - 1] for own in rows]
    return replace(
        found,
        epoch=np.array([rows[0][at].epoch for at in kept]),
        train_loss=train.mean(axis=0),
        test_loss=test.mean(axis=0),
        low=train.min(axis=0),
        high=train.max(axis=0),
        spread=float(test[:, -1].std(ddof=1)) if len(rows) > 1 else math.nan,
        accuracy=float(np.mean([one.test_accuracy for one in last])),
    )


def _with_map(found: Standing, trainer: Trainer) -> Standing:
    """The standing with what a run answers over two-dimensional data."""
    inputs = trainer.data.dataset.inputs
    if inputs.ndim != 2 or inputs.shape[1] != 2:
        return found
    extent = extent_of(inputs)
    x, y = (np.linspace(extent[at], extent[at + 1], MAP, dtype=np.float32) for at in (0, 2))
    points = np.stack([one.ravel() for one in np.meshgrid(x, y[::-1])], axis=1)
    return replace(found, grid=trainer.evaluator.predict(points), extent=extent)


def _check(lanes: Sequence[Lane]) -> None:
    """Check that there is something to race, and not too much.

    Raises:
        TrainingError: there is not, or too much.
    """
    runs = sum(lane.seeds for lane in lanes)
    if not runs:
        raise TrainingError("a race needs at least one network", "choose something else to vary")
    if runs > MOST_RUNS:
        raise TrainingError(f"a race has at most {MOST_RUNS} runs, and this one has {runs:,}", "take fewer seeds")
    size = 0
    for lane in lanes:
        schema = job_of(lane.network).schema
        size += (
            lane.seeds * (schema.train + schema.test) * math.prod(schema.sample_shape) * np.dtype(np.float32).itemsize
        )
    if size > MOST_BYTES:
        most = f"a race may take {MOST_BYTES / 2**20:,.0f} MB"
        raise TrainingError(
            f"the samples of {runs:,} runs take {size / 2**20:,.0f} MB, and {most}",
            "take fewer seeds, or smaller data",
        )


def _refusal(lane: Lane) -> str:
    """Why a lane cannot be trained; empty if it can."""
    try:
        found = trace(lane.network)
    except NnvizError as error:
        return error.message
    if found.diagnostic is not None:
        return found.diagnostic.message
    return "" if found.parameters else "there are no parameters to learn"
