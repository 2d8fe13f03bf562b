"""What the program says of itself: toasts, the key that trains, keys in sentences."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from textual.widgets._toast import Toast

import nnviz
from nnviz.tui.commands import all_commands
from nnviz.tui.panels.training import TrainingPanel
from nnviz.tui.widgets.keybar import KeyBar
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.matrices import Matrices
from tests.tui.conftest import ready, running, toasts, until


async def test_the_key_that_trains_says_whether_it_trains_or_pauses() -> None:
    async with running(size=(80, 24)) as pilot:
        await ready(pilot)
        keys = pilot.app.screen.query_one(KeyBar)
        assert str(keys.content).startswith("space train  ")
        await pilot.press("4", "4", "space")
        assert str(keys.content).startswith("space pause  ")
        await pilot.press("space")
        await until(pilot, lambda: str(keys.content).startswith("space train  "))


@pytest.mark.long
async def test_an_edit_behind_a_walk_is_said_and_a_dialog_ends_what_was_said() -> None:
    async with running(size=(80, 24)) as pilot:
        screen = await ready(pilot)
        await pilot.press("n", "d")
        assert "Layer 1, Linear(2, 16), is deleted. The walk starts again.\nu undoes it." in toasts(pilot)
        await pilot.press("u", "K")
        await pilot.press("J")
        assert "Layer 1, Linear(2, 16), is now layer 2." in toasts(pilot)
        await pilot.press("a")
        await until(pilot, lambda: not toasts(pilot))
        await pilot.press("escape", "escape", "y")
        assert screen.maximized is None
        assert not toasts(pilot)


async def test_nothing_said_stays_on_the_screen_below_a_dialog() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("r")
        await until(pilot, lambda: len(screen.query(Toast)) == 1)
        await pilot.press("a")
        await until(pilot, lambda: not screen.query(Toast))


@pytest.mark.parametrize(("key", "words"), [("r", "Back at the initial weights"), ("R", "Seed 2")])
async def test_of_two_things_to_say_the_last_is_said(key: str, words: str) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 0)
        await pilot.press(key)
        await until(pilot, lambda: len(screen.query(Toast)) == 1)
        assert toasts(pilot).startswith(words)


async def test_an_edit_that_breaks_the_stack_does_not_promise_that_training_goes_on() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 0)
        await pilot.press("d")
        await until(pilot, lambda: not screen.lab.status.running)
        assert not toasts(pilot)


async def test_sentences_name_the_keys_as_they_are(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("nnviz.tui.config.user_config_path", lambda *_, **__: tmp_path)
    (tmp_path / "config.toml").write_text('[keys]\nundo = "z"\nrepair = "f8"\nwalk_next = "f9"\ntrain = "f7"\n')
    async with running() as pilot:
        screen = await ready(pilot)
        words = screen.query_one(TrainingPanel).query_one(StableLabel)
        await until(pilot, lambda: "ready: press f7" in str(words.content))
        await pilot.press("y", "f8")
        assert "\nz undoes it." in toasts(pilot)
        await pilot.press("z", "f9")
        above = screen.query_one("#stop Matrices", Matrices)
        await until(pilot, lambda: any("f9 computes the next operation" in one.text for one in above._above))


def test_every_command_that_a_sentence_names_is_one() -> None:
    ids = {command.id for command in all_commands()} | {"select"}
    home = Path(nnviz.__file__).parent
    sources = [path.read_text() for room in ("lab", "views", "tui") for path in (home / room).rglob("*.py")]
    texts = [
        node.value
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    named = {name for text in texts for name in re.findall(r"\{(\w+)\}", text)}
    assert len(named) > 15
    assert named <= ids


@pytest.mark.parametrize(
    ("text", "words"),
    [
        # What else may be wrong is read in test_config.py; here it comes to the screen.
        ("[keys]\nundo = 'd'", "the key d is assigned to delete and undo"),
        *[pytest.param(text, words, marks=pytest.mark.long) for text, words in [
            ("keys = 3", "keys must be a table"), ("[keys]\nundo = 7", "keys.undo must be keys as text"), ("keys = [", "was not read"),
        ]],
    ],
)  # fmt: skip
async def test_what_is_wrong_in_the_configuration_is_said(tmp_path, monkeypatch, text: str, words: str) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("nnviz.tui.config.user_config_path", lambda *_, **__: tmp_path)
    (tmp_path / "config.toml").write_text(text)
    async with running() as pilot:
        await ready(pilot)
        await until(pilot, lambda: words in toasts(pilot))
