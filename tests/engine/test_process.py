"""The training process: what it is told, what it says, and that it ends."""

from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from nnviz.engine import Compared, Died, Event, Failed, Look, Moment, Pause, Start, Train, TrainingProcess
from nnviz.engine.worker import INTERVAL
from nnviz.network import Network, opening
from nnviz.registry import Spec
from nnviz.run import Run, Trainer
from nnviz.run.queries import GRID, Predictions
from tests.run.same import same

PATIENCE = 20.0


class Heard:
    """The process, and its events in the order in which they came."""

    def __init__(self) -> None:
        self.events: queue.Queue[tuple[float, Event]] = queue.Queue()
        self.process = TrainingProcess(lambda event: self.events.put((time.monotonic(), event)))

    def until(self, holds: Callable[[Event], bool]) -> Event:
        end = time.monotonic() + PATIENCE
        while True:
            _, event = self.events.get(timeout=max(end - time.monotonic(), 0.001))
            if holds(event):
                return event

    def moment(self, holds: Callable[[Moment], bool]) -> Moment:
        found = self.until(lambda event: isinstance(event, Moment) and holds(event))
        assert isinstance(found, Moment)
        return found


@pytest.fixture
def heard() -> Iterator[Heard]:
    listener = Heard()
    listener.process.start()
    yield listener
    listener.process.stop()


def losses(network: Network, steps: int) -> list[float]:
    trainer = Trainer(Run(network))
    generator = trainer.steps()
    for _ in range(steps):
        next(generator)
    return [row.train_loss for row in trainer.history.rows]


def test_it_reports_the_start_then_trains_and_pauses(heard: Heard) -> None:
    heard.process.send(Look((Predictions(),)))
    heard.process.send(Start(1, Run(opening())))
    start = heard.moment(lambda m: m.step == 0)
    said = start.seen(Predictions())
    assert said is not None
    assert said.answers.shape == (GRID * GRID, 2)
    assert start.checkpoint is not None
    heard.process.send(Train())
    running = heard.moment(lambda m: m.step > 200)
    assert running.running
    heard.process.send(Pause())
    stood = heard.moment(lambda m: not m.running)
    assert stood.step >= running.step
    assert stood.rate == 0


def test_it_goes_from_plan_to_tape_and_back_while_it_trains(heard: Heard) -> None:
    run = Run(opening(), planned=False)
    heard.process.send(Start(1, run, train=Train()))
    for number in (2, 3, 4):
        heard.moment(lambda m: m.running and m.step > 20 and m.number == number - 1)  # noqa: B023 (called at once)
        heard.process.send(Pause())
        stood = heard.moment(lambda m: not m.running)
        run = run.changed(stood.step, planned=not run.planned_now)
        heard.process.send(Start(number, run, stood.checkpoint, Train()))
        moved = heard.moment(lambda m: m.running and m.step > stood.step)  # noqa: B023 (called at once)
        assert moved.planned is run.planned_now


def test_it_compares_plan_and_tape_when_nothing_else_is_to_do(heard: Heard) -> None:
    heard.process.send(Start(1, Run(opening())))
    compared = heard.until(lambda event: isinstance(event, Compared))
    assert isinstance(compared, Compared)
    assert compared.number == 1
    assert min(compared.costs.plan, compared.costs.tape) > 0
    heard.process.send(Train(steps=50))
    moment = heard.moment(lambda m: m.step == 50)
    # Measuring left no trace on the run.
    trainer = Trainer(Run(opening()))
    for _ in zip(range(50), trainer.steps(), strict=False):
        pass
    assert same(moment.checkpoint, trainer.checkpoint())


def test_it_stops_within_a_tenth_of_a_second(heard: Heard) -> None:
    heard.process.send(Look((Predictions(),)))
    heard.process.send(Start(1, Run(opening())))
    waits = []
    # The best of a few: other work on the machine can hold up any single one.
    for _ in range(5):
        heard.process.send(Train())
        heard.moment(lambda m: m.running)
        begin = time.monotonic()
        heard.process.send(Pause())
        heard.moment(lambda m: not m.running)
        waits.append(time.monotonic() - begin)
    assert min(waits) < 0.1


def test_started_twice_it_trains_once_and_pauses_once(heard: Heard) -> None:
    for _ in range(2):
        heard.process.send(Start(1, Run(opening())))
    for _ in range(3):
        heard.process.send(Train())
    heard.moment(lambda m: m.running and m.step > 0)
    for _ in range(2):
        heard.process.send(Pause())
    paused = heard.moment(lambda m: not m.running)
    trainer = Trainer(Run(opening()))
    for _ in zip(range(paused.step), trainer.steps(), strict=False):
        pass
    assert same(paused.checkpoint, trainer.checkpoint())
    heard.process.send(Train(steps=1))
    # Had anything gone on behind, it would be further.
    assert heard.moment(lambda m: not m.running and m.step > paused.step).step == paused.step + 1


