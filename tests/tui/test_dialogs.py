"""Forms, settings and lists: what is typed and chosen in them, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static

from nnviz.network import PRESETS, opening, trace
from nnviz.tui.dialogs.dialog import DialogBox, DialogKeys
from nnviz.tui.dialogs.layer_form import LayerForm
from nnviz.tui.dialogs.picker import ABOVE, HIGHEST, Picker
from nnviz.tui.dialogs.settings import SettingsForm
from nnviz.tui.widgets.fields import ArgumentField, Field
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.pick import Pick
from tests.tui.conftest import main_screen, names, ready, resized, running, toasts, until


@pytest.mark.long
async def test_the_picker_filters_and_escape_changes_nothing() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("a", *"zzz", "enter")
        assert isinstance(pilot.app.screen, Picker)
        await pilot.press("escape")
        await pilot.press("a", "down", "enter")
        await pilot.pause()
        assert names(screen)[1] == "Sigmoid"
        await pilot.press("u", "e", "9", "escape")
        assert screen.lab.network == opening()


WRONG = ["", "0", "-1", "1e99", "nan", "ten", "1000000000", "[/]", "\x1b"]


@pytest.mark.long
async def test_a_wrong_size_is_refused_in_words() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("e")
        field = pilot.app.screen.query(Input).last()
        for text in WRONG:
            field.value = "5"
            await until(pilot, lambda: not pilot.app.screen.query(".field.-wrong"))
            field.value = text
            field.focus()
            await pilot.press("enter")
            assert isinstance(pilot.app.screen, LayerForm)
            wrong = pilot.app.screen.query(".field.-wrong").results(Field)
            words = [" ".join(each.render().plain.split()) for each in wrong]
            expected = "expected a whole number, at least 1 and at most 1,000,000, got"
            assert any(expected in line for line in words), text
        await pilot.press("escape")
        assert screen.lab.network == opening()


@pytest.mark.long
async def test_a_click_on_the_words_of_a_key_does_what_the_key_does() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        for words, left in (("esc cancel", 2), ("enter or ctrl+s OK", 64)):
            await pilot.press("e")
            pilot.app.screen.query_one(Input).value = "64"
            line = pilot.app.screen.query_one(DialogKeys)
            await pilot.click(line, offset=(str(line.render()).index(words) + 1, 0))
            await pilot.pause()
            assert pilot.app.screen is screen
            assert screen.lab.network.layers[0]["in_features"] == left


@pytest.mark.long
async def test_settings_refuse_what_is_wrong_and_keep_the_rest() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("o")
        form = pilot.app.screen
        assert isinstance(form, SettingsForm)
        rate = next(i for i in form.query(Input) if i.value == "0.01")
        for text in ("nan", "-1", "inf", "much"):
            rate.value = text
            await pilot.press("ctrl+s")
            assert pilot.app.screen is form
        rate.value = "0.5"
        batch = next(i for i in form.query(Input) if i.value == "10")
        for text in ("0", "-1", "1.5", "1e9", ""):
            batch.value = text
            await pilot.press("ctrl+s")
            assert pilot.app.screen is form
        batch.value = "1000"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert screen.lab.network.settings.optimizer["lr"] == 0.5
        assert screen.lab.network.settings.batch == 1000


@pytest.mark.long
async def test_all_that_is_wrong_is_marked_and_the_cursor_goes_to_the_first() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("o", "tab", "tab", "tab", "tab", *"x", "tab", "tab", "tab", *"y", "enter")
        form = pilot.app.screen
        assert isinstance(form, SettingsForm)
        wrong = list(form.query(".field.-wrong").results(ArgumentField))
        assert [field.argument.name for field in wrong] == ["batch", "label_smoothing"]
        await pilot.press("3", "2", "enter")
        assert form.focused is wrong[1].query_one(Input)
        await pilot.press("0", "enter")
        assert pilot.app.screen is screen
        assert screen.lab.network.settings.batch == 32


async def test_the_first_wrong_field_is_in_view_beside_what_is_said() -> None:
    async with running(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(pilot.app.screen, SettingsForm))
        form = pilot.app.screen
        scroll = form.query_one(VerticalScroll)
        for name in ("batch", "lr", "seed"):
            field = next(one for one in form.query(ArgumentField) if one.argument.name == name)
            kept = field.input.value
            field.input.focus()
            await until(pilot, lambda field=field: scroll.region.contains_region(field.input.region))  # type: ignore[misc]
            field.input.value = "many"
            await pilot.press("enter")
            await until(pilot, lambda field=field: form.focused is field.input)  # type: ignore[misc]
            await until(pilot, lambda field=field: scroll.region.contains_region(field.input.region))  # type: ignore[misc]
            assert form.query_one("#preview").display
            field.input.value = kept
            await until(pilot, lambda: not form.query_one("#preview").display)


@pytest.mark.long
async def test_behind_a_list_that_a_form_has_opened_training_goes_on_to_be_drawn() -> None:
    async with running(size=(200, 60)) as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 100)

        def drawn() -> str:
            """The curves, beside the box."""
            return "\n".join(strip.text[-50:] for strip in pilot.app.screen._compositor.render_strips())

        for keys, kind in ((["o"], SettingsForm), (["enter"], Picker), (["escape"], SettingsForm)):
            await pilot.press(*keys)
            assert isinstance(pilot.app.screen, kind)
            before, step = drawn(), screen.moment.step if screen.moment else 0
            await until(pilot, lambda step=step: screen.moment is not None and screen.moment.step > step)
            await until(pilot, lambda before=before: drawn() != before)


@pytest.mark.long
async def test_what_was_wrong_is_said_until_it_is_right_and_no_longer() -> None:
    async with running() as pilot:
        await ready(pilot)
        await pilot.press("o")
        form = pilot.app.screen
        rate = next(i for i in form.query(Input) if i.value == "0.01")
        rate.value = "much"
        await pilot.press("ctrl+s")
        preview = form.query_one("#preview", StableLabel)
        assert preview.display
        assert len(form.query(".field.-wrong")) == 1
        rate.value = "still too much"
        await pilot.pause()
        assert len(form.query(".field.-wrong")) == 1
        rate.value = "0.1"
        await until(pilot, lambda: not form.query(".field.-wrong") and not preview.display)


def blank_lines(dialog: Screen[Any]) -> int:
    """The blank lines within the frame of a dialog's box."""
    box = dialog.query_one(DialogBox).region
    strips = dialog._compositor.render_strips()[box.y + 1 : box.bottom - 1]
    return sum(not strip.crop(box.x + 1, box.right - 1).text.strip() for strip in strips)


