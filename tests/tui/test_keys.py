"""What the keys do, driven as a user drives them."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from nnviz.engine import process
from nnviz.network import Network, empty, opening, plan_of, trace
from nnviz.registry import Spec
from nnviz.tui.commands import all_commands
from nnviz.tui.config import RESERVED
from nnviz.tui.dialogs.layer_form import LayerForm
from nnviz.tui.keys import key_named
from nnviz.tui.main import MainScreen
from nnviz.tui.widgets.confusion import ConfusionMatrix
from nnviz.tui.widgets.keybar import KeyBar
from nnviz.tui.widgets.plot import Plot
from nnviz.tui.widgets.row_view import RowView
from nnviz.tui.widgets.table import TextTable
from nnviz.tui.widgets.words import Words
from tests.tui.conftest import main_screen, names, ready, running, toasts, until


def shapes(screen: MainScreen) -> list[object]:
    return [row.output for row in trace(screen.lab.network).rows]


async def add(pilot: Pilot[None], query: str, *values: str) -> None:
    """Add a layer as one types: a, part of its name, Enter, and its sizes where it asks for them."""
    await pilot.press("a", *query, "enter")
    for value in values:
        assert isinstance(pilot.app.screen, LayerForm)
        await pilot.press(*value, "enter")
    if isinstance(pilot.app.screen, LayerForm):
        await pilot.press("enter")
    await pilot.pause()


async def test_the_lessons_model_from_an_empty_stack() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press(*"ddddd")
        assert screen.lab.network.layers == ()
        # Data: the lesson's; batch: 4.
        await pilot.press("o", "enter", *"lesson", "enter", *5 * ["tab"], "4", "enter")
        await pilot.pause()
        assert trace(screen.lab.network).input == (4, 10)
        await add(pilot, "linear", "10", "5")
        await add(pilot, "sigm")
        await add(pilot, "linear", "", "8")
        await add(pilot, "softm")
        assert shapes(screen) == [(4, 5), (4, 5), (4, 8), (4, 8)]
        table = screen.query_one("#stack-table", RowView)
        shown = [next(str(c) for c in table.rows[row] if "(" in str(c)) for row in range(5)]  # type: ignore[arg-type]
        assert shown == ["(4, 10)", "(4, 5)", "(4, 5)", "(4, 8)", "(4, 8)"]
        # in_features 8 on the first layer.
        await pilot.press("k", "k", "k", "e", "8", "enter")
        await pilot.pause()
        fault = trace(screen.lab.network).diagnostic
        assert fault is not None
        assert fault.message == "mat1 and mat2 shapes cannot be multiplied (4x10 and 8x5)"
        assert "mat1 and mat2 shapes cannot be multiplied (4x10 and 8x5)" in screen.query_one(Words).content.plain
        await pilot.press("space")
        await pilot.pause()
        assert "Training cannot start: mat1 and mat2" in toasts(pilot)
        assert not screen.lab.status.running
        await pilot.press("f")
        assert shapes(screen) == [(4, 5), (4, 5), (4, 8), (4, 8)]
        await pilot.press("u")
        assert trace(screen.lab.network).faulty == 0
        await pilot.press("U")
        assert trace(screen.lab.network).diagnostic is None


async def test_space_trains_and_pauses_and_keys_answer_meanwhile() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        before = screen.moment
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 100)
        await pilot.press("j", "j")
        assert screen.lab.row == 3
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.status.running)
        assert before is not None
        stood = screen.moment
        assert stood is not None
        assert stood.step > 100
        assert stood.checkpoint is not None
        assert np.isfinite(stood.curves.train_loss).all()


async def test_one_step_one_epoch_and_reset() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        first = screen.moment
        assert first is not None
        await pilot.press("s")
        await until(pilot, lambda: screen.moment.step == 1)  # type: ignore[union-attr]
        await pilot.press("S")
        await until(pilot, lambda: screen.moment.step == 25)  # type: ignore[union-attr]
        assert screen.moment.epoch == 1  # type: ignore[union-attr]
        await pilot.press("r")
        again = await ready(pilot)
        assert again.moment.now == first.now  # type: ignore[union-attr]
        await pilot.press("R")
        await ready(pilot)
        assert screen.lab.network.settings.seed == 2
        assert screen.moment.now != first.now  # type: ignore[union-attr]
        await pilot.press("u")
        assert screen.lab.network.settings.seed == 1


@pytest.mark.long
async def test_one_key_switches_between_plan_and_tape() -> None:
    async with running(size=(200, 60)) as pilot:
        screen = await ready(pilot)
        words = screen.query_one("#order-words", Static)
        await until(pilot, lambda: " ×" in str(words.content))
        assert str(words.content).startswith("▸ plan")
        await pilot.press("space", "m")
        await until(pilot, lambda: screen.moment.running and not screen.moment.planned)  # type: ignore[union-attr]
        assert "▸ tape" in str(words.content)
        await pilot.press("m")
        await until(pilot, lambda: screen.moment.planned)  # type: ignore[union-attr]
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.status.running)


async def test_tape_and_plan_stand_side_by_side() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        tape, plan = screen.query_one("#order", TextTable), screen.query_one("#plan", TextTable)
        assert not plan.display
        await pilot.press("v")
        found = plan_of(screen.lab.network)
        assert found is not None
        assert (len(tape.rows), len(plan.rows)) == (28, len(found.rows))
        assert [cell.plain.strip() for cell in plan.rows[0][:3]] == ["▸ 1", "linear", "1-3"]
        # An edit is followed at once; a stack with an error has no plan, and its list stands alone.
        await pilot.press("j", "d")
        assert len(plan.rows) == len(found.rows) - 2
        await pilot.press("k", "d")
        assert not plan.display
        assert tape.display
        await pilot.press("u", "v")
        assert not plan.display


@pytest.mark.long
async def test_moving_duplicating_deleting_undoing() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        assert names(screen) == ["Linear", "Tanh", "Linear", "Tanh", "Linear"]
        await pilot.press("J")
        assert names(screen) == ["Tanh", "Linear", "Linear", "Tanh", "Linear"]
        assert screen.lab.row == 2
        await pilot.press("shift+up")
        assert names(screen) == ["Linear", "Tanh", "Linear", "Tanh", "Linear"]
        await pilot.press("y")
        assert names(screen)[:2] == ["Linear", "Linear"]
        assert screen.lab.row == 2
        await pilot.press("delete")
        assert screen.lab.network == opening()
        for _ in range(4):
            await pilot.press("u")
        assert screen.lab.network == opening()
        await pilot.press("u")
        assert "Nothing to undo" in toasts(pilot)


async def test_training_goes_on_with_an_edit_at_its_step() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.moment.step > 0)  # type: ignore[union-attr]
        await pilot.press("j", "d", "y")
        await until(pilot, lambda: screen.lab.running and len(screen.lab.run.changes) > 0)
        changed = [change.step for change in screen.lab.run.changes]
        assert changed[0] > 0
        assert [layer.name for layer in screen.lab.network.layers].count("Linear") == 4
        await until(pilot, lambda: screen.moment.step > changed[-1])  # type: ignore[union-attr]
        assert screen.moment.curves.epoch[0] == 0  # type: ignore[union-attr]


async def test_a_killed_process_is_replaced_and_goes_on_from_the_last_snapshot() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("S")
        await until(pilot, lambda: screen.moment.step == 25)  # type: ignore[union-attr]
        stood = screen.moment
        killed = screen.engine.pid
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        await until(pilot, lambda: screen.engine.pid not in (None, killed))
        await until(pilot, lambda: "The training process died: it was ended by SIGKILL" in toasts(pilot))
        await until(pilot, lambda: screen.moment is not stood)
        again = screen.moment
        assert again is not None
        assert stood is not None
        assert again.now == stood.now
        await pilot.press("S")
        await until(pilot, lambda: screen.moment.step == 50)  # type: ignore[union-attr]


async def test_a_process_that_dies_again_and_again_is_not_started_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        working = process.START
        monkeypatch.setattr("nnviz.engine.process.START", "raise SystemExit(3)")
        assert screen.engine.pid is not None
        os.kill(screen.engine.pid, signal.SIGKILL)
        await until(pilot, lambda: "died while starting: it ended with exit code 3" in toasts(pilot))
        assert not screen.lab.status.running
        monkeypatch.setattr("nnviz.engine.process.START", working)
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 0)


async def test_the_loss_on_a_logarithmic_axis() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("S", "l")
        await until(pilot, lambda: screen.moment.step == 25)  # type: ignore[union-attr]
        plot = screen.query_one("#loss-plot", Plot)
        assert plot._frame.log_y
        await pilot.press("l")
        assert not plot._frame.log_y


async def test_a_diverging_run_says_so_and_the_program_lives() -> None:
    wild = empty().insert(0, Spec.of("Linear", in_features=10, out_features=8, bias=True))
    settings = wild.settings
    network = Network(
        wild.layers, type(settings)(**(vars(settings) | {"optimizer": Spec.of("SGD", lr=1e38, momentum=0.0)}))
    )
    async with running(network) as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        await until(pilot, lambda: "is not a finite number" in toasts(pilot))
        await until(pilot, lambda: not screen.lab.status.running)
        assert "went bad first" in toasts(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.lab.status.failure is not None)
        await pilot.press("r", "s")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 1)


@pytest.mark.long
async def test_panels_are_reached_by_number_and_fill_the_screen_at_the_second_press() -> None:
    async with running(size=(80, 24)) as pilot:
        screen = await ready(pilot)
        for number, name in ((4, "graph"), (3, "activation"), (2, "training"), (1, "stack")):
            await pilot.press(str(number))
            panel = screen.query_one(f"#{name}")
            assert panel.display
            assert panel.has_focus_within or panel.has_focus
            await pilot.press(str(number))
            assert screen.maximized is panel
            await pilot.press(str(number))
            assert screen.maximized is None


@pytest.mark.long
async def test_every_theme_draws() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        seen = {pilot.app.theme}
        for _ in pilot.app.available_themes:
            await pilot.press("t")
            seen.add(pilot.app.theme)
        assert seen == set(pilot.app.available_themes)
        assert screen.is_mounted


async def test_keys_can_be_remapped_by_id(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("nnviz.tui.config.user_config_path", lambda *_, **__: tmp_path)
    (tmp_path / "config.toml").write_text('theme = "nord"\n[keys]\nduplicate = "z"\n"[/]\\u001b" = 3\n')
    async with running() as pilot:
        screen = await ready(pilot)
        assert pilot.app.theme == "nord"
        assert "unknown command [/]" in toasts(pilot)
        titles = {command.title: command.help for command in pilot.app.get_system_commands(screen)}
        assert titles["Duplicate the selected layer"] == "key z"
        assert titles["Move the selected layer down"] == "key J shift+down"
        await pilot.press("z")
        assert len(screen.lab.network.layers) == 6
        await pilot.press("y")
        assert len(screen.lab.network.layers) == 6


async def test_enter_edits_the_selected_layer() -> None:
    async with running() as pilot:
        await ready(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, LayerForm))


async def test_a_stack_without_parameters_says_so_before_one_tries() -> None:
    async with running(empty()) as pilot:
        await until(pilot, lambda: bool(main_screen(pilot).query("#training-words")))
        await until(pilot, lambda: "Nothing to train" in training_words(pilot))
        assert training_words(pilot) == "✗ Nothing to train: the stack has no parameters. Add a linear layer."


def training_words(pilot: Pilot[None]) -> str:
    return str(main_screen(pilot).query_one("#training-words", Static).render())


async def test_a_very_small_screen_shows_a_panel_at_one_press() -> None:
    async with running(size=(40, 12)) as pilot:
        screen = await ready(pilot)
        await pilot.press("2")
        await until(pilot, lambda: screen.maximized is not None and screen.maximized.id == "training")


@pytest.mark.long
async def test_the_palette_offers_every_command() -> None:
    async with running() as pilot:
        await ready(pilot)
        titles = {command.title for command in pilot.app.get_system_commands(main_screen(pilot))}
        assert "Apply the first fix" in titles
        await pilot.press("ctrl+p", *"duplicate", "enter")
        await until(pilot, lambda: len(main_screen(pilot).lab.network.layers) == 6)


async def test_the_mouse_selects_a_row_and_presses_the_footer() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.click("#stack-table", offset=(5, 4))
        assert screen.lab.row == 3
        await pilot.click("#keys", offset=(3, 0))
        await until(pilot, lambda: screen.moment.step > 0)  # type: ignore[union-attr]


PLACES: dict[str, tuple[str, ...]] = {
    "stack": ("1",), "training": ("2",), "activation": ("3",), "graph": ("4",), "plan": ("4", "v"),
    "data": ("6",), "matrix": ("C",), "walk": ("n", "n"),
}  # fmt: skip


@pytest.mark.long
async def test_the_footer_speaks_of_where_one_is_and_each_of_its_keys_does_what_it_says() -> None:
    """No widget in focus has another meaning for a key that the footer shows."""
    async with running(size=(200, 60)) as pilot:
        screen = await ready(pilot)
        # The keys lead to each of them from the one before; the walk is the last.
        for place, keys in PLACES.items():
            await pilot.press(*keys)
            await until(pilot, lambda place=place: place != "walk" or screen.lab.walk.position > 0)
            await until(pilot, lambda place=place: place != "matrix" or isinstance(screen.focused, ConfusionMatrix))
            ids = [
                name
                for entry in screen._places.in_focus().footer(screen.lab)
                for name in entry.partition(":")[0].split()
            ]
            words = str(screen.query_one(KeyBar).content)
            for name in (*ids, "help", "quit"):
                command = screen._commands[name]
                assert command.label in words or (name == "train" and "pause" in words), place
                for key in command.keys.split(","):
                    assert screen.active_bindings[key].binding.action == f"screen.command('{name}')", (name, key)
            assert ("inside" in words) == (place == "walk")
            if screen.maximized is not None:
                # A number pressed on its own page has let the page fill the screen.
                await pilot.press("escape")


@pytest.mark.long
async def test_every_footer_fits_its_line_and_says_at_its_end_how_to_learn_more_and_how_to_leave() -> None:
    async with running(size=(80, 24)) as pilot:
        screen = await ready(pilot)
        for keys in PLACES.values():
            await pilot.press(*keys)
            words = str(screen.query_one(KeyBar).content)
            assert words.endswith("? help  q quit")
            assert len(words) <= 78
            await pilot.press("escape")


TERMINALS_OWN = {"ctrl+c", "ctrl+d", "ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m", "ctrl+q", "ctrl+v", "ctrl+z"}
"""Keys that a terminal or its line discipline takes, or sends for another key.

Not ctrl+s, which stops a terminal's output only where it is not raw: tests/cli/test_resume.py saves with it in one.
"""


def test_no_command_has_a_key_that_a_terminal_takes_for_itself() -> None:
    for command in all_commands():
        for key in command.keys.split(","):
            assert key not in TERMINALS_OWN, command.id
            assert key_named(key), command.id
            # Textual's own keys: those of the palette alone are meant.
            assert key not in RESERVED or command.id == "palette", command.id
