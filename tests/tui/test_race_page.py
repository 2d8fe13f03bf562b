"""The page of the race: by keys with the real process, and pictures, each looked at before it was accepted."""

from __future__ import annotations

import numpy as np
import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion

from nnviz.engine import ProcessEngine, Raced
from nnviz.lab import race
from nnviz.lab.events import on_event
from nnviz.run import Standing
from nnviz.run.heat import MAP
from nnviz.tui.app import NnvizApp
from nnviz.tui.main import MainScreen
from nnviz.tui.panels.race import RacePanel
from nnviz.tui.widgets.table import TextTable
from nnviz.tui.widgets.tiles import Tiles
from tests.tui.conftest import main_screen, names, opened, resized, running, toasts, until
from tests.tui.pictures import picture


@pytest.fixture
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real race reports when it likes; here a made one stands still."""
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)


def made(screen: MainScreen, over: bool) -> Raced:
    """Where each stands by a formula, so that it is the same on every machine; the last one has diverged in part."""
    epoch, side = np.arange(41.0), np.linspace(-1, 1, MAP)
    x, y = np.meshgrid(side, side[::-1])
    found = []
    for at, _ in enumerate(screen.lab.race.lanes):
        loss = 0.05 * (4 - at) + 0.6 * np.exp(-epoch * (at + 1) / 20)
        share = (1 + np.tanh(3 * (x * y + 0.3 * at * (x - y)))) / 2
        found.append(
            Standing(
                1000, epoch, loss, loss * 1.1, loss * 0.8, loss * 1.3, 0.01 * (at + 1), 0.6 + 0.1 * at, int(at == 3),
                354, 0.2 + at / 10, 4, np.stack([1 - share, share], -1).reshape(-1, 2), (-1.0, 1.0, -1.0, 1.0),
            )
        )  # fmt: skip
    return Raced(screen.lab.race.number, tuple(found), 1.0 if over else 0.4, not over, over)


@pytest.mark.usefixtures("no_process")
async def test_page(snapshot: SnapshotAssertion) -> None:
    pictures = snapshot.use_extension(SVGImageExtension)
    async with NnvizApp().run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("G", "space")
        # It has drawn what would race just now, and would make a pause.
        screen.query_one(RacePanel)._drawing.forget()
        screen.do(on_event, made(screen, over=False))
        assert await picture(pilot, "#race") == pictures(name="80x24")
        pilot.app.theme = "textual-light"
        screen.do(on_event, made(screen, over=True))
        await resized(pilot, (120, 40))
        assert await picture(pilot, "#race") == pictures(name="120x40")
        await pilot.press("k", "l")
        await resized(pilot, (200, 60))
        assert await picture(pilot, "#race") == pictures(name="200x60")


@pytest.mark.usefixtures("no_process")
async def test_without_color_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with NnvizApp().run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.press("G", "space")
        screen.do(on_event, made(screen, over=True))
        await pilot.pause()
        tiles, table = screen.query_one("#race-maps", Tiles), screen.query_one("#race-table", TextTable)
        await until(pilot, lambda: tiles.size.height > 0)
        drawn = "".join(tiles.render_line(y).text for y in range(tiles.size.height))
        assert {"≡", "█"} <= set(drawn)
        assert "▀" not in drawn
        rows = [table.render_line(y).text for y in range(table.size.height)]
        assert [row.startswith("★") for row in rows] == [False, False, False, False, True]
        assert ", 1/4 diverged" in rows[4]


async def test_a_race_by_keys() -> None:
    async with running() as pilot:
        screen = main_screen(pilot)
        await until(pilot, lambda: screen.moment is not None)
        # From any page; what is varied, how often and how long is chosen there.
        await pilot.press("5", "G", "less_than_sign", "less_than_sign", "minus", "space")
        assert screen.lab.race.running
        await until(pilot, lambda: not screen.lab.race.running)
        place = screen.lab.race
        assert [lane.label for lane in place.lanes] == ["Sigmoid", "Tanh", "ReLU", "LeakyReLU 0.2"]
        assert place.raced is not None
        assert [one.steps for one in place.raced.standings] == [100] * 4
        assert [one.together for one in place.raced.standings] == [8] * 4
        # The run of the stack has not moved.
        assert screen.lab.present.step == 0
        table = screen.query_one("#race-table", TextTable)
        assert table.cursor_row == place.ahead
        await pilot.press("home", "enter")
        assert names(screen) == ["Linear", "Sigmoid", "Linear", "Sigmoid", "Linear"]
        assert "Sigmoid is in the stack now, as it stands after 100 steps" in toasts(pilot)
        # With what it has learned, and from there it goes on.
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 100)
        now = screen.moment
        assert now is not None
        assert now.now.train_loss == pytest.approx(place.raced.finished[0].checkpoint.history[-1].train_loss, rel=1e-5)  # type: ignore[union-attr]
        await pilot.press("1", "s")
        await until(pilot, lambda: screen.lab.present.step == 101)
        await pilot.press("9", "u")
        assert names(screen) == ["Linear", "Tanh", "Linear", "Tanh", "Linear"]
        await pilot.press("right_square_bracket")
        assert screen.lab.race.kind == "optimizer"
        await until(pilot, lambda: len(table.rows) == 6)


@pytest.mark.long
async def test_a_race_waits_and_ends_by_keys_and_the_screen_goes_on() -> None:
    async with running() as pilot:
        screen = main_screen(pilot)
        await until(pilot, lambda: screen.moment is not None)
        screen.do(lambda lab: race.longer(lab, 3))
        await pilot.press("G", "space")
        await until(pilot, lambda: screen.lab.race.raced is not None and screen.lab.race.raced.progress > 0)
        await pilot.press("space")
        await until(pilot, lambda: screen.lab.race.raced is not None and not screen.lab.race.raced.running)
        assert screen.lab.race.paused
        # Training goes on beside it.
        await pilot.press("1", "s")
        await until(pilot, lambda: screen.lab.present.step == 1)
        await pilot.press("9", "space")
        assert not screen.lab.race.paused
        await pilot.press("escape")
        assert not screen.lab.race.running
        assert screen.is_current


async def test_a_process_that_dies_begins_the_race_again() -> None:
    async with running() as pilot:
        screen = main_screen(pilot)
        await until(pilot, lambda: screen.moment is not None)
        screen.do(lambda lab: race.longer(lab, 3))
        await pilot.press("G", "space")
        await until(pilot, lambda: screen.lab.race.raced is not None)
        number = screen.lab.race.number
        process = screen.engine._process._process
        assert process is not None
        process.kill()
        await until(pilot, lambda: screen.lab.race.number > number and screen.lab.race.raced is not None)
        assert screen.lab.race.running
        await pilot.press("escape")
