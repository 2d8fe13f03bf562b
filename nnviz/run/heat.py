"""Runs of a race that one process trains: in lock step where they can be, otherwise by turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.errors import GraphError
from nnviz.network import Network, trace
from nnviz.run.lockstep import Lockstep, likeness
from nnviz.run.queries.predictions import extent_of
from nnviz.run.run import Run
from nnviz.run.standing import Entry, Finished, Point, Report
from nnviz.run.trainer import DivergedError, Step, Trainer

MAP = 24
"""Points along each side of a small map."""

NO_MAP: tuple[Array | None, tuple[float, ...]] = (None, ())

T = TypeVar("T")

Runs = tuple[tuple[Entry, Network], ...]
"""Some runs of a race, with what each of them trains."""


@dataclass(frozen=True)
class Part:
    """What one process trains.

    Attributes:
        number: which part of the race it is.
        runs: its runs.
        steps: how many steps each takes.
        most: how many numbers a run may have at most that is handed on when it has ended.
    """

    number: int
    runs: Runs
    steps: int
    most: int


def parts_of(runs: Runs) -> tuple[Runs, list[Runs]]:
    """The runs put into those that may be able to train in lock step.

    Returns:
        The largest of these groups, and the others: the one that takes longest first.
    """
    groups = [tuple(group) for group in _groups(runs, lambda run: likeness(run[1]))]
    largest = max(groups, key=len, default=())
    others = [group for group in groups if group is not largest]
    return largest, sorted(others, key=_cost, reverse=True)


def _cost(runs: Runs) -> int:
    """How many numbers these runs learn: the more, the longer they take."""
    return sum(trace(network).parameters for _, network in runs)


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


class Heat:
    """Trains some runs of a race, a few steps at a time, so that all are about equally far.

    Args:
        runs: the runs.
        steps: how many steps each takes.
        apart: whether only the runs of the largest lock step are trained here.

    Attributes:
        given_up: those that are not trained here, the ones together that take their steps together; whoever has them
            trained elsewhere takes them out.
    """

    def __init__(self, runs: Runs, steps: int, apart: bool = False) -> None:
        self._steps, self._apart = steps, apart
        self.given_up: list[Runs] = []
        self._waiting = list(runs)
        self._trainers: dict[Entry, Trainer] = {}
        self._runners: list[_Runner] = []
        self._told: dict[Entry, tuple[int, int]] = {}

    @property
    def done(self) -> bool:
        """Whether all have taken their steps."""
        return not self._waiting and all(runner.done for runner in self._runners)

    def advance(self, wanted: Callable[[], bool]) -> None:
        """Go on as long as it is `wanted`, at least by a little."""
        while not self.done:
            if self._waiting:
                entry, network = self._waiting.pop(0)
                self._trainers[entry] = Trainer(Run(network))
                if not self._waiting:
                    self._group()
                    if self._apart:
                        self._give_up()
            else:
                runner = min((one for one in self._runners if not one.done), key=lambda one: one.taken)
                runner.step()
            if not wanted():
                return

    def _group(self) -> None:
        """Put the runs together that can be trained in lock step."""
        # Neighbors with the same activations and the same optimizer are computed at once.
        trainers = sorted(self._trainers.values(), key=lambda one: _order(one.network))
        for alike in _groups(trainers, lambda one: likeness(one.network)):
            self._runners += self._together(alike) or [
                runner
                for same in _groups(alike, lambda one: likeness(one.network, exact=True))
                for runner in self._together(same) or [_Runner([trainer], self._steps) for trainer in same]
            ]

    def _together(self, trainers: Sequence[Trainer]) -> list[_Runner]:
        """The runner of all of these; none if they cannot be trained together."""
        try:
            return [_Runner(trainers, self._steps)]
        except GraphError:
            return []

    def _give_up(self) -> None:
        """Give up all runs but those that train in the largest lock step."""
        largest = max(self._runners, key=lambda one: len(one.trainers))
        for runner in self._runners:
            if runner is not largest:
                entries = self._entries(runner)
                self.given_up.append(tuple((entry, self._trainers.pop(entry).network) for entry in entries))
        self._runners = [largest]

    def _entries(self, runner: _Runner) -> list[Entry]:
        """The runs of a runner, in the order of its trainers."""
        entries = {id(trainer): entry for entry, trainer in self._trainers.items()}
        return [entries[id(trainer)] for trainer in runner.trainers]

    def _standing(self) -> Iterator[tuple[Entry, _Runner, Trainer, bool]]:
        """The runs in their sequence: who advances each, and whether it has diverged."""
        found = {
            entry: (runner, trainer, gone)
            for runner in self._runners
            for entry, trainer, gone in zip(self._entries(runner), runner.trainers, runner.diverged, strict=True)
        }
        for entry in self._trainers:
            if entry in found:
                yield entry, *found[entry]

    def report(self, maps: bool = True) -> tuple[Report, ...]:
        """Where each run stands, with the points of its curve that are new since the last time.

        Args:
            maps: whether the first run of each lane that is still finite says what it answers over the plane.
        """
        reports, mapped = [], set[int]()
        for entry, runner, trainer, gone in self._standing():
            lane, count = entry[0], len(runner.trainers)
            grid, extent = NO_MAP
            if maps and not gone and lane not in mapped:
                mapped.add(lane)
                grid, extent = _map_of(trainer)
            first, points = self._new_points(entry, trainer)
            reports.append(
                Report(
                    entry, runner.taken, trainer.step, gone, runner.seconds / count, count, first, points, grid, extent
                )
            )
        return tuple(reports)

    def _new_points(self, entry: Entry, trainer: Trainer) -> tuple[int, tuple[Point, ...]]:
        """The points of a run's curve that were not told yet, and how many stand before them."""
        rows = trainer.history.rows
        first, step = self._told.get(entry, (0, -1))
        # A full history drops every other row, and a run that diverges goes back: all of it is told anew then.
        if first > len(rows) or (first and rows[first - 1].step != step):
            first = 0
        self._told[entry] = len(rows), rows[-1].step
        new = rows[first:]
        return first, tuple((row.epoch, row.train_loss, row.test_loss, row.test_accuracy) for row in new)

    def finished(self, most: int) -> Mapping[Entry, Finished]:
        """The first run of each lane that is still finite, to go on from.

        Args:
            most: how many numbers it may learn; a larger one is left out, as its copy with the state of an optimizer
                takes up to four times as many.
        """
        for runner in self._runners:
            runner.hand_back()
        found, seen = {}, set[int]()
        for entry, _, trainer, gone in self._standing():
            if gone or entry[0] in seen:
                continue
            seen.add(entry[0])
            if sum(one.numel() for one in trainer.model.parameters()) <= most:
                found[entry] = Finished(trainer.network, trainer.checkpoint())
        return found


def _order(network: Network) -> tuple[str, str]:
    return repr(network.layers), network.settings.optimizer.name


def _groups(items: Sequence[T], key: Callable[[T], object]) -> list[list[T]]:
    """The items with the same key, by key."""
    groups: dict[object, list[T]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return list(groups.values())


def _map_of(trainer: Trainer) -> tuple[Array | None, tuple[float, ...]]:
    """What a run answers over two-dimensional data, and its extent."""
    inputs = trainer.data.dataset.inputs
    if inputs.ndim != 2 or inputs.shape[1] != 2:
        return NO_MAP
    extent = extent_of(inputs)
    x, y = (np.linspace(extent[at], extent[at + 1], MAP, dtype=np.float32) for at in (0, 2))
    points = np.stack([one.ravel() for one in np.meshgrid(x, y[::-1])], axis=1)
    return trainer.evaluator.predict(points), extent
