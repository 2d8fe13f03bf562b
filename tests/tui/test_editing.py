"""Editing by keys: presets, repairs to choose from, kept weights, merging, and help for each panel."""

from __future__ import annotations

import numpy as np
import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from nnviz.network import PRESETS, Network, opening, trace
from nnviz.tui.app import NnvizApp
from nnviz.tui.dialogs.choices import ChoiceScreen
from nnviz.tui.dialogs.help import HelpScreen
from nnviz.tui.dialogs.merge import MergeScreen
from nnviz.tui.dialogs.picker import Picker
from nnviz.tui.main import MainScreen
from nnviz.tui.widgets.words import Words
from nnviz.views.stack import REINITIALIZED
from tests.tui.conftest import help_parts, names, opened, ready, running, toasts, until


def preset(name: str) -> Network:
    return next(one for one in PRESETS if one.name == name).make()


async def trained(pilot: Pilot[None], steps: str = "S") -> MainScreen:
    screen = await ready(pilot)
    await pilot.press(steps)
    await until(pilot, lambda: screen.moment is not None and screen.moment.step > 0)
    await until(pilot, lambda: not screen.lab.status.running)
    return screen


def weights(screen: MainScreen) -> dict[str, np.ndarray]:
    state = screen.lab.present.checkpoint
    assert state is not None
    return state.parameters


def column(screen: MainScreen) -> list[str]:
    table = screen.query_one("#stack-table")
    return [table.rows[row][0].plain.strip() for row in range(len(table.rows))]  # type: ignore[attr-defined]


@pytest.mark.long
async def test_an_edit_keeps_what_was_learned_and_marks_what_starts_anew() -> None:
    async with running() as pilot:
        screen = await trained(pilot)
        learned = weights(screen)["2.weight"].copy()
        # Layer 5 gets another input size: layer 3 stays, layer 5 starts anew.
        await pilot.press("j", "j", "e", "tab", *"8", "enter")
        await pilot.press("f")
        await until(
            pilot, lambda: trace(screen.lab.network).diagnostic is None and screen.lab.present.checkpoint is not None
        )
        assert column(screen) == ["in", "1", "2", f"{REINITIALIZED}3", "4", f"{REINITIALIZED}5", ""]
        assert "initialized anew" in screen.query_one(Words).content.plain
        await pilot.press("u", "u")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 25)
        np.testing.assert_array_equal(weights(screen)["2.weight"], learned)
        assert column(screen) == ["in", "1", "2", "3", "4", "5", ""]


async def test_undo_and_redo_bring_the_cursor_back() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("j", "y", "y")
        assert screen.lab.row == 4
        for key, row in (("u", 3), ("u", 2), ("U", 3), ("U", 4)):
            await pilot.press(key)
            assert screen.lab.row == row
        # Where the cursor stood when the edit was made, wherever it went since.
        await pilot.press("j", "d", "k", "k", "u")
        assert screen.lab.row == 5


async def test_an_edit_while_training_keeps_the_last_weights() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 50)
        await pilot.press("j", "y")
        # It goes on at its step, with its history.
        await until(pilot, lambda: screen.lab.status.stopping is None and screen.lab.running)
        earlier = screen.lab.past[-1].checkpoint
        assert earlier is not None
        assert [change.step for change in screen.lab.run.changes] == [earlier.step]
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > earlier.step)
        assert screen.moment is not None
        assert screen.moment.curves.epoch[0] == 0
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.status.running)
        state = screen.lab.present.checkpoint
        assert state is not None
        assert state.history[: len(earlier.history)] == earlier.history
        assert earlier.step > 50
        await pilot.press("u")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == earlier.step)


async def test_x_swaps_the_activation_and_keeps_weights_history_and_step() -> None:
    async with running() as pilot:
        screen = await trained(pilot)
        learned = {path: array.copy() for path, array in weights(screen).items()}
        # The selected layer is none; the next one is the one that its page shows.
        await pilot.press("x")
        await until(pilot, lambda: isinstance(pilot.app.screen, Picker) and bool(pilot.app.screen.query(OptionList)))
        choices = pilot.app.screen.query_one(OptionList)
        offered = [str(choices.get_option_at_index(i).prompt).split()[0] for i in range(choices.option_count)]
        assert offered[choices.highlighted or 0] == "Tanh"
        assert {"Sigmoid", "ReLU", "Softmax"} <= set(offered)
        assert not {"Linear", "Dropout", "Flatten"} & set(offered)
        await pilot.press(*"sigm", "enter")
        await until(pilot, lambda: names(screen)[1] == "Sigmoid" and screen.lab.present.checkpoint is not None)
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 25)
        assert screen.moment is not None
        assert screen.moment.curves.epoch[0] == 0
        for path, array in screen.lab.run.learned(screen.lab.present.checkpoint).items():
            np.testing.assert_array_equal(array, learned[path])
        await pilot.press("s")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 26)


