"""The engine in a process of its own: questions, changes, and what becomes of both when it dies."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from typing import Any

import pytest

from nnviz.engine import Died, Engine, Event, Moment, ProcessEngine, Train
from nnviz.engine.packing import Packer, Same, Unpacker
from nnviz.errors import TrainingError
from nnviz.network import opening
from nnviz.run import Curves, Evaluation, Run, Trainer
from nnviz.run.queries import LayerWeights, Predictions, Samples, TakeCheckpoint
from tests.run.drawn import STACKS, Edit, edited
from tests.run.same import same
from tests.run.test_changes import taken

PATIENCE = 20.0


class Heard:
    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.engine = ProcessEngine(self.events.put)

    def until(self, holds: Callable[[Event], bool]) -> Event:
        while not holds(event := self.events.get(timeout=PATIENCE)):
            pass
        return event

    def moment(self, holds: Callable[[Moment], bool]) -> Moment:
        found = self.until(lambda event: isinstance(event, Moment) and holds(event))
        assert isinstance(found, Moment)
        return found


@pytest.fixture
def heard() -> Iterator[Heard]:
    listener = Heard()
    listener.engine.open()
    yield listener
    listener.engine.close()


def test_it_is_an_engine() -> None:
    engine: Engine = ProcessEngine(lambda _: None)
    engine.close()


@pytest.mark.long
def test_it_changes_and_answers_while_it_trains(heard: Heard) -> None:
    run = Run(STACKS["norms"])
    heard.engine.look([Predictions(), Samples()])
    heard.engine.start(1, run, train=Train())
    heard.moment(lambda m: m.step > 100)
    heard.engine.stop()
    stood = heard.moment(lambda m: not m.running)
    at = stood.step
    assert at > 100
    run = run.changed(at, edited(run.network, Edit("rate", 3, 0)))
    heard.engine.start(2, run, stood.checkpoint, Train())
    moment = heard.moment(lambda m: m.running and m.number == 2 and m.step > at + 50)
    assert moment.seen(Samples()) is not None
    futures = {step: heard.engine.ask(TakeCheckpoint(), step) for step in (0, 7, at - 1, at, at + 20)}
    trainer, steps = Trainer(run), 0
    for step, future in futures.items():
        taken(trainer, step - steps)
        steps = step
        assert same(future.result(PATIENCE).checkpoint, trainer.checkpoint())
    heard.engine.stop()
    stood = heard.moment(lambda m: not m.running)
    taken(trainer, stood.step - steps)
    assert same(stood.checkpoint, trainer.checkpoint())
    assert same(stood.seen(Predictions()), trainer.observe(Predictions()))
    assert same(stood.seen(Samples()), trainer.observe(Samples()))


def test_a_cancelled_question_is_left_and_the_next_is_answered(heard: Heard) -> None:
    heard.engine.start(1, Run(opening()), train=Train(steps=3000))
    heard.moment(lambda m: m.step == 3000)
    futures = [heard.engine.ask(TakeCheckpoint(), 2990 - step) for step in range(20)]
    for future in futures:
        assert future.cancel()
    assert heard.engine.ask(LayerWeights(0), 3000).result(PATIENCE).values.shape == (16, 2)
    with pytest.raises(TrainingError, match="was asked about step 3,001"):
        heard.engine.ask(LayerWeights(0), 3001).result(PATIENCE)


def test_questions_end_with_the_process_and_another_can_be_opened(heard: Heard) -> None:
    heard.engine.start(1, Run(opening()), train=Train())
    heard.moment(lambda m: m.step > 10)
    pid = heard.engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    future = heard.engine.ask(TakeCheckpoint(), 5)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(TrainingError, match="the engine ended before it had an answer"):
        future.result(PATIENCE)
    heard.until(lambda event: isinstance(event, Died))
    with pytest.raises(TrainingError, match="the engine ended"):
        heard.engine.ask(TakeCheckpoint(), 5).result(PATIENCE)
    assert not heard.engine.train(Train())
    heard.engine.open()
    heard.engine.start(2, Run(opening()), train=Train(steps=4))
    assert heard.moment(lambda m: m.number == 2 and m.step == 4).checkpoint is not None
    waiting = heard.engine.ask(TakeCheckpoint(), 2)
    heard.engine.close()
    assert waiting.done()


def test_another_process_answers_what_was_looked_at(heard: Heard) -> None:
    heard.engine.look([Predictions(), Samples()])
    heard.engine.start(1, Run(opening()))
    heard.moment(lambda m: m.seen(Predictions()) is not None)
    pid = heard.engine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    heard.until(lambda event: isinstance(event, Died))
    heard.engine.open()
    heard.engine.start(2, Run(opening()))
    moment = heard.moment(lambda m: m.number == 2 and m.seen(Predictions()) is not None)
    assert moment.seen(Samples()) is not None


@pytest.mark.parametrize("opens", [True, False])
def test_no_question_waits_for_a_process_that_was_replaced(heard: Heard, opens: bool) -> None:
    heard.engine.start(1, Run(opening()), train=Train())
    heard.moment(lambda m: m.step > 10)
    asked: list[Future[Any]] = []
    ends = threading.Event()

    def ask() -> None:
        while not ends.is_set():
            asked.append(heard.engine.ask(LayerWeights(0), 5))

    asking = threading.Thread(target=ask)
    asking.start()
    while len(asked) < 20:
        pass
    (heard.engine.open if opens else heard.engine.close)()
    ends.set()
    asking.join()
    # Those that the new process was asked are refused: it has no run.
    assert not wait(asked, PATIENCE).not_done


def test_a_command_that_cannot_be_sent_ends_the_process_and_says_so(heard: Heard) -> None:
    heard.engine.start(1, Run(opening(), weights={"0.weight": lambda: 0}))  # type: ignore[dict-item]
    heard.until(lambda event: isinstance(event, Died))


def test_what_was_sent_before_is_not_sent_again() -> None:
    trainer = Trainer(Run(opening()))
    one, two = trainer.observe(Samples()), trainer.observe(LayerWeights(0))
    now = Evaluation(0, 0.0, 1.0, 1.0, 0.5, 0.5)

    def moment(*observations: tuple[object, object]) -> Moment:
        return Moment(1, 0, 0.0, True, 0.0, now, Curves.of([now]), dict(observations))  # type: ignore[arg-type]

    packer, unpacker = Packer(), Unpacker()
    moments = [
        moment((Samples(), one)), moment((Samples(), one), (LayerWeights(0), two)), moment((LayerWeights(0), two)),
        moment((Samples(), one)),
    ]  # fmt: skip
    packed = [packer.pack(one) for one in moments]
    repeated = [[type(found) is Same for found in each.observations.values()] for each in packed]
    assert repeated == [[False], [True, False], [True], [False]]
    for each, sent in zip(moments, packed, strict=True):
        assert unpacker.unpack(sent).observations == each.observations
