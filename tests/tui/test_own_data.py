"""A file of data on the screen."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

import nnviz.data
from nnviz.cli.own import DataChoice
from nnviz.cli.screen import OpenedApp
from nnviz.data import datasets, file_spec
from nnviz.data.own import Source
from nnviz.data.own.reading import Content
from nnviz.data.own.table import Table
from nnviz.files.model_file import write_model
from nnviz.network import on_data, opening
from nnviz.tui.dialogs.data_form import DataForm
from nnviz.tui.dialogs.open_file import FilePicker
from nnviz.tui.dialogs.reading import ReadingBar, ReadingScreen
from nnviz.tui.dialogs.save_form import SaveForm
from nnviz.tui.dialogs.settings import SettingsForm
from nnviz.tui.widgets.pick import Pick
from nnviz.tui.widgets.table import TextTable
from tests.data.own import WINE, written
from tests.tui.conftest import PATIENCE, main_screen, running, toasts, until
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


@pytest.mark.long
async def test_a_path_in_the_settings_that_is_wrong_is_told_there(tmp_path: Path) -> None:
    network = on_data(file_spec(written(tmp_path, WINE)))
    async with running(network) as pilot:
        screen = main_screen(pilot)
        before = screen.lab.network
        await pilot.press("o", "tab", "end", "x", "ctrl+s")
        form = pilot.app.screen
        assert isinstance(form, SettingsForm)
        await until(pilot, lambda: "there is no such file" in str(form.query_one("#preview").render()))
        await pilot.press("backspace", "ctrl+s")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert screen.lab.network == before


@pytest.mark.long
async def test_a_file_is_chosen_in_the_settings_and_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, WINE)
    monkeypatch.chdir(tmp_path)
    async with running() as pilot:
        screen = main_screen(pilot)
        before = screen.lab.network
        await pilot.press("o", "enter", *"file", "enter", "tab", *"wine.csv", "ctrl+s")
        await until(pilot, lambda: screen.lab.network != before)
        after = screen.lab.network
        assert after.settings.data == datasets.check(file_spec(tmp_path / "wine.csv"))
        assert (after.layers[0]["in_features"], after.layers[-1]["out_features"]) == (4, 3)
        await pilot.press("u")
        assert screen.lab.network == before


loading = importlib.import_module("nnviz.data.own.load")

MISSING = WINE.replace("\n2.286,", "\n,")
"""The same table with an empty cell in its row 17."""


def lines(pilot: Pilot[None]) -> list[str]:
    """The lines of the screen."""
    strips = pilot.app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip) for strip in strips]


def text(pilot: Pilot[None]) -> str:
    return "\n".join(lines(pilot))


async def chosen(pilot: Pilot[None], folder: Path, name: str = "wine.csv") -> DataForm:
    """The dialog on a file, opened by ctrl+o."""
    await pilot.press("ctrl+o")
    await until(pilot, lambda: isinstance(pilot.app.screen, FilePicker))
    pilot.app.screen.query_one("#filter").value = str(folder / name)  # type: ignore[attr-defined]
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, DataForm))
    form = pilot.app.screen
    assert isinstance(form, DataForm)
    return form


async def read(pilot: Pilot[None], form: DataForm) -> None:
    """Let it read what was chosen, and show that."""
    await until(pilot, lambda: form._reading is None)
    await pilot.pause()


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
@pytest.mark.long
async def test_a_file_is_shown_before_it_is_used(tmp_path: Path, size: tuple[int, int]) -> None:
    written(tmp_path, WINE)
    async with running(size=size) as pilot:
        screen = main_screen(pilot)
        before = screen.lab.network
        form = await chosen(pilot, tmp_path)
        await read(pilot, form)
        for words in (
            "60 samples, 4 inputs, classification of quality, 3 classes",
            "an input, standardized",
            "2 inputs, one for each text: red, white",
            "target, 3 classes",
            "classification, 3 classes: it has 3 different whole",
            "refused, with row and column",
            "the first row has the names (found out)",
            "yes: mean 0, standard deviation 1",
            "0.2: 48 samples for training, 12 for testing",
            "adapted: layer 1 Linear: in_features = 4",
            "row 1",
            "0.143",
            "esc cancel",
        ):
            assert words in text(pilot), words
        await pilot.press("escape")
        assert screen.lab.network is before
        assert not screen.lab.past


@pytest.mark.long
async def test_enter_takes_it_and_undo_leaves_it(tmp_path: Path) -> None:
    written(tmp_path, WINE)
    async with running() as pilot:
        screen = main_screen(pilot)
        before = screen.lab.network
        await chosen(pilot, tmp_path)
        # Enter waits for what is still being read.
        await pilot.press("enter")
        await until(pilot, lambda: screen.lab.network != before)
        network = screen.lab.network
        assert network.settings.data == datasets.check(file_spec(tmp_path / "wine.csv"))
        assert (network.layers[0]["in_features"], network.layers[-1]["out_features"]) == (4, 3)
        await until(pilot, lambda: "wine.csv, 60 samples: a new run from step 0. Adapted: layer 1" in toasts(pilot))
        await pilot.press("S")
        await until(pilot, lambda: screen.lab.present.step > 0)
        await pilot.press("u")
        assert screen.lab.network == before


@pytest.mark.long
async def test_what_is_made_of_it_is_chosen_by_keys(tmp_path: Path) -> None:
    written(tmp_path, MISSING)
    async with running() as pilot:
        screen = main_screen(pilot)
        form = await chosen(pilot, tmp_path)
        await read(pilot, form)
        assert "row 17 (line 18), column 'acid' is empty: fill it, or drop such rows with the key m" in text(pilot)
        assert form.query_one(TextTable).cursor_row == 0
        # Nothing is taken as long as it cannot be.
        await pilot.press("enter")
        assert pilot.app.screen is form
        await pilot.press("m")
        await read(pilot, form)
        assert "1 of 60 rows have a missing cell: they are left out" in text(pilot)
        await pilot.press("t", "j", "i", "s", "plus", "f")
        await read(pilot, form)
        assert "regression of acid" in text(pilot)
        assert "stays as it is, with an error" in text(pilot)
        await pilot.press("f")
        await pilot.pause()
        assert "a new one: Linear(3, 16), Tanh, Linear(16, 16), Tanh, Linear(16, 1)" in text(pilot)
        wanted = on_data(
            file_spec(
                tmp_path / "wine.csv",
                target="acid",
                ignore="ash",
                drop_missing=True,
                standardize=False,
                test_share=0.25,
            )
        )
        await pilot.press("enter")
        await until(pilot, lambda: screen.lab.network == wanted)


@pytest.mark.long
async def test_the_task_and_the_header_are_chosen_by_keys(tmp_path: Path) -> None:
    written(tmp_path, WINE)
    async with running() as pilot:
        form = await chosen(pilot, tmp_path)
        await pilot.press("c", "c")
        await read(pilot, form)
        assert "regression: as asked for" in text(pilot)
        assert "target, a value, standardized" in text(pilot)
        await pilot.press("c", "h", "h")
        await read(pilot, form)
        assert "no row has names: columns have numbers" in text(pilot)
        # Then the names are cells, and all columns are texts: too many of them.
        assert "column 1" in text(pilot)
        assert "✗" in text(pilot)


NASTY = "a\x1b[31mb,\u202eevil,名前\u0301[bold]" + "".join(f",c{at}" for at in range(500)) + ",y\n"


@pytest.mark.long
async def test_whatever_is_in_the_file_reaches_the_screen_clean(tmp_path: Path) -> None:
    row = f"1,\x1b]0;title\x07,{'x' * 100_000}" + ",2" * 500
    written(tmp_path, NASTY + "".join(f"{row},{at % 2}\n" for at in range(5)))
    for size in ((20, 6), (80, 24)):
        async with running(size=size) as pilot:
            form = await chosen(pilot, tmp_path)
            await read(pilot, form)
            await pilot.press("end", "up", "t")
            await read(pilot, form)
            found = text(pilot)
            assert not {c for c in found if c < " " or "\x7f" <= c < "\xa0" or c == "\u202e"} - {"\n"}
            assert all(len(line) <= 2 * size[0] for line in lines(pilot))
            assert form.is_current


MARKUP = ("[/]", "[bold", "[[", "[@click=app.quit]x[/]", "$accent", "{add}")
ACTED_ON = ("\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "\x1b]8;;http://x\x1b\\", "\x9b2J\x07", "\u202egnp")


@pytest.mark.long
async def test_names_in_data_are_shown_on_every_page_as_they_are_and_do_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names, classes = [*MARKUP, *ACTED_ON], [*ACTED_ON, *MARKUP]
    rows = (
        ",".join([*(f"{(at * (column + 3)) % 17}" for column in range(len(names))), f'"{classes[at % len(classes)]}"'])
        for at in range(66)
    )
    # No slash is in the name of a file.
    name = "".join(names).replace("/", "")
    content = ",".join([*(f'"{name}"' for name in names), '"[/]y"']) + "\n" + "\n".join(rows)
    opened = DataChoice(written(tmp_path, content, f"{name[-60:]}.csv")).open(None)
    seen = ""
    async with OpenedApp(opened).run_test(size=(120, 50), notifications=True) as pilot:
        screen = await shown(pilot)
        # A toast of each kind, then all pages, full and beside others, a sample, a walk, the settings.
        await pilot.press("S")
        await until(pilot, lambda: not screen.lab.advancing and screen.lab.present.step > 0)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, SaveForm))
        pilot.app.screen.query_one(Input).value = f"a{name[:80]}"
        await pilot.pause()
        seen += text(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "Saved step" in toasts(pilot))
        await pilot.pause()
        seen += text(pilot)
        for keys in (
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "6",
            "j",
            "C",
            "C",
            "enter",
            "n",
            "enter",
            "escape",
            "escape",
            "o",
            "escape",
            "ctrl+o",
        ):
            await pilot.press(keys)
            await pilot.pause()
            seen += text(pilot)
        assert pilot.app.is_running
    assert not {c for c in seen if c < " " or "\x7f" <= c < "\xa0" or c == "\u202e"} - {"\n"}
    for word in ("[/]", "[bold", "[[", "[@click=app.quit]"):
        assert word in seen, word


@pytest.mark.long
async def test_a_folder_of_images_is_opened(tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image")
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for at in range(6):
            image.new("L", (4, 4), 10 * at + 1).save(tmp_path / "pets" / name / f"{at}.png")
    async with running() as pilot:
        screen = main_screen(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilePicker))
        pilot.app.screen.query_one("#filter").value = f"{tmp_path / 'pets'}/"  # type: ignore[attr-defined]
        await until(pilot, lambda: "images of 2 classes" in text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, DataForm))
        form = pilot.app.screen
        assert isinstance(form, DataForm)
        await read(pilot, form)
        assert "12 samples, 1x4x4, classification of folders, 2 classes" in text(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: screen.lab.network.settings.data.name == "file")
        assert screen.lab.valid


class SlowFile:
    """A file that is read when it is let to, and never in the interface's thread."""

    def __init__(self) -> None:
        self.release, self.begun, self.ended = threading.Event(), threading.Event(), threading.Event()
        self._read = loading.read_table

    def read(self, content: Content, source: Source) -> Table:
        assert threading.current_thread() is not threading.main_thread(), "the interface's thread reads data"
        self.begun.set()
        try:
            while not self.release.wait(0.01):
                content.watch.at(content.watch.total // 4)
            return self._read(content, source)
        finally:
            self.ended.set()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowFile]:
    found = SlowFile()
    monkeypatch.setattr(loading, "read_table", found.read)
    yield found
    found.release.set()