async def test_anew_can_be_taken_back() -> None:
    async with running() as pilot:
        screen = await trained(pilot)
        learned = weights(screen)["0.weight"].copy()
        await pilot.press("r")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 0)
        assert not np.array_equal(weights(screen)["0.weight"], learned)
        await pilot.press("u")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 25)
        np.testing.assert_array_equal(weights(screen)["0.weight"], learned)


@pytest.mark.long
async def test_presets_are_chosen_with_a_line_on_what_to_look_for() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        for number, one in enumerate(PRESETS):
            await pilot.press("ctrl+n")
            await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
            await pilot.press(*["down"] * number)
            assert one.look in " ".join(str(pilot.app.screen.query_one("#preview", Static).content).split())
            await pilot.press("enter")
            await until(pilot, lambda: screen.lab.network == one.make())  # noqa: B023 (asked at once)
            if number:
                assert one.look in toasts(pilot)
        await pilot.press("ctrl+n", "escape")
        assert screen.lab.network == PRESETS[-1].make()


@pytest.mark.long
async def test_presets_are_filtered_and_what_no_preset_matches_changes_nothing() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("ctrl+n", *"zzz", "enter")
        assert isinstance(pilot.app.screen, ChoiceScreen)
        assert screen.lab.network == opening()
        await pilot.press(*["backspace"] * 3, *"twel")
        sigmoids = next(one for one in PRESETS if one.name == "Twelve Sigmoids")
        await until(pilot, lambda: pilot.app.screen.query_one(OptionList).option_count == 1)
        assert sigmoids.look in " ".join(str(pilot.app.screen.query_one("#preview", Static).content).split())
        await pilot.press("enter")
        await until(pilot, lambda: screen.lab.network == sigmoids.make())


@pytest.mark.parametrize("name", ["Residual", pytest.param("Spirals", marks=pytest.mark.long)])
@pytest.mark.long
async def test_a_preset_is_another_network_and_takes_no_weights_along(name: str) -> None:
    """Also the one that stands there already, and one on the same data with layers of the same shapes."""
    async with running() as pilot:
        screen = await trained(pilot)
        number = next(i for i, one in enumerate(PRESETS) if one.name == name)
        await pilot.press("ctrl+n", *["down"] * number, "enter")
        await until(pilot, lambda: name in toasts(pilot))
        assert screen.lab.run.learned(screen.lab.present.checkpoint) == {}
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 0)
        assert not any(REINITIALIZED in row for row in column(screen))
        await pilot.press("u")
        assert screen.lab.network == opening()
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 0)


@pytest.mark.long
async def test_what_never_learned_stays_marked_through_another_edit() -> None:
    async with running() as pilot:
        screen = await trained(pilot)
        await pilot.press("end", "a", *"linear", "enter", "enter", "enter")
        await until(pilot, lambda: any(REINITIALIZED in row for row in column(screen)))
        marked = [screen.lab.network.layers[at] for at in screen.lab.reinitialized]
        await pilot.press("home", "a", *"identity", "enter")
        await until(pilot, lambda: "Identity" in names(screen))
        assert [screen.lab.network.layers[at] for at in screen.lab.reinitialized] == marked


async def test_layers_that_are_alike_can_be_exchanged_with_what_they_learned() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("j", "j", "y", "S")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 25)
        before = weights(screen)
        await pilot.press("K")
        await until(pilot, lambda: screen.lab.row == 3)
        await until(pilot, lambda: screen.moment is not None)
        learned = screen.lab.run.learned(screen.lab.present.checkpoint)
        np.testing.assert_array_equal(learned["2.weight"], before["3.weight"])
        np.testing.assert_array_equal(learned["3.weight"], before["2.weight"])


