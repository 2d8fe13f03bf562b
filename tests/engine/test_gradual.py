"""Queries that are answered bit by bit: coarse first, between steps, and dropped when nobody looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from nnviz.engine import Event, InlineEngine, Moment, Pace, Train
from nnviz.engine.gradual import GradualWork
from nnviz.engine.looking import SHARE, Looking
from nnviz.errors import TrainingError
from nnviz.run import Refused, Run, Trainer
from nnviz.run.queries import Gradual, LossCurves, LossSlice, Observed, Refined
from tests.run.drawn import STACKS
from tests.run.same import same
from tests.run.test_changes import taken

MAP = LossSlice("random")


class Heard:
    def __init__(self) -> None:
        self.events: list[Event] = []
        self.engine = InlineEngine(self.events.append)
        self.engine.start(1, Run(STACKS["values"]))

    @property
    def moments(self) -> list[Moment]:
        return [event for event in self.events if isinstance(event, Moment)]

    def maps(self) -> list[tuple[int, int, bool]]:
        """Step, fineness and end of each map that was handed over, without repetitions."""
        found = [moment.observations[MAP] for moment in self.moments if MAP in moment.observations]
        told = [(one.step, one.stride, one.done) for one in found]  # type: ignore[attr-defined]
        return [one for at, one in enumerate(told) if at == 0 or told[at - 1] != one]


def test_at_rest_a_coarse_answer_comes_first() -> None:
    heard = Heard()
    heard.engine.look([MAP])
    assert MAP not in heard.moments[-1].observations
    heard.engine.finish()
    assert heard.maps() == [(0, 4, False), (0, 2, False), (0, 1, True)]
    assert same(heard.moments[-1].observations[MAP], MAP.observe(Trainer(Run(STACKS["values"]))))
    # Looked at again, it is there.
    heard.engine.look([MAP, LossCurves()])
    assert heard.moments[-1].seen(MAP) is not None
    heard.engine.finish()
    assert heard.moments[-1].seen(LossCurves()) is not None
    assert heard.maps()[-1] == (0, 1, True)


def test_what_is_not_looked_at_is_not_worked_on() -> None:
    heard = Heard()
    heard.engine.look([MAP])
    heard.engine.advance()
    heard.engine.look([])
    assert not heard.engine.advance()
    assert not heard.moments[-1].observations


def test_after_a_step_it_is_made_anew_and_the_old_one_stands_until_then() -> None:
    heard = Heard()
    heard.engine.look([MAP])
    heard.engine.finish()
    heard.engine.train(Train(steps=3))
    heard.engine.finish()
    assert heard.maps()[-2:] == [(0, 1, True), (3, 1, True)]
    assert heard.moments[-1].step == 3


def test_another_run_has_another_map() -> None:
    heard = Heard()
    heard.engine.look([MAP])
    heard.engine.finish()
    heard.engine.start(2, Run(STACKS["norms"]))
    assert MAP not in heard.moments[-1].observations
    heard.engine.finish()
    trainer = Trainer(Run(STACKS["norms"]))
    assert same(heard.moments[-1].observations[MAP], MAP.observe(trainer))


def test_training_is_as_it_would_be_without() -> None:
    heard = Heard()
    heard.engine.look([MAP, LossSlice("path")])
    heard.engine.train(Train(steps=200))
    heard.engine.finish()
    trainer = Trainer(Run(STACKS["values"]))
    taken(trainer, 200)
    last = [moment.checkpoint for moment in heard.moments if moment.step == 200][-1]
    assert same(last, trainer.checkpoint())


def test_between_the_steps_of_a_slow_pace_there_is_time_for_it() -> None:
    heard = Heard()
    heard.engine.pace(Pace(1, "step"))
    heard.engine.train(Train())
    heard.engine.advance()
    heard.engine.look([MAP])
    while not heard.maps() or not heard.maps()[-1][2]:
        assert heard.engine.advance()
    assert heard.maps() == [(1, 4, False), (1, 2, False), (1, 1, True)]
    heard.engine.stop()
    heard.engine.finish()


@dataclass(frozen=True)
class Failing(Gradual[Refined]):
    """Fails after so many pieces, or at once."""

    after: int = 0
    kind: type[Exception] = TrainingError

    def begin(self, trainer: Observed) -> Iterator[Refined | None]:  # noqa: ARG002 (it fails whatever there is)
        """Fail."""
        for _ in range(self.after):
            yield None
        raise self.kind("no such thing")


@pytest.mark.parametrize("query", [Failing(), Failing(3), Failing(3, ZeroDivisionError)])
def test_what_fails_is_refused_and_the_others_are_answered(query: Failing) -> None:
    heard = Heard()
    heard.engine.look([query, MAP])
    heard.engine.finish()
    found = heard.moments[-1].observations[query]
    assert isinstance(found, Refused)
    assert "no such thing" in found.message
    assert heard.maps()[-1] == (0, 1, True)


def test_a_network_without_a_path_says_so_and_after_some_steps_has_one() -> None:
    heard, path = Heard(), LossSlice("path")
    heard.engine.look([path])
    heard.engine.finish()
    assert isinstance(heard.moments[-1].observations[path], Refused)
    heard.engine.train(Train(steps=5))
    heard.engine.finish()
    seen = heard.moments[-1].seen(path)
    assert seen is not None
    assert (seen.step, seen.done) == (5, True)


@dataclass(frozen=True)
class Endless(Gradual[Refined]):
    """Works on and on."""

    name: str = ""

    def begin(self, trainer: Observed) -> Iterator[Refined | None]:
        """A thousand pieces, and the end."""
        for _ in range(1000):
            yield None
        yield Refined(trainer.step, True)


@pytest.mark.parametrize("count", [1, 3])
def test_while_training_the_work_has_its_share_of_the_time(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    now, spent = [100.0], [0.0]
    monkeypatch.setattr("nnviz.engine.looking.perf_counter", lambda: now[0])
    monkeypatch.setattr("nnviz.engine.gradual.perf_counter", lambda: now[0])
    real = GradualWork._piece

    def piece(work: GradualWork, query: Gradual[Refined]) -> bool:
        now[0] += 0.004
        spent[0] += 0.004
        return real(work, query)

    monkeypatch.setattr(GradualWork, "_piece", piece)
    looking, trainer = Looking(), Trainer(Run(STACKS["values"]))
    looking.look([Endless(str(at)) for at in range(count)])
    begin = now[0]
    for _ in range(6000):
        # A slice of training, as of the worker, and a moment now and then.
        now[0] += 0.01
        looking.observe(trainer, running=True)
        looking.work(0.01, idle=0.0)
    assert 0 < spent[0] <= SHARE / count * (now[0] - begin) + 0.02 * count
    # At rest it has all the time there is.
    before, begin = spent[0], now[0]
    while now[0] - begin < 1 and looking.gradual:
        looking.work(0.01, idle=0.01)
    assert spent[0] - before == pytest.approx(now[0] - begin)


def test_of_an_earlier_step_it_is_answered_between_others() -> None:
    heard = Heard()
    heard.engine.train(Train(steps=20))
    heard.engine.finish()
    future = heard.engine.ask(MAP, 7)
    slices = 0
    while not future.done():
        assert heard.engine.advance()
        slices += 1
    trainer = Trainer(Run(STACKS["values"]))
    taken(trainer, 7)
    assert same(future.result(), MAP.observe(trainer))
    # The map takes many slices of 10 ms, between which commands are heard.
    assert slices > 2
    dropped = heard.engine.ask(MAP, 7)
    heard.engine.advance()
    assert dropped.cancel()
    heard.engine.finish()
    assert isinstance(heard.engine.ask(LossSlice("path"), 0).exception(), TrainingError)