def test_it_is_the_same_run_as_the_plain_generator(heard: Heard) -> None:
    heard.process.send(Start(1, Run(opening())))
    heard.process.send(Train(steps=130))
    told = heard.moment(lambda m: m.step == 130)
    assert told.curves.train_loss[:-1].tolist() == losses(opening(), 130)
    trainer = Trainer(Run(opening()))
    generator = trainer.steps()
    for _ in range(130):
        next(generator)
    assert told.checkpoint is not None
    for name, array in trainer.model.state_dict().items():
        np.testing.assert_array_equal(told.checkpoint.parameters[name], array)


def test_a_run_goes_on_from_a_state(heard: Heard) -> None:
    heard.process.send(Start(1, Run(opening())))
    heard.process.send(Train(steps=60))
    state = heard.moment(lambda m: m.step == 60).checkpoint
    heard.process.send(Start(2, Run(opening()), state))
    heard.process.send(Train(steps=70))
    assert heard.moment(lambda m: m.step == 130).curves.train_loss[:-1].tolist() == losses(opening(), 130)


def test_it_speaks_at_most_twenty_times_a_second(heard: Heard) -> None:
    heard.process.send(Start(1, Run(opening())))
    heard.process.send(Train())
    heard.moment(lambda m: m.running)
    times = []
    while len(times) < 12:
        at, event = heard.events.get(timeout=PATIENCE)
        assert isinstance(event, Moment)
        times.append(at)
    assert (times[-1] - times[0]) / (len(times) - 1) >= 0.9 * INTERVAL


def test_epochs_and_steps_end_where_they_should(heard: Heard) -> None:
    heard.process.send(Start(1, Run(opening())))
    for order, step in ((Train(steps=1), 1), (Train(to_epoch=True), 25), (Train(to_epoch=True), 50)):
        heard.process.send(order)
        assert not heard.moment(lambda m, step=step: m.step == step).running  # type: ignore[misc]


def test_what_goes_wrong_in_a_run_is_told_and_the_process_lives(heard: Heard) -> None:
    wild = replace(opening().settings, optimizer=Spec.of("SGD", lr=1e308, momentum=0.0))
    heard.process.send(Start(1, Run(opening().configure(wild))))
    heard.process.send(Train())
    failed = heard.until(lambda event: isinstance(event, Failed))
    assert isinstance(failed, Failed)
    assert "is not a finite number" in failed.message
    heard.process.send(Start(2, Run(opening().remove(0))))
    failed = heard.until(lambda event: isinstance(event, Failed))
    assert "the stack cannot run" in failed.message  # type: ignore[union-attr]
    heard.process.send(Train())
    heard.process.send(Start(3, Run(opening())))
    assert heard.moment(lambda m: m.number == 3).step == 0


def test_nobody_waits_for_a_process_that_does_not_read(heard: Heard) -> None:
    heard.process.send(Start(1, Run(opening())))
    heard.moment(lambda m: m.step == 0)
    assert heard.process.pid is not None
    os.kill(heard.process.pid, signal.SIGSTOP)
    # Far more than a pipe holds: were it written here, this would never come to its end.
    for run in range(2, 12):
        assert heard.process.send(Start(run, Run(opening(), {"unused": np.zeros((100_000, 2), np.float32)})))
    os.kill(heard.process.pid, signal.SIGCONT)
    heard.moment(lambda m: m.number == 11)


def test_its_death_is_told_and_another_can_be_started(heard: Heard) -> None:
    heard.process.send(Start(1, Run(opening())))
    heard.moment(lambda m: m.step == 0)
    assert heard.process.pid is not None
    os.kill(heard.process.pid, signal.SIGKILL)
    died = heard.until(lambda event: isinstance(event, Died))
    assert died == Died("it was ended by SIGKILL")
    heard.process.start()
    heard.process.send(Start(2, Run(opening())))
    assert heard.moment(lambda m: m.number == 2).step == 0


def test_stopping_ends_it_at_once_even_when_it_hangs(heard: Heard) -> None:
    heard.process.send(Start(1, Run(opening())))
    heard.process.send(Train())
    heard.moment(lambda m: m.running)
    pid = heard.process.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    begin = time.monotonic()
    heard.process.stop()
    assert time.monotonic() - begin < 0.8
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert not heard.process.send(Pause())


def test_sending_to_nobody_is_no_error() -> None:
    process = TrainingProcess(lambda event: None)
    assert not process.send(Pause())
    process.stop()
