"""A race in the engine: beside training, paused, ended, and with an error that ends the race alone."""

from __future__ import annotations

import pytest

from nnviz.engine import BeginRace, EndRace, Event, InlineEngine, Moment, PauseRace, Raced, Train
from nnviz.network import opening
from nnviz.network.presets import playground
from nnviz.run import Lane, Race, Run

LANES = (Lane("circle", playground(), 2), Lane("spiral", opening(), 1))


class Heard:
    """An inline engine, and what it said of races."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.engine = InlineEngine(self.events.append)

    @property
    def raced(self) -> list[Raced]:
        return [event for event in self.events if isinstance(event, Raced)]

    @property
    def moments(self) -> list[Moment]:
        return [event for event in self.events if isinstance(event, Moment)]


def test_it_reports_from_the_start_to_the_end() -> None:
    heard = Heard()
    heard.engine.race(BeginRace(7, LANES, 50))
    heard.engine.finish()
    first, *_, last = heard.raced
    assert {event.number for event in heard.raced} == {7}
    assert (first.progress, first.running, first.over) == (0, True, False)
    assert (last.progress, last.running, last.over) == (1, False, True)
    assert [one.steps for one in last.standings] == [50, 50]


def test_training_and_a_race_go_on_side_by_side() -> None:
    alone, beside = Heard(), Heard()
    for heard in (alone, beside):
        heard.engine.start(1, Run(opening()))
        heard.engine.train(Train(steps=300))
        if heard is beside:
            heard.engine.race(BeginRace(1, LANES, 40))
        heard.engine.finish()
    one, other = (heard.moments[-1] for heard in (alone, beside))
    assert one.step == other.step == 300
    assert one.now.train_loss == other.now.train_loss
    assert beside.raced[-1].over


def test_paused_it_waits_until_it_goes_on() -> None:
    heard = Heard()
    heard.engine.race(BeginRace(1, LANES, 2000))
    heard.engine.advance()
    heard.engine.race(PauseRace(True))
    paused = heard.raced[-1]
    assert (paused.running, paused.over) == (False, False)
    assert not heard.engine.advance()
    assert heard.raced[-1] is paused
    heard.engine.race(PauseRace(False))
    assert heard.raced[-1].running
    heard.engine.finish()
    assert heard.raced[-1].over


def test_ended_it_says_where_it_stands_and_no_more() -> None:
    heard = Heard()
    heard.engine.race(BeginRace(1, LANES, 2000))
    for _ in range(20):
        heard.engine.advance()
    count = len(heard.raced)
    heard.engine.race(EndRace())
    assert not heard.engine.advance()
    assert len(heard.raced) == count + 1
    last = heard.raced[-1]
    assert (last.over, last.running) == (True, False)
    assert 0 < last.progress < 1
    # What was learned until then can be taken.
    for one, standing in zip(last.finished, last.standings, strict=True):
        assert one is not None
        assert 0 < one.checkpoint.step == standing.steps
    heard.engine.race(EndRace())
    assert len(heard.raced) == count + 1


def test_another_race_takes_its_place() -> None:
    heard = Heard()
    heard.engine.race(BeginRace(1, LANES, 2000))
    heard.engine.advance()
    heard.engine.race(BeginRace(2, LANES[:1], 10))
    heard.engine.finish()
    assert heard.raced[-1].number == 2
    assert len(heard.raced[-1].standings) == 1


def test_too_much_is_told_and_training_goes_on() -> None:
    heard = Heard()
    heard.engine.start(1, Run(opening()))
    heard.engine.race(BeginRace(1, (Lane("many", opening(), 1000),), 10))
    last = heard.raced[-1]
    assert "at most" in last.message
    assert last.hint
    assert (last.over, last.standings) == (True, ())
    heard.engine.train(Train(steps=3))
    heard.engine.finish()
    assert heard.moments[-1].step == 3


def test_an_error_on_the_way_ends_the_race_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("no good")

    heard = Heard()
    heard.engine.race(BeginRace(1, LANES, 10))
    monkeypatch.setattr(Race, "advance", fail)
    heard.engine.finish()
    assert heard.raced[-1].message == "ValueError: no good"
    assert heard.raced[-1].over
