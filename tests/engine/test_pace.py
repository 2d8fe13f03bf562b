"""The pace of training, by a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.engine import FULL, Event, InlineEngine, Moment, Pace, Train
from nnviz.engine.pace import Pacer
from nnviz.network import opening
from nnviz.run import Change, Evaluation, Run, Step

EVALUATION = Evaluation(0, 0.0, 1.0, 1.0, 0.5, 0.5)


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def taken(pacer: Pacer, clock: Clock, seconds: float, cost: float, epoch: int) -> list[float]:
    """When each step was taken, with steps that cost `cost` seconds and epochs of `epoch` steps."""
    end, times = clock.now + seconds, list[float]()
    pacer.restart()
    while clock.now < end:
        clock.now += pacer.wait
        pacer.begin()
        times.append(clock.now)
        clock.now += cost
        number = len(times)
        pacer.ends(Step(number, 1.0, EVALUATION if number % epoch == 0 else None))
    return times


@given(rate=st.floats(0.5, 50), cost=st.floats(0.0001, 0.1), epoch=st.integers(1, 40))
def test_units_begin_at_the_pace_or_as_soon_as_they_can(rate: float, cost: float, epoch: int) -> None:
    for unit, steps in (("step", 1), ("epoch", epoch)):
        clock = Clock()
        pacer = Pacer(clock)
        pacer.pace = Pace(rate, unit)  # type: ignore[arg-type]
        begins = taken(pacer, clock, 5.0, cost, epoch)[::steps]
        wanted = max(1 / rate, steps * cost)
        assert [b - a for a, b in pairwise(begins)] == pytest.approx([wanted] * (len(begins) - 1))


def test_at_full_speed_nothing_waits() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    assert taken(pacer, clock, 1.0, 0.1, 3)[1] == pytest.approx(100.1)
    assert str(FULL) == "full speed"
    assert (str(Pace(1, "step")), str(Pace(20))) == ("1 step/s", "20 epochs/s")


def test_steps_up_to_a_change_are_taken_without_pauses() -> None:
    clock = Clock()
    pacer = Pacer(clock)
    pacer.pace = Pace(1, "step")
    pacer.restart(free_until=3)
    waits = []
    for number in range(1, 6):
        waits.append(pacer.wait)
        pacer.begin()
        pacer.ends(Step(number, 1.0, None))
    assert waits == pytest.approx([0, 0, 0, 0, 1])


@pytest.mark.parametrize(("pace", "between"), [(Pace(1000, "step"), 1), (Pace(1000, "epoch"), 25)])
def test_a_moment_follows_every_unit(pace: Pace, between: int) -> None:
    moments: list[Moment] = []
    engine = InlineEngine(lambda event: moments.append(event) if isinstance(event, Moment) else None)
    engine.pace(pace)
    engine.start(1, Run(opening()), train=Train(steps=3 * between))
    engine.finish()
    steps = [moment.step for moment in moments if moment.running or moment.step]
    assert sorted(set(steps)) == [at * between for at in range(len(set(steps)))]
    assert steps[-1] == 3 * between


def test_the_pace_changes_no_number() -> None:
    """Paced and at full speed, from a checkpoint with changes behind it: the same moment bit for bit."""
    ends: list[Moment] = []
    run = Run(opening())
    settings = run.network.settings
    changed = run.changed(7, run.network.configure(replace(settings, batch=20)), {}, True)
    for pace in (FULL, Pace(500, "step")):
        last: list[Event] = []
        engine = InlineEngine(last.append)
        engine.pace(pace)
        engine.start(1, changed, train=Train(steps=20))
        engine.finish()
        ends.append(next(event for event in reversed(last) if isinstance(event, Moment)))
    full, paced = ends
    assert full.step == paced.step
    assert full.now == paced.now
    assert isinstance(changed.changes[0], Change)