@pytest.mark.parametrize(
    ("preset", "keys", "most"),
    [
        ("Broken", ["F"], 1), ("Linear only", ["c"], 0), ("Spirals", ["o", *["tab"] * 5, "enter"], 1), ("Spirals", ["e"], 2),
        *(pytest.param(preset, keys, most, marks=pytest.mark.long) for preset, keys, most in (
            ("The lesson's model", ["F"], 1), ("Spirals", ["o"], 0), ("Spirals", ["n", "n", "n", "i"], 0),
            ("Spirals", ["ctrl+n"], 1),
        )),
    ],
)  # fmt: skip
@pytest.mark.long
async def test_a_dialog_is_as_high_as_its_words(preset: str, keys: list[str], most: int) -> None:
    """One blank line at most between its parts, and the line of its keys always within the box."""
    sizes = [(46, 14), (80, 24), (120, 40)]
    async with running(next(one for one in PRESETS if one.name == preset).make(), size=sizes[0]) as pilot:
        screen = main_screen(pilot)
        await until(pilot, lambda: screen.lab.valid is False or screen.moment is not None)
        for size in sizes:
            await resized(pilot, size)
            for key in keys:
                await pilot.press(key)
            await until(pilot, lambda: bool(pilot.app.screen.query(DialogBox)))
            dialog = pilot.app.screen
            await until(pilot, lambda dialog=dialog: bool(dialog.query_one(DialogKeys).region))
            assert blank_lines(dialog) <= most, size
            box, words = dialog.query_one(DialogBox).region, dialog.query_one(DialogKeys).region
            assert words.height == dialog.query_one(DialogKeys).lines(words.width) >= 1, size
            assert box.contains_region(words), size
            assert box.bottom - words.bottom == 1, size
            while pilot.app.screen is not screen or screen.lab.walking:
                await pilot.press("escape")


