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
from nnviz.run import Change, Evaluation, Run, Step, Trainer
from nnviz.run.queries import LayerStatistics

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


def changed_later(step: int) -> Run:
    """A run whose only change is made at this step."""
    run = Run(opening())
    settings = run.network.settings
    return run.changed(step, run.network.configure(replace(settings, batch=20)), {}, True)


@pytest.mark.parametrize("command", [Train(steps=1), Train(to_epoch=True), None], ids=["step", "epoch", "pause"])
def test_what_is_asked_while_a_run_catches_up_comes_after_its_changes(command: Train | None) -> None:
    moments: list[Moment] = []
    engine = InlineEngine(lambda event: moments.append(event) if isinstance(event, Moment) else None)
    engine.pace(Pace(20, "step"))
    engine.start(1, changed_later(1000), train=Train())
    engine.advance()
    if command is None:
        engine.stop()
    else:
        engine.train(command)
    engine.finish()
    wanted = {None: 1000, Train(steps=1): 1001}
    last = moments[-1]
    assert not last.running
    assert last.step == wanted[command] if command in wanted else last.step > 1000 and last.epoch % 1 == 0


def test_at_a_slow_pace_a_new_query_does_not_wait_for_the_next_step() -> None:
    moments: list[Moment] = []
    engine = InlineEngine(lambda event: moments.append(event) if isinstance(event, Moment) else None)
    engine.pace(Pace(0.01, "step"))
    engine.start(1, Run(opening()), train=Train())
    engine.advance()
    query = LayerStatistics()
    engine.look([query])
    assert moments[-1].seen(query) is not None
    assert moments[-1].running
    engine.stop()


def test_at_a_slow_pace_the_losses_are_those_of_the_step() -> None:
    """Within an epoch, too: not those of its beginning beside the number of the present step."""
    moments: list[Moment] = []
    engine = InlineEngine(lambda event: moments.append(event) if isinstance(event, Moment) else None)
    engine.pace(Pace(5, "step"))
    engine.start(1, Run(opening()), train=Train(steps=4))
    engine.finish()
    running = [moment for moment in moments if moment.running and moment.step]
    assert running
    assert all(moment.now.step == moment.step for moment in running)


def test_after_another_loss_its_values_are_never_those_of_the_former() -> None:
    run = Run(opening())
    settings = run.network.settings
    summed = run.network.configure(replace(settings, loss=settings.loss.replace(reduction="sum")))
    trainer = Trainer(run)
    for _ in range(8):
        next(trainer.steps())
    moments: list[Moment] = []
    engine = InlineEngine(lambda event: moments.append(event) if isinstance(event, Moment) else None)
    engine.start(1, run.changed(8, summed, {}, True), trainer.checkpoint(), train=Train(steps=5))
    engine.finish()
    assert all(moment.now.train_loss > 2 for moment in moments if moment.step >= 8)
    assert moments[-1].step == 13
