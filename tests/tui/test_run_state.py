"""A run that was stopped by a fault, on the screen."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

from nnviz.data import datasets
from nnviz.lab.edits import edit
from nnviz.network import fit_to_data, opening
from nnviz.registry import Spec
from nnviz.run.queries import Predictions
from nnviz.tui.panels.training import TrainingPanel
from nnviz.tui.widgets.label import StableLabel
from tests.engine.test_stopped import out_of_bounds
from tests.tui.conftest import ready, running, toasts, until


@pytest.mark.long
async def test_a_run_that_stopped_says_why_for_as_long_as_it_stands_and_does_no_work() -> None:
    async with running(out_of_bounds(), (80, 24)) as pilot:
        screen = await ready(pilot)
        panel = screen.query_one(TrainingPanel)

        def words() -> str:
            return panel.query_one(StableLabel).render().plain

        await pilot.press("space")
        await until(pilot, lambda: screen.lab.status.failure is not None)
        said = words()
        assert said.startswith("✗ stopped: ")
        assert "all elements of input should be between 0 and 1" in said
        assert screen.moment is not None
        step, number = screen.moment.step, screen.lab.status.number
        for key in ("space", "s", "S", "space"):
            await pilot.press(key)
            assert not screen.lab.status.running
            assert words() == said
            await pilot.pause(0.1)
            assert words() == said
            assert screen.moment.step == step
        # What was learned is not lost with the fault, and another network goes on with it.
        assert screen.lab.present.checkpoint is not None
        assert screen.lab.present.checkpoint.step == step
        await pilot.press("home", "j", "y")
        await until(pilot, lambda: screen.lab.status.number == number + 1)
        assert "0.weight" in screen.lab.run.learned(screen.lab.present.checkpoint)


@pytest.mark.long
async def test_panels_go_on_after_a_dialog_that_opens_and_closes_at_once() -> None:
    async with running(None, (120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        for _ in range(8):
            await pilot.press("question_mark", "escape")
            step = screen.moment.step if screen.moment else 0
            # It waits for the panels as well.
            await until(pilot, lambda: screen.moment is not None and screen.moment.step > step)  # noqa: B023
        assert pilot.app.screen is screen


async def test_answers_come_again_after_the_training_process_was_replaced() -> None:
    async with running(None, (120, 40)) as pilot:
        screen = await ready(pilot)
        await until(pilot, lambda: screen.moment is not None and screen.moment.seen(Predictions()) is not None)
        pid, before = screen.engine.pid, screen.moment
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until(pilot, lambda: "died" in toasts(pilot))
        await until(pilot, lambda: screen.moment is not None and screen.moment is not before)
        assert screen.moment is not None
        assert screen.moment.seen(Predictions()) is not None


async def test_other_data_are_never_drawn_with_the_answers_of_those_before(monkeypatch: pytest.MonkeyPatch) -> None:
    errors: list[BaseException] = []
    monkeypatch.setattr("nnviz.tui.widgets.guarded.error_text", lambda error: errors.append(error) or "")
    values = opening().configure(replace(opening().settings, data=datasets.check(Spec("plane"))))
    async with running(None, (120, 40)) as pilot:
        screen = await ready(pilot)
        for network in (fit_to_data(values)[0], opening()):
            await pilot.press("space")
            await until(pilot, lambda: screen.lab.running and screen.moment is not None)
            screen.do(edit, network)
            # Its moments may still come; they are of the data before.
            await until(pilot, lambda: screen.moment is not None and screen.lab.status.stopping is None)
            assert errors == []
