"""After a change of theme everything on the screen looks as if it had been opened in that theme."""

from __future__ import annotations

import pytest
from rich.style import Style
from textual.pilot import Pilot

from nnviz.engine import ProcessEngine
from nnviz.tui.app import NnvizApp
from nnviz.tui.panels.training import TrainingPanel
from tests.tui.conftest import opened, until
from tests.tui.test_snapshots import moment

Looks = list[list[tuple[str, Style]]]

PLACES = {
    "panels": [],
    "curves": ["3", "3"],
    "plan": ["4", "4", "v"],
    "walk": ["n", "n", "n", "n"],
    "fault": ["d"],
    "selected": ["j", "j", "minus"],
    "merge": ["j", "d", "c"],
    "help": ["question_mark"],
    "settings": ["o"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing trains, so that nothing is painted for another reason."""
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)


def looks(pilot: Pilot[None]) -> Looks:
    """What stands on the screen, piece by piece, with its colors."""
    found = []
    for strip in pilot.app.screen._compositor.render_strips():
        line: list[tuple[str, Style]] = []
        for text, style, _ in strip:
            own = (style or Style()).clear_meta_and_links()
            if line and line[-1][1] == own:
                line[-1] = (line[-1][0] + text, own)
            else:
                line.append((text, own))
        found.append(line)
    return found


async def drawn(pilot: Pilot[None]) -> None:
    """Let what was asked for reach the screen, and wait for the panels where the machine is slow."""
    await pilot.pause(0.2)
    await until(pilot, lambda: True)


async def settled(pilot: Pilot[None], keys: list[str]) -> None:
    screen = await opened(pilot)
    screen.moment = moment(screen)
    screen.query_one(TrainingPanel).show(screen.lab, screen.seen)
    await pilot.press(*keys)
    await drawn(pilot)


@pytest.mark.parametrize(
    ("place", "before", "after"),
    [
        ("walk", "nord", "ansi-light"),
        pytest.param("merge", "textual-light", "nord", marks=pytest.mark.long),
        pytest.param("panels", "textual-dark", "textual-light", marks=pytest.mark.long),
        pytest.param("fault", "nord", "ansi-light", marks=pytest.mark.long),
        pytest.param("curves", "textual-light", "nord", marks=pytest.mark.long),
        pytest.param("plan", "textual-dark", "textual-light", marks=pytest.mark.long),
        pytest.param("selected", "nord", "ansi-light", marks=pytest.mark.long),
        pytest.param("help", "textual-dark", "ansi-light", marks=pytest.mark.long),
        pytest.param("settings", "textual-dark", "textual-light", marks=pytest.mark.long),
    ],
)
@pytest.mark.long
async def test_after_a_change_of_theme_all_looks_like_opened_in_it(place: str, before: str, after: str) -> None:
    first, second = NnvizApp(), NnvizApp()
    async with first.run_test(size=(120, 40)) as pilot:
        first.theme = before
        await settled(pilot, PLACES[place])
        first.theme = after
        await drawn(pilot)
        changed = looks(pilot)
    async with second.run_test(size=(120, 40)) as pilot:
        second.theme = after
        await settled(pilot, PLACES[place])
        opened_in_it = looks(pilot)
    wrong = [y for y, (a, b) in enumerate(zip(changed, opened_in_it, strict=True)) if a != b]
    assert not wrong, (place, before, after, wrong, changed[wrong[0]], opened_in_it[wrong[0]])
