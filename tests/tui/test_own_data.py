"""A file of data on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from nnviz.cli.own import DataChoice
from nnviz.cli.screen import OpenedApp
from nnviz.data import datasets, file_spec
from nnviz.network import on_data
from nnviz.tui.dialogs.settings import SettingsForm
from nnviz.tui.widgets.pick import Pick
from tests.data.own import WINE, written
from tests.tui.conftest import main_screen, running, until
from tests.tui.conftest import opened as shown


async def test_the_settings_list_every_registered_set() -> None:
    async with running() as pilot:
        await pilot.press("o")
        names = [offer.name for offer in pilot.app.screen.query(Pick).first().offers]
        assert names == [entry.name for entry in datasets]
        assert {"iris", "digits", "file"} <= set(names)


async def test_the_screen_opens_on_a_file_and_trains(tmp_path: Path) -> None:
    opened = DataChoice(written(tmp_path, WINE, "my\x1b[31m wine.csv")).open(None)
    async with OpenedApp(opened).run_test(size=(120, 40)) as pilot:
        screen = await shown(pilot)
        assert screen.lab.network == opened.network
        await pilot.press("S")
        await until(pilot, lambda: screen.lab.present.step > 0)


async def test_a_path_in_the_settings_that_is_wrong_is_told_there(tmp_path: Path) -> None:
    network = on_data(file_spec(written(tmp_path, WINE)))
    async with running(network) as pilot:
        screen = main_screen(pilot)
        before = screen.lab.network
        await pilot.press("o", "tab", "end", "x", "ctrl+s")
        assert isinstance(pilot.app.screen, SettingsForm)
        assert "there is no such file" in str(pilot.app.screen.query_one("#preview").render())
        await pilot.press("backspace", "ctrl+s")
        assert screen.lab.network == before


async def test_a_file_is_chosen_in_the_settings_and_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, WINE)
    monkeypatch.chdir(tmp_path)
    async with running() as pilot:
        screen = main_screen(pilot)
        before = screen.lab.network
        await pilot.press("o", "enter", *"file", "enter", "tab", *"wine.csv", "ctrl+s")
        after = screen.lab.network
        assert after.settings.data == datasets.check(file_spec(tmp_path / "wine.csv"))
        assert (after.layers[0]["in_features"], after.layers[-1]["out_features"]) == (4, 3)
        await pilot.press("u")
        assert screen.lab.network == before


async def test_the_settings_say_what_to_do_about_an_error(tmp_path: Path) -> None:
    whole, gaps = written(tmp_path, WINE, "wine1.csv"), tmp_path / "wine2.csv"
    gaps.write_text(WINE.replace("0.143,1,", ",1,"))
    async with running(on_data(file_spec(whole))) as pilot:
        form = await _settings(pilot)
        await pilot.press("tab", "end", *["backspace"] * 5, *"2.csv", "ctrl+s")
        words = "row 2 (line 3), column 'acid' is empty: fill it, or drop such rows with drop_missing"
        await until(pilot, lambda: words in str(form.query_one("#preview").render()))


async def _settings(pilot: Pilot[None]) -> SettingsForm:
    await pilot.press("o")
    form = pilot.app.screen
    assert isinstance(form, SettingsForm)
    return form
