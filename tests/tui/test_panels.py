"""A panel is one class: what it declares is all that the screen knows of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, get_args

import pytest
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

import nnviz.tui
from nnviz.lab import Command, Lab
from nnviz.lab.command import VIEW
from nnviz.lab.effects import Subject
from nnviz.lab.view import panel as go_to
from nnviz.lab.walk import leave, walk
from nnviz.run.queries import LayerStatistics
from nnviz.tui.keymap import Keys
from nnviz.tui.main import MainScreen
from nnviz.tui.panels import panels
from nnviz.tui.panels.stack import StackPanel
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.picture import GraphPicture
from nnviz.views.graph import Marks
from tests.tui.conftest import ready, running, until


class Fifth(Panel, Vertical, can_focus=True):
    """One page more than there is room for."""

    NUMBER = 10
    NAME = "fifth"
    ABOUT = "a panel of a test"
    BORDER_TITLE = "10 Fifth"
    drawn: ClassVar[list[int]] = []

    def compose(self) -> ComposeResult:
        """One word."""
        yield Static("fifth")

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:  # noqa: ARG002
        """The selected row."""
        return (lab.row,)

    def draw(self, lab: Lab, seen: Seen) -> None:  # noqa: ARG002
        """Note the row."""
        self.drawn.append(lab.row)


@pytest.fixture
def fifth(monkeypatch: pytest.MonkeyPatch) -> None:
    every = (*panels(), Fifth)
    monkeypatch.setattr("nnviz.tui.main.panels", lambda: every)
    monkeypatch.setattr(Fifth, "drawn", [])


def seen(screen: MainScreen) -> set[int]:
    """The numbers of the panels that have room."""
    return {one.NUMBER for one in screen.query(Panel) if one.size}


def test_each_panel_has_a_number_of_its_own() -> None:
    assert len({one.NUMBER for one in panels()}) == len(panels()) == len({one.NAME for one in panels()})


def test_each_subject_of_an_effect_is_shown_by_one_panel() -> None:
    assert sorted(subject for one in panels() for subject in one.SUBJECTS) == sorted(get_args(Subject))


@pytest.mark.usefixtures("fifth")
@pytest.mark.long
async def test_a_page_more_takes_the_place_used_last() -> None:
    async with running(size=(140, 45)) as pilot:
        screen = await ready(pilot)
        assert seen(screen) == {1, 2, 3, 4}
        assert Fifth.drawn == []
        room = screen.query_one("#graph").size
        screen.do(go_to, Fifth.NUMBER)
        await until(pilot, lambda: seen(screen) == {1, 2, 3, Fifth.NUMBER})
        await until(pilot, lambda: Fifth.drawn[-1:] == [1])
        panel = screen.query_one(Fifth)
        # It has the frame of all panels, so its content has as much room.
        assert (panel.size, screen.focused) == (room, panel)
        screen.do(go_to, 4)
        await until(pilot, lambda: seen(screen) == {1, 2, 3, 4})
        # The place used last is the one of the training page now.
        screen.do(go_to, 2)
        screen.do(go_to, Fifth.NUMBER)
        await until(pilot, lambda: seen(screen) == {1, 3, 4, Fifth.NUMBER})
        assert screen.query_one(Fifth).region.y == screen.query_one("#stack").region.y


async def test_the_picture_of_the_graph_is_drawn_although_something_else_changes_before() -> None:
    async with running(size=(140, 60)) as pilot:
        screen = await ready(pilot)
        picture = screen.query_one(GraphPicture)
        panel = next(one for one in screen.query(Panel) if one.NUMBER == 4)
        await until(pilot, lambda: not screen.waits)
        lab = screen.lab.select(3)
        panel.show(lab, screen.seen)
        panel.show(replace(lab, log_scale=True), screen.seen)
        await until(pilot, lambda: picture.marks == Marks(layer=2))


@pytest.mark.usefixtures("fifth")
@pytest.mark.long
async def test_a_walk_gives_the_place_back() -> None:
    async with running(size=(140, 60)) as pilot:
        screen = await ready(pilot)
        screen.do(go_to, Fifth.NUMBER)
        await until(pilot, lambda: seen(screen) == {1, 2, 3, Fifth.NUMBER})
        screen.do(walk, 1)
        await until(pilot, lambda: 4 in seen(screen) and 5 not in seen(screen))
        screen.do(leave)
        await until(pilot, lambda: seen(screen) == {1, 2, 3, Fifth.NUMBER})
        assert screen.focused is screen.query_one(Fifth)


@pytest.mark.usefixtures("fifth")
async def test_where_it_is_narrow_any_panel_stands_beside_the_stack() -> None:
    async with running(size=(100, 30)) as pilot:
        screen = await ready(pilot)
        await until(pilot, lambda: seen(screen) == {1, 2})
        for number in (5, 4, 5, 3):
            screen.do(go_to, number)
            await until(pilot, lambda number=number: seen(screen) == {1, number})  # type: ignore[misc]


async def test_where_it_is_narrow_a_walk_gives_the_place_back() -> None:
    async with running(size=(100, 30)) as pilot:
        screen = await ready(pilot)
        await pilot.press("2", "n")
        await until(pilot, lambda: seen(screen) == {4})
        await pilot.press("escape")
        await until(pilot, lambda: seen(screen) == {1, 2})
        assert screen.focused is screen.query_one("#training")


async def test_only_what_can_be_seen_is_asked_of_the_trainer() -> None:
    async with running(size=(80, 24)) as pilot:
        screen = await ready(pilot)
        # The stack, which stays, has one, the activation page the same, and training two more.
        stack = frozenset({LayerStatistics()})
        await until(pilot, lambda: screen.drawer.looked > stack and len(screen.drawer.looked) == 3)
        await pilot.press("4")
        await until(pilot, lambda: screen.drawer.looked == stack)
        await pilot.press("2")
        await until(pilot, lambda: screen.drawer.looked > stack and len(screen.drawer.looked) == 3)
        await until(pilot, lambda: screen.moment is not None and len(screen.moment.observations) == 3)
        # A page that fills the screen leaves nothing to ask for the stack.
        await pilot.press("2")
        await until(pilot, lambda: len(screen.drawer.looked) == 2 and not screen.drawer.looked & stack)


def test_a_command_of_one_panel_has_its_key_there_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    there = Command("there", "5", "", "there alone", VIEW, lambda lab: (lab, ()), where="there")
    monkeypatch.setattr("nnviz.tui.widgets.panel.COMMANDS", (there,))

    class There(Panel):
        NUMBER, NAME, ABOUT = 9, "ninth", "there"
        SUBJECTS = frozenset({"there"})

    assert [one.action for one in There.BINDINGS] == ["screen.command('there')"]  # type: ignore[union-attr]
    assert "5" in There(Keys())._bindings.key_to_bindings
    assert "5" not in StackPanel(Keys())._bindings.key_to_bindings


def test_panels_are_named_in_their_own_files_alone() -> None:
    home = Path(nnviz.tui.__file__).parent
    names = {one.__name__ for one in panels()} | {
        f"nnviz.tui.panels.{path.stem}" for path in home.glob("panels/[a-z]*.py")
    }
    for path in [*home.rglob("*.py"), *home.rglob("*.tcss")]:
        if path.parent.name != "panels":
            found = {name for name in names if re.search(rf"\b{re.escape(name)}\b", path.read_text("utf-8"))}
            assert not found, path


@pytest.mark.parametrize(
    "gone",
    [panels()[1], *(pytest.param(one, marks=pytest.mark.long) for one in panels()[2:])],
    ids=lambda one: one.NAME,
)
@pytest.mark.long
async def test_without_a_panel_the_rest_works(gone: type[Panel], monkeypatch: pytest.MonkeyPatch) -> None:
    left = tuple(one for one in panels() if one is not gone)
    monkeypatch.setattr("nnviz.tui.main.panels", lambda: left)
    async with running(size=(140, 45)) as pilot:
        screen = await ready(pilot)
        # The stack, and the three pages that there is room for beside it.
        await until(pilot, lambda: seen(screen) == {one.NUMBER for one in left[:4]})
        # Everything that leads to a panel or into one.
        await pilot.press(*"nnx]", "enter", "escape", *"vvml", "escape", "d", "u", "s")
        await until(pilot, lambda: screen.lab.present.step == 1)
        assert len(screen.lab.network.layers) == 5
