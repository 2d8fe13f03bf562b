"""Where a race stands: what each run has reported, and the means of a lane."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.network import Network
from nnviz.run.checkpoint import Checkpoint

POINTS = 200
"""Points of a curve at most; of more evaluations every other one is left out, of twice as many every fourth, ..."""

Floats = NDArray[np.float64]

Point = tuple[float, float, float, float]
"""An evaluation of a run: epoch, training loss, test loss, accuracy on the test data."""

Entry = tuple[int, int]
"""One run of a race: the number of its lane, and its own number in it."""


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
class Report:
    """Where one run stands.

    Attributes:
        entry: which run.
        taken: how many steps it has had its turn for.
        step: how many steps it has taken; fewer, if it has gone back to its last finite weights.
        diverged: whether its loss was not finite at some step.
        seconds: of training, without the evaluations between.
        together: how many runs took each step together with it, itself counted.
        first: how many points of its curve were reported before.
        points: those that are new.
        grid, extent: what it answers over two-dimensional data, as in `Standing`; None where it was not asked.
    """

    entry: Entry
    taken: int
    step: int
    diverged: bool
    seconds: float
    together: int
    first: int
    points: tuple[Point, ...]
    grid: Array | None = None
    extent: tuple[float, ...] = ()


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
        restarts: how often runs of it have started anew, because the process that trained them had died.
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
    restarts: int = 0

    @property
    def loss(self) -> float:
        """The last mean of the test losses; infinite before there is one."""
        return float(self.test_loss[-1]) if len(self.test_loss) else math.inf


@dataclass(eq=False)
class Progress:
    """What is known of one run: its last report, and all points of its curve."""

    last: Report
    points: list[Point] = field(default_factory=list)

    def receive(self, report: Report) -> None:
        """Add a report; one that begins before the end of the curve replaces what comes after."""
        del self.points[report.first :]
        self.points += report.points
        grid = report if report.grid is not None else self.last
        self.last = replace(report, points=(), grid=grid.grid, extent=grid.extent)


def standing_of(runs: Sequence[Progress], parameters: int) -> Standing:
    """Where a lane stands.

    Args:
        runs: what is known of its runs, by their seeds; those of which nothing is known are left out.
        parameters: how many numbers each of them learns.
    """
    if not runs:
        return Standing(parameters=parameters)
    left = [run for run in runs if not run.last.diverged]
    found = Standing(
        steps=max(run.last.step for run in runs),
        diverged=len(runs) - len(left),
        parameters=parameters,
        seconds=sum(run.last.seconds for run in runs),
        together=max(run.last.together for run in runs),
    )
    if not left or not min(len(run.points) for run in left):
        return found
    shown = left[0].last
    return replace(_with_curves(found, [run.points for run in left]), grid=shown.grid, extent=shown.extent)


def _with_curves(found: Standing, points: Sequence[Sequence[Point]]) -> Standing:
    """The standing with the curves of some runs, and their last spread and accuracy."""
    count = min(map(len, points))
    stride = max(-(-count // POINTS), 1)
    # The last one is always among them.
    kept = range((count - 1) % stride, count, stride)
    # (runs, points, 4)
    numbers = np.array([[own[at] for at in kept] for own in points], np.float64)
    train, test = numbers[..., 1], numbers[..., 2]
    return replace(
        found,
        epoch=numbers[0, :, 0],
        train_loss=train.mean(axis=0),
        test_loss=test.mean(axis=0),
        low=train.min(axis=0),
        high=train.max(axis=0),
        spread=float(test[:, -1].std(ddof=1)) if len(points) > 1 else math.nan,
        accuracy=float(np.mean(numbers[:, -1, 3])),
    )


def winner(standings: Sequence[Standing]) -> int | None:
    """The number of the lane with the lowest mean test loss; None as long as there is none."""
    losses = [one.loss if math.isfinite(one.loss) else math.inf for one in standings]
    best = min(losses, default=math.inf)
    return losses.index(best) if math.isfinite(best) else None