async def test_while_it_is_read_there_is_a_bar_and_escape_cancels(tmp_path: Path, slow: SlowFile) -> None:
    written(tmp_path, WINE)
    async with running() as pilot:
        screen = main_screen(pilot)
        before = screen.lab.network
        form = await chosen(pilot, tmp_path)
        bar = form.query_one(ReadingBar)
        await until(pilot, lambda: bar.percentage is not None and 0.2 < bar.percentage < 0.3)
        assert bar.display
        # The first rows are there already, and keys work.
        assert "0.143" in text(pilot)
        await pilot.press("down", "escape")
        assert pilot.app.screen is screen
        assert slow.ended.wait(PATIENCE)
        assert not slow.release.is_set()
        assert screen.lab.network is before


@pytest.mark.long
async def test_the_settings_read_a_file_in_a_thread_and_escape_cancels(tmp_path: Path, slow: SlowFile) -> None:
    written(tmp_path, WINE)
    async with running() as pilot:
        screen = main_screen(pilot)
        before = screen.lab.network
        await pilot.press("o", "enter", *"file", "enter", "tab")
        pilot.app.screen.focused.value = str(tmp_path / "wine.csv")  # type: ignore[union-attr]
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReadingScreen))
        await pilot.press("escape")
        assert isinstance(pilot.app.screen, SettingsForm)
        assert slow.ended.wait(PATIENCE)
        slow.begun.clear()
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReadingScreen))
        assert slow.begun.is_set()
        slow.release.set()
        await until(pilot, lambda: screen.lab.network != before)
        assert screen.lab.network.settings.data["path"] == str(tmp_path / "wine.csv")