async def test_a_layer_is_not_born_folded() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("end", "k", "minus", "d", "home", "j", "y")
        assert len(screen.lab.network.layers) == 5
        assert screen.lab.folded == {}


async def test_enter_accepts_a_form_from_a_tick_and_space_turns_it() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("e", "tab", "tab", "space", "enter")
        await until(pilot, lambda: screen.lab.network.layers[0]["bias"] is False)


async def test_a_repair_is_previewed_and_all_are_taken_at_once() -> None:
    async with running(preset("Broken")) as pilot:
        screen = pilot.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        await until(pilot, lambda: bool(screen.query("#training")))
        await pilot.press("F")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
        preview = pilot.app.screen.query_one("#preview", Static)
        await until(pilot, lambda: "Then layer 3 says: mat1 and mat2" in str(preview.content))
        last = pilot.app.screen.query_one(OptionList).option_count - 1
        await pilot.press(*["down"] * last)
        await until(pilot, lambda: "It runs" in str(preview.content))
        await pilot.press("enter")
        await until(pilot, lambda: trace(screen.lab.network).diagnostic is None)
        await pilot.press("u")
        assert screen.lab.network == preset("Broken")


async def test_f_takes_the_fix_of_a_hint() -> None:
    async with running(preset("The lesson's model")) as pilot:
        screen = await ready(pilot)
        assert "softmax twice" in screen.query_one(Words).content.plain
        await pilot.press("f")
        assert names(screen) == ["Linear", "Sigmoid", "Linear"]
        assert "softmax twice" not in screen.query_one(Words).content.plain


@pytest.mark.long
async def test_c_shows_the_one_layer_and_enter_takes_it_with_its_weights() -> None:
    async with running(preset("Linear only")) as pilot:
        screen = await trained(pilot)
        loss = screen.moment.now.train_loss  # type: ignore[union-attr]
        await pilot.press("c")
        await until(
            pilot, lambda: isinstance(pilot.app.screen, MergeScreen) and len(pilot.app.screen.query(Static)) > 0
        )
        words = str(pilot.app.screen.query_one(Static).content)
        assert "W₂ (W₁ x + b₁) + b₂ = (W₂ W₁) x + (W₂ b₁ + b₂)" in words
        assert "W₃ W₂ b₁ + W₃ b₂ + b₃" in words
        await pilot.press("down", "right", "right_square_bracket", "enter")
        await until(pilot, lambda: len(screen.lab.network.layers) == 1)
        await until(pilot, lambda: screen.moment is not None)
        assert screen.moment is not None
        assert screen.moment.now.train_loss == pytest.approx(loss, rel=1e-4)


async def test_c_says_when_there_is_nothing_to_merge() -> None:
    async with running() as pilot:
        await ready(pilot)
        await pilot.press("c")
        assert "No two linear layers" in toasts(pilot)


@pytest.mark.long
async def test_each_panel_has_its_own_help() -> None:
    wanted = {
        "1": "sizes before and after",
        "4": "topological order",
        "3": "flat",
        "2": "overfits",
        "8": "almost everywhere",
    }
    async with running() as pilot:
        screen = await ready(pilot)
        for panel, words in wanted.items():
            await pilot.press(panel, "question_mark")
            await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
            text = next(part for part in help_parts(pilot) if part.startswith(panel))
            assert words in text.partition("How to begin")[0]
            assert "{" not in text
            await pilot.press("escape")
            await until(pilot, lambda: pilot.app.screen is screen)


async def test_help_speaks_of_the_users_own_keys(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr("nnviz.tui.config.user_config_path", lambda *_, **__: tmp_path)
    (tmp_path / "config.toml").write_text('[keys]\nadd = "z"\nrepair = "h"\n')
    async with running(preset("The lesson's model")) as pilot:
        screen = await ready(pilot)
        assert "h fixes it" in screen.query_one(Words).content.plain
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        assert any("z adds a layer below it" in part for part in help_parts(pilot))


async def test_keys_that_come_before_the_panels_stand_are_not_lost() -> None:
    async with NnvizApp().run_test() as pilot:
        pilot.app.simulate_key("y")
        screen = await opened(pilot)
        await until(pilot, lambda: len(screen.lab.network.layers) == len(opening().layers) + 1)
