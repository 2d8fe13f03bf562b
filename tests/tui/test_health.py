"""What is wrong with a run stands below the stack and stays; the key of the words repairs it while it trains."""

from __future__ import annotations

import math

import pytest
from pytest_textual_snapshot import SVGImageExtension
from syrupy.assertion import SnapshotAssertion

from nnviz.run import Check, Health, LayerCheck, judge
from nnviz.tui.app import NnvizApp
from nnviz.tui.panels.stack import StackPanel
from nnviz.tui.widgets.words import Words
from nnviz.views.changes import changes_of
from tests.ill import CASES
from tests.tui.conftest import main_screen, ready, running, until
from tests.tui.pictures import picture
from tests.tui.test_activation_page import no_process
from tests.tui.test_snapshots import arranged

__all__ = ["no_process"]


@pytest.mark.long
async def test_dead_units_are_named_and_repaired_while_it_trains() -> None:
    async with running(CASES["dead ReLUs"].network) as pilot:
        screen = await ready(pilot)
        words = screen.query_one("#stack-words", Words)
        await pilot.press("space")
        await until(pilot, lambda: "of the units are dead" in words.content.plain)
        assert "f fixes it: " in words.content.plain
        await pilot.press("f")
        await until(pilot, lambda: screen.lab.running and len(screen.lab.run.changes) == 1)
        (mark,) = changes_of(screen.lab.run)
        assert "ReLU → LeakyReLU" in mark.words
        at = screen.lab.run.changes[0].step
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > at + 200)
        # The stack is drawn with pauses.
        await until(pilot, lambda: "of the units are dead" not in words.content.plain)
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.status.running)
        await pilot.press("u")
        assert screen.lab.network == CASES["dead ReLUs"].network
        # What was found in it is said again at once.
        await until(pilot, lambda: "of the units are dead" in words.content.plain)


async def test_a_loss_far_above_guessing_is_named_and_the_repair_starts_again() -> None:
    async with running(CASES["Adam at 1e9"].network) as pilot:
        screen = await ready(pilot)
        words = screen.query_one("#stack-words", Words)
        await pilot.press("space")
        await until(pilot, lambda: "that of guessing" in words.content.plain)
        await pilot.press("f")
        await until(pilot, lambda: screen.lab.running and screen.lab.network.settings.optimizer.get("lr") == 0.003)
        await until(pilot, lambda: screen.moment is not None and 0 < screen.moment.now.train_loss < 1)


async def test_the_rate_changes_by_a_key_while_it_trains() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 0)
        await pilot.press("right_parenthesis", "right_parenthesis")
        await until(pilot, lambda: screen.lab.running and bool(screen.lab.run.changes))
        assert screen.lab.network.settings.optimizer.get("lr") == 0.1
        assert len(screen.lab.past) == 1
        await until(pilot, lambda: [mark.words for mark in changes_of(screen.lab.run)] == ["rate 0.01 → 0.1"])


def found(name: str) -> Health:
    """Numbers made by hand: the same on every machine, as those of a real run need not be."""
    dead = 0.8125 if name == "dead ReLUs" else 0.0
    update = 3.8e9 if name == "Adam at 1e9" else 4.0
    layers = tuple(
        LayerCheck(layer, False, dead if at == 3 else math.nan, math.nan, 1.0, 1.0, update, 1.0)
        for at, layer in enumerate(CASES[name].network.ids)
    )
    loss = 5.45e8 if name == "Adam at 1e9" else 0.69
    check = Check(40, loss, 0.693, 250, layers)
    return judge(judge(None, check), check)


@pytest.mark.usefixtures("no_process")
@pytest.mark.parametrize("name", ["Adam at 1e9", "dead ReLUs", "Dropout(1)"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_words(snapshot: SnapshotAssertion, name: str, size: tuple[int, int]) -> None:
    case = CASES[name]
    health = found(name)
    async with NnvizApp(case.network).run_test(size=size) as pilot:
        await arranged(pilot)
        screen = main_screen(pilot)
        screen.lab = screen.lab.with_status(health=health)
        screen.query_one(StackPanel).show(screen.lab, screen.seen)
        await pilot.pause()
        assert await picture(pilot, "#stack") == snapshot.use_extension(SVGImageExtension)
