"""A race: several networks trained from the start for the same number of steps, each with one or more seeds.

Runs whose arrays have the same shapes take their steps in lock step. The others take theirs by turns, or they are
trained elsewhere, in parts, and say here where they stand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from nnviz.errors import NnvizError, TrainingError
from nnviz.network import job_of, trace
from nnviz.run.heat import Heat, Part, Runs, parts_of
from nnviz.run.standing import Entry, Finished, Lane, Progress, Report, Standing, standing_of

MOST_RUNS = 256
"""Runs of a race at most."""

MOST_BYTES = 2**29
"""Bytes that the samples of all runs may take at most: each seed splits the data in its own way."""

MOST_NUMBERS = 2_000_000
"""Numbers that the runs to go on from may have at most, all together."""


class Race:
    """Trains the runs of all lanes, a few steps at a time.

    Args:
        lanes: those that race.
        steps: how many steps each run takes.
        apart: whether only the runs of the largest lock step are trained here; the others are handed out as parts.

    Raises:
        TrainingError: there is nothing to race, or too much for one race.

    Attributes:
        lanes: those that race.
        steps: how many steps each run takes.
    """

    def __init__(self, lanes: Sequence[Lane], steps: int, apart: bool = False) -> None:
        self.lanes, self.steps = tuple(lanes), steps
        _check(self.lanes)
        self._apart = apart
        self._refusals = [_refusal(lane) for lane in self.lanes]
        runs: Runs = tuple(
            ((at, number), network)
            for at, lane in enumerate(self.lanes)
            if not self._refusals[at]
            for number, network in enumerate(lane.runs)
        )
        own, others = parts_of(runs) if apart else (runs, [])
        self._heat = Heat(own, steps, apart)
        self._all = len(runs)
        self._parts: list[Part] = []
        self._out: dict[int, Part | None] = {}
        self._known: dict[Entry, Progress] = {}
        self._ended: dict[Entry, Finished] = {}
        self._restarts = [0] * len(self.lanes)
        self._give_out(others)

    def _give_out(self, parts: Iterable[Runs]) -> None:
        for runs in parts:
            part = Part(len(self._out) + 1, runs, self.steps, MOST_NUMBERS // len(self.lanes))
            self._out[part.number] = part
            self._parts.append(part)

    @property
    def own_done(self) -> bool:
        """Whether all that are trained here have taken their steps."""
        return self._heat.done

    @property
    def done(self) -> bool:
        """Whether all have taken their steps."""
        return self._heat.done and not any(self._out.values())

    @property
    def progress(self) -> float:
        """The share of all steps that were taken, from 0 to 1."""
        if self.done:
            return 1.0
        self._refresh(maps=False)
        return sum(min(run.last.taken, self.steps) for run in self._known.values()) / max(self._all * self.steps, 1)

    def advance(self, wanted: Callable[[], bool]) -> None:
        """Go on as long as it is `wanted`, at least by a little."""
        self._heat.advance(wanted)
        if self._apart:
            self._give_out(self._heat.given_up)
            self._heat.given_up.clear()

    def take_parts(self) -> tuple[Part, ...]:
        """The parts to be trained elsewhere that were not taken yet, the largest first."""
        parts, self._parts = self._parts, []
        return tuple(parts)

    def receive(self, reports: Iterable[Report]) -> None:
        """Take note of where runs stand."""
        for report in reports:
            self._known.setdefault(report.entry, Progress(report)).receive(report)

    def end(self, part: Part, finished: Mapping[Entry, Finished]) -> None:
        """The runs of a part have taken their steps."""
        self._out[part.number] = None
        self._ended.update(finished)

    def begin_again(self, part: Part) -> None:
        """The runs of a part start anew: who trained them has died."""
        for entry, _ in part.runs:
            self._known.pop(entry, None)
        for at in {lane for (lane, _), _ in part.runs}:
            self._restarts[at] += 1

    def fail(self, part: Part, message: str) -> None:
        """The runs of a part cannot be trained; their lanes say why, and the others go on."""
        self._out[part.number] = None
        for (lane, _), _ in part.runs:
            self._refusals[lane] = message

    def finished(self) -> tuple[Finished | None, ...]:
        """For each lane its first run that is still finite, to go on from; None where there is none, or it is large."""
        found = {**self._ended, **self._heat.finished(MOST_NUMBERS // len(self.lanes))}
        first: dict[int, Finished] = {}
        for entry in sorted(found):
            first.setdefault(entry[0], found[entry])
        return tuple(first.get(at) for at in range(len(self.lanes)))

    def standings(self, maps: bool = True) -> tuple[Standing, ...]:
        """Where each lane stands.

        Args:
            maps: whether the small maps of those that are trained here are computed.
        """
        self._refresh(maps)
        return tuple(self._standing(at) for at in range(len(self.lanes)))

    def _refresh(self, maps: bool) -> None:
        self.receive(self._heat.report(maps))

    def _standing(self, at: int) -> Standing:
        if self._refusals[at]:
            return Standing(refusal=self._refusals[at])
        runs = [self._known[entry] for entry in sorted(self._known) if entry[0] == at]
        found = standing_of(runs, trace(self.lanes[at].network).parameters)
        return replace(found, restarts=self._restarts[at])


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