@pytest.mark.long
async def test_a_model_on_a_large_file_is_opened_in_a_thread_and_escape_cancels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, WINE)
    write_model(on_data(file_spec(path)), tmp_path / "model.toml")
    # It is in no cache any more.
    written(tmp_path, WINE + "1,2,red,4\n")
    slow = SlowFile()
    monkeypatch.setattr(loading, "read_table", slow.read)
    async with running() as pilot:
        screen = main_screen(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: isinstance(pilot.app.screen, FilePicker))
        pilot.app.screen.query_one("#filter").value = str(tmp_path / "model.toml")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, ReadingScreen))
        await pilot.press("escape")
        assert pilot.app.screen is screen
        assert slow.ended.wait(PATIENCE)
        slow.release.set()
        assert screen.lab.network == opening()


async def test_the_readme_shows_the_dialog_as_it_is(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    picture = readme[readme.index("╭─ flowers.csv") :].partition("\n```")[0].splitlines()
    iris = Path(nnviz.data.__file__).parent / "iris.csv"
    written(tmp_path, iris.read_bytes(), "flowers.csv")
    async with running(size=(80, 24)) as pilot:
        await read(pilot, await chosen(pilot, tmp_path, "flowers.csv"))
        found = [line.rstrip() for line in lines(pilot)]
        first = found.index(picture[0])
        assert found[first : first + len(picture)] == picture


@pytest.mark.long
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
