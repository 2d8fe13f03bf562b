"""The run as the program sees it cannot contradict itself, whatever the process says and the user asks for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from nnviz.engine import Command, Died, Event, Failed, Moment, Train
from nnviz.network import opening
from nnviz.run import Curves, Evaluation, Run
from nnviz.tui.session import Session
from nnviz.tui.widgets.training import TrainingPanel
from nnviz.tui.widgets.words import Words
from tests.engine.test_stopped import out_of_bounds
from tests.tui.conftest import ready, running, until


class Process:
    """What is told to the training process, in place of one."""

    def __init__(self, _on_event: Callable[[Event], None]) -> None:
        self.told: list[Command] = []
        self.alive = False
        self.pid = None

    def start(self) -> None:
        self.alive = True

    def stop(self) -> None:
        self.alive = False

    def send(self, command: Command) -> bool:
        if self.alive:
            self.told.append(command)
        return self.alive


def moment(run: int, step: int, going: bool) -> Moment:
    now = Evaluation(step, 0.0, 1.0, 1.0, 0.5, 0.5)
    empty = np.zeros(0)
    curves = Curves(empty, empty, empty, empty, empty)
    return Moment(run, step, 0.0, going, 0.0, None, now, curves)


class Runs(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("nnviz.tui.session.TrainingProcess", Process)
            self.session = Session(lambda event: None)
        process = self.session._process
        assert isinstance(process, Process)
        self.process = process
        self.session.load(Run(opening()))
        self.session.start()
        self.settled = 0
        self.step = 0

    def hear(self, event: Event) -> None:
        self.session.take(event)

    @rule(order=st.sampled_from([Train(), Train(steps=1), Train(to_epoch=True)]))
    def train(self, order: Train) -> None:
        stopped, told = self.session.stopped, len(self.process.told)
        before = self.session.trouble
        self.session.train(order)
        if stopped:
            assert self.session.trouble is before
            assert self.process.told[told:] == []

    @rule()
    def pause(self) -> None:
        self.session.pause()

    @rule(planned=st.booleans())
    def use(self, planned: bool) -> None:
        self.session.use(planned)

    @rule()
    @precondition(lambda self: not self.session.settling)
    def load(self) -> None:
        self.session.load(Run(opening()))
        assert self.session.trouble is None or self.session._given_up
        assert not self.session.running

    @rule()
    def edit(self) -> None:
        def then() -> None:
            self.settled += 1
            self.session.load(Run(opening()))

        self.settled -= 1
        self.session.settle(then)

    @rule(going=st.booleans(), late=st.booleans())
    def snapshot(self, going: bool, late: bool) -> None:
        self.step += 1
        self.hear(moment(self.session.number - late, self.step, going))

    @rule(late=st.booleans())
    def fail(self, late: bool) -> None:
        self.hear(Failed(self.session.number - late, "no", "change it"))
        assert late or self.session.trouble is not None or self.session.moment is None

    @rule()
    def die(self) -> None:
        self.process.alive = False
        self.hear(Died("it was ended by SIGKILL"))

    @invariant()
    def a_run_with_a_trouble_does_not_run(self) -> None:
        assert not (self.session.running and self.session.trouble is not None)

    @invariant()
    def what_waits_for_the_run_waits_only_while_it_runs(self) -> None:
        assert self.session.settling == (self.settled < 0)
        assert not self.session.settling or self.session.running

    @invariant()
    @precondition(lambda self: self.session._given_up)
    def what_was_given_up_can_be_tried_again(self) -> None:
        assert not self.session.stopped


Runs.TestCase.settings = settings(deadline=None, max_examples=60, stateful_step_count=30)
TestRuns = Runs.TestCase


async def test_a_run_that_stopped_says_why_for_as_long_as_it_stands_and_does_no_work() -> None:
    async with running(out_of_bounds(), (80, 24)) as pilot:
        screen = await ready(pilot)
        panel = screen.query_one(TrainingPanel)

        def words() -> str:
            return panel.query_one(Words).render().plain

        await pilot.press("space")
        await until(pilot, lambda: screen.session.trouble is not None)
        said = words()
        assert said.startswith("✗ stopped · epoch ")
        assert "all elements of input should be between 0 and 1" in said
        assert screen.session.moment is not None
        step, number = screen.session.moment.step, screen.session.number
        for key in ("space", "s", "S", "space"):
            await pilot.press(key)
            assert not screen.session.running
            assert words() == said
            await pilot.pause(0.1)
            assert words() == said
            assert screen.session.moment.step == step
        # What was learned is not lost with the fault, and another network goes on with it.
        assert screen.state is not None
        assert screen.state.step == step
        await pilot.press("home", "j", "y")
        await until(pilot, lambda: screen.session.number == number + 1)
        assert "0.weight" in screen.run.learned(screen.state)
