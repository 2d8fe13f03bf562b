"""A run that was stopped by a fault, on the screen."""

from __future__ import annotations

from nnviz.tui.panels.training import TrainingPanel
from nnviz.tui.widgets.label import StableLabel
from tests.engine.test_stopped import out_of_bounds
from tests.tui.conftest import ready, running, until


async def test_a_run_that_stopped_says_why_for_as_long_as_it_stands_and_does_no_work() -> None:
    async with running(out_of_bounds(), (80, 24)) as pilot:
        screen = await ready(pilot)
        panel = screen.query_one(TrainingPanel)

        def words() -> str:
            return panel.query_one(StableLabel).render().plain

        await pilot.press("space")
        await until(pilot, lambda: screen.lab.status.failure is not None)
        said = words()
        assert said.startswith("✗ stopped · epoch ")
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
