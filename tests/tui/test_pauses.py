"""While the network trains, what took long to draw is drawn less often; what the user asks for is drawn at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult

from nnviz.engine import Moment, Pace
from nnviz.lab import Entry, Lab
from nnviz.network import opening
from nnviz.run import Curves, Evaluation, Observation, Query, Refused, Run
from nnviz.run.queries import Predictions
from nnviz.tui.commands import all_commands
from nnviz.tui.keymap import Keys
from nnviz.tui.panels import panels
from nnviz.tui.panels.graph import GraphPanel
from nnviz.tui.panels.training import TrainingPanel
from nnviz.tui.widgets.panel import Panel, Seen
from tests.tui.conftest import until

KEYS = Keys({}, all_commands())
LAB = Lab(Entry(Run(opening())))
TRAINS = LAB.with_status(running=True)


class Counting(Panel):
    """A panel that counts its drawings. What is seen of a moment is its walk, which stands for any value."""

    NUMBER, NAME, ABOUT = 1, "counting", "counting"
    count, last = 0, -1

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The row, which the user chooses, and what is seen."""
        return lab.row, lab.status.running, str(seen.error)

    def draw(self, lab: Lab, seen: Seen) -> None:  # noqa: ARG002 (of all panels alike)
        """Count, and have taken a second: a pause of 33."""
        self.count += 1
        self.last = int(str(seen.error))
        self.painting = self.took

    took = 1.0


class Awaiting(Counting):
    """A panel that asks for the predictions, and whose last picture stays until they are there."""

    AWAITS = True

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:
        """The predictions."""
        return frozenset({Predictions()})


class Page(App[None]):
    """An app with such a panel."""

    def __init__(self, kind: type[Counting] = Counting) -> None:
        super().__init__()
        self._kind = kind

    def compose(self) -> ComposeResult:
        """Compose it."""
        yield self._kind(KEYS)


def seen(number: int) -> Seen:
    """A moment with this number."""
    return Seen(error=ValueError(number))


def answered(number: int, *answers: Query[Observation]) -> Seen:
    """The same, with answers to these queries."""
    start = Evaluation(0, 0.0, 1.0, 1.0, 0.0, 0.0)
    answer = Refused("no answer is as good as another", "")
    moment = Moment(1, 0, 0.0, False, 0.0, start, Curves.of([start]), dict.fromkeys(answers, answer))
    return Seen(moment, error=ValueError(number))


async def test_what_took_long_is_left_out_until_the_pause_is_over_or_the_user_asks_for_something() -> None:
    async with Page().run_test() as pilot:
        panel = pilot.app.query_one(Counting)
        await until(pilot, lambda: bool(panel.size))
        panel.show(TRAINS, seen(0))
        before = panel.count
        for number in range(1, 9):
            panel.show(TRAINS, seen(number))
        assert panel.count == before
        panel.show(TRAINS.select(3), seen(9))
        assert (panel.count, panel.last) == (before + 1, 9)
        panel.show(TRAINS.select(3), seen(10))
        assert panel.last == 9
        # At the end of training the last state is shown.
        panel.show(LAB.select(3), seen(10))
        assert panel.last == 10


async def test_a_new_size_or_theme_makes_no_pause() -> None:
    async with Page().run_test() as pilot:
        panel = pilot.app.query_one(Counting)
        await until(pilot, lambda: bool(panel.size))
        panel.show(TRAINS, seen(0))
        panel.show(TRAINS, seen(1))
        assert panel.last == 0
        panel.recolor()
        assert panel.last == 1


async def test_what_was_left_out_is_drawn_after_the_pause_although_nothing_else_happens() -> None:
    async with Page().run_test() as pilot:
        panel = pilot.app.query_one(Counting)
        await until(pilot, lambda: bool(panel.size))
        panel.took = 0.003
        panel.show(TRAINS, seen(0))
        panel.show(TRAINS, seen(1))
        panel.show(TRAINS, seen(2))
        assert panel.last == 0
        await until(pilot, lambda: panel.last == 2)
        assert panel.count <= 3


async def test_the_last_picture_stays_until_what_the_next_one_asks_for_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nnviz.tui.widgets.panel.PATIENCE", 60.0)
    async with Page(Awaiting).run_test() as pilot:
        panel = pilot.app.query_one(Awaiting)
        await until(pilot, lambda: bool(panel.size))
        panel.show(LAB, answered(0))
        assert panel.last == 0, "the first picture waits for nothing"
        panel.show(LAB.select(3), answered(1))
        assert panel.last == 0
        panel.show(LAB.select(3), answered(2, Predictions()))
        assert panel.last == 2
        # Of a run that has not begun there is nothing to wait for.
        panel.show(LAB, seen(3))
        assert panel.last == 3


async def test_where_no_answer_comes_the_page_says_so_after_a_while() -> None:
    async with Page(Awaiting).run_test() as pilot:
        panel = pilot.app.query_one(Awaiting)
        await until(pilot, lambda: bool(panel.size))
        panel.show(LAB, answered(0))
        panel.show(LAB.select(3), answered(1))
        assert panel.last == 0
        await until(pilot, lambda: panel.last == 1)


async def test_it_waits_for_an_answer_no_longer_although_a_longer_pause_goes_on() -> None:
    async with Page(Awaiting).run_test() as pilot:
        panel = pilot.app.query_one(Awaiting)
        await until(pilot, lambda: bool(panel.size))
        panel.show(TRAINS, answered(0, Predictions()))
        # Left out: a pause of more than a minute begins.
        panel.show(TRAINS, answered(1, Predictions()))
        panel.show(TRAINS.select(3), answered(2))
        assert panel.last == 0
        await until(pilot, lambda: panel.last == 2)


async def test_what_was_asked_for_and_taken_back_uses_up_no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("nnviz.tui.widgets.panel.perf_counter", lambda: now)
    async with Page(Awaiting).run_test() as pilot:
        panel = pilot.app.query_one(Awaiting)
        await until(pilot, lambda: bool(panel.size))
        monkeypatch.setattr(panel, "set_timer", lambda *_: None)
        panel.show(LAB, answered(0))
        panel.show(LAB.select(3), answered(0))
        panel.show(LAB, answered(0))
        now = 60.0
        panel.show(LAB.select(3), answered(1))
        assert panel.last == 0
        now = 61.0
        panel.show(LAB.select(3), answered(2))
        assert panel.last == 2


def test_every_page_makes_pauses_but_that_of_the_graph() -> None:
    made = [kind(KEYS) for kind in panels()]
    race = replace(TRAINS, race=replace(TRAINS.race, running=True))
    assert all(panel.moving(race) for panel in made)
    assert not any(panel.moving(LAB) for panel in made)
    unlimited = [panel for panel in made if panel.SHARE > 0.05]
    assert [type(panel) for panel in unlimited] == [GraphPanel]


def test_of_slow_steps_each_has_its_picture() -> None:
    training = TrainingPanel(KEYS)
    assert training.moving(TRAINS)
    assert not training.moving(replace(TRAINS, pace=Pace(5, "step")))