@pytest.mark.parametrize("size", [(80, 24), (60, 30)])
async def test_a_list_has_a_line_for_each_line_of_its_entries(size: tuple[int, int]) -> None:
    """Descriptions that wrap take two: the list is as high, or as high as there is room for, and then scrolls."""
    async with running(size=size) as pilot:
        await ready(pilot)
        await pilot.press("o")
        form = pilot.app.screen
        for chooser in ("data", "loss", "optimizer", "initialization"):
            form.query_one(f"#choose-{chooser}").query_one(Pick).action_open()
            # A screen that stands need not have its parts yet.
            await until(pilot, lambda: any(entries.size for entries in pilot.app.screen.query(OptionList)))
            assert isinstance(pilot.app.screen, Picker)
            entries = pilot.app.screen.query_one(OptionList)
            lines, room = entries.virtual_size.height, HIGHEST
            assert entries.size.height == min(lines, room, pilot.app.screen.room() - ABOVE), chooser
            await pilot.press("escape")
            assert pilot.app.screen is form


async def test_a_repair_begins_with_what_it_changes_and_the_changed_layers_stand_out() -> None:
    async with running(next(one for one in PRESETS if one.name == "Broken").make()) as pilot:
        await until(pilot, lambda: bool(main_screen(pilot).query("#training")))
        await pilot.press("F")
        await until(pilot, lambda: bool(pilot.app.screen.query("#preview")))
        preview = pilot.app.screen.query_one("#preview", Static)
        await until(pilot, lambda: str(preview.content).startswith("layer 1: Linear(3, 16) becomes Linear(2, 16)\n"))
        shown = preview.content
        assert isinstance(shown, Content)
        assert "[Linear(2, 16)] (10, 16) → ReLU" in shown.plain.replace("\n", " ")
        bold = [shown.plain[span.start : span.end] for span in shown.spans if "bold" in str(span.style)]
        assert bold == ["[Linear(2, 16)] (10, 16)"]


async def test_another_optimizer_brings_its_own_arguments() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("o")
        choice = pilot.app.screen.query_one("#choose-optimizer").query_one(Pick)
        choice.choose("SGD")
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert screen.lab.network.settings.optimizer.name == "SGD"
        assert screen.lab.network.settings.optimizer["momentum"] == 0.0


@pytest.mark.long
async def test_the_arrows_choose_what_stands_beside_it_and_a_click_opens_all_there_is() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("o", "right")
        pick = pilot.app.screen.query(Pick).first()
        assert pick.value == "plane"
        await pilot.press("left", "left")
        assert pick.value == "gauss"
        await pilot.press(*["left"] * 3)
        assert pick.value == "file"
        await pilot.press(*["right"] * 3)
        assert pick.value == "gauss"
        await pilot.click(pick)
        assert isinstance(pilot.app.screen, Picker)
        await pilot.press("escape", "enter", "up", "enter", "ctrl+s")
        await pilot.pause()
        assert screen.lab.network.settings.data.name == "xor"


@pytest.mark.long
async def test_the_arrows_go_from_field_to_field_and_the_one_with_the_focus_stays_in_view() -> None:
    async with running(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("o")
        form = pilot.app.screen
        shown = form.query_one(VerticalScroll).region
        passed = [form.focused]
        for key in ["down"] * 12 + ["up"] * 12:
            await pilot.press(key)
            await until(pilot, lambda: form.focused is not None and form.focused.region in shown)
            passed.append(form.focused)
        assert len(set(passed)) == 13
        assert passed == passed[::-1]


@pytest.mark.long
async def test_choosing_digits_fits_the_stack_and_undo_takes_it_back() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("o", "enter", *"digits", "enter", "ctrl+s")
        await pilot.pause()
        assert names(screen)[0] == "Flatten"
        assert trace(screen.lab.network).diagnostic is None
        assert "Fitted to the data: insert Flatten" in toasts(pilot)
        await pilot.press("u")
        assert screen.lab.network == opening()
