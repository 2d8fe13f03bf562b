"""Saving, opening and copying on the screen."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from nnviz.files.line import network_of_line
from nnviz.files.model_file import read_model, write_model
from nnviz.files.opened import open_model
from nnviz.files.place import HISTORY, MODEL, STATE, WEIGHTS
from nnviz.files.saved import Saved, save_state
from nnviz.files.state import State
from nnviz.network import PRESETS, opening
from nnviz.registry import Spec
from nnviz.run import Run, Trainer
from nnviz.tui.dialogs.choices import ChoiceScreen
from nnviz.tui.dialogs.open_file import FilePicker
from nnviz.tui.dialogs.save_form import SaveForm
from nnviz.tui.main import MainScreen
from tests.files.checkpoints import read_checkpoint
from tests.privileges import without_privileges
from tests.tui.conftest import ready, running, toasts, until

ALL = {MODEL, WEIGHTS, STATE, HISTORY}


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of its own, in which the program runs."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


async def an_epoch(pilot: Pilot[None], screen: MainScreen) -> None:
    """Train an epoch, and wait for its end."""
    before = screen.lab.present.step
    await pilot.press("S")
    await until(pilot, lambda: not screen.lab.advancing and screen.lab.present.step > before)


async def save(pilot: Pilot[None], name: str = "") -> None:
    """Save as a user does: the name is asked for the first time."""
    await pilot.press("ctrl+s")
    await until(pilot, lambda: isinstance(pilot.app.screen, SaveForm))
    if name:
        pilot.app.screen.query_one(Input).value = name
    await pilot.press("enter")


async def said(pilot: Pilot[None], *words: str) -> None:
    await until(pilot, lambda: all(word in toasts(pilot) for word in words))


def full(fault: int) -> Callable[[int], None]:
    def fail(_: int) -> None:
        raise OSError(fault, os.strerror(fault))

    return fail


@pytest.mark.long
async def test_the_first_save_asks_for_a_name_and_the_next_does_not(here: Path) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await an_epoch(pilot, screen)
        await save(pilot)
        await said(pilot, "Saved step 25", "in model/.")
        assert {path.name for path in (here / "model").iterdir()} == ALL
        assert read_model(here / "model" / MODEL) == opening()
        await an_epoch(pilot, screen)
        await pilot.press("ctrl+s")
        await said(pilot, "Saved step 50")
        assert pilot.app.screen is screen
        network, checkpoint = read_checkpoint(here / "model" / STATE)
        assert network == opening()
        present = screen.lab.present.checkpoint
        assert present is not None
        assert checkpoint.history == present.history
        assert checkpoint.step == 50
        learned = open_model(here / "model").weights
        assert {n: a.tobytes() for n, a in learned.items()} == {n: a.tobytes() for n, a in present.parameters.items()}


async def test_it_saves_while_it_trains(here: Path) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("space")
        await until(pilot, lambda: screen.moment is not None and screen.moment.step > 0)
        assert screen.moment is not None
        shown = screen.moment.step
        await save(pilot)
        await said(pilot, "Saved step")
        assert screen.lab.running
        await pilot.press("space")
        await until(pilot, lambda: not screen.lab.status.running)
        step = read_checkpoint(here / "model" / STATE)[1].step
        assert shown <= step <= screen.lab.present.step
        trainer = Trainer(Run(opening()))
        for _ in itertools.islice(trainer.steps(), step):
            pass
        learned = open_model(here / "model").weights
        for name, tensor in trainer.model.state_dict().items():
            assert learned[name].tobytes() == tensor.array.tobytes()


@pytest.mark.long
async def test_an_edit_that_no_step_has_followed_is_saved(here: Path) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await an_epoch(pilot, screen)
        await pilot.press("j", "j", "y")
        await save(pilot)
        await said(pilot, "Saved step 25")
        network, checkpoint = read_checkpoint(here / "model" / STATE)
        assert network == screen.lab.network
        assert checkpoint.parameters["2.weight"].shape == checkpoint.parameters["3.weight"].shape


MINE = """\
# what I tried on Monday
format = 1
data = "circle" # as in the lecture
[[layers]]
name = "Linear"
in_features = 2
out_features = 2 # two classes
"""


@pytest.mark.long
async def test_the_file_that_was_opened_is_saved_with_its_comments(here: Path) -> None:
    (here / "mine.toml").write_text(MINE)
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "mine.toml" in listed(pilot))
        await pilot.press(*"mine", "enter")
        await said(pilot, "Opened")
        assert len(screen.lab.network.layers) == 1
        await ready(pilot)
        await an_epoch(pilot, screen)
        await pilot.press("y", "ctrl+s")
        await said(pilot, "Saved step", "mine.toml")
        text = (here / "mine.toml").read_text()
        assert text.startswith(MINE.partition("[[layers]]")[0])
        assert "out_features = 2 # two classes" in text
        assert len(read_model(here / "mine.toml").layers) == 2
        # Several model files can share a folder.
        assert {path.name for path in here.iterdir()} == {"mine.toml", *(f"mine.{name}" for name in ALL - {MODEL})}


@pytest.mark.long
async def test_a_file_that_another_program_has_changed_is_not_replaced_without_a_question(here: Path) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await save(pilot)
        await said(pilot, "Saved step 0")
        changed = (here / "model" / MODEL).read_text() + "# a note\n"
        (here / "model" / MODEL).write_text(changed)
        await an_epoch(pilot, screen)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
        await pilot.press("escape")
        assert (here / "model" / MODEL).read_text() == changed
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
        await pilot.press("down", "enter")
        await said(pilot, "Saved step 25")
        assert "# a note" in (here / "model" / MODEL).read_text()


@pytest.mark.long
async def test_another_network_does_not_replace_what_was_saved_without_a_question(here: Path) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await save(pilot)
        await said(pilot, "Saved step 0")
        before = {path.name: path.read_bytes() for path in (here / "model").iterdir()}
        await pilot.press("ctrl+n", "down", "enter")
        await until(pilot, lambda: screen.lab.network != opening())
        await save(pilot)
        await until(pilot, lambda: isinstance(pilot.app.screen, ChoiceScreen))
        # The first choice leaves the files, and asks for another name.
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, SaveForm))
        pilot.app.screen.query_one(Input).value = "other"
        await pilot.press("enter")
        await said(pilot, "in other/.")
        assert {path.name: path.read_bytes() for path in (here / "model").iterdir()} == before
        # Undo leads back to the first network, which knows its own file.
        await pilot.press("u")
        await until(pilot, lambda: screen.lab.network == opening())
        assert screen.lab.place is not None
        assert screen.lab.place.model == here / "model" / MODEL


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (errno.ENOSPC, "Free some space"),
        pytest.param(errno.EDQUOT, "Free some space", marks=pytest.mark.long),
        pytest.param(errno.EIO, "Check the free space", marks=pytest.mark.long),
    ],
)
async def test_a_full_disk_is_told_and_the_old_files_stay(
    here: Path, monkeypatch: pytest.MonkeyPatch, fault: int, advice: str
) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await save(pilot)
        await said(pilot, "Saved step 0")
        before = {path.name: path.read_bytes() for path in (here / "model").iterdir()}
        await an_epoch(pilot, screen)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full(fault))
            await pilot.press("ctrl+s")
            await said(pilot, "Not saved", os.strerror(fault), advice, "W saves under another name")
        assert {path.name: path.read_bytes() for path in (here / "model").iterdir()} == before
        await pilot.press("ctrl+s")
        await said(pilot, "Saved step 25")


async def test_a_folder_that_may_not_be_written_is_told(here: Path) -> None:
    here.chmod(0o500)
    try:
        async with running() as pilot:
            await ready(pilot)
            with without_privileges():
                await save(pilot)
                await said(pilot, "Not saved", "Permission denied", "a folder of your own")
    finally:
        here.chmod(0o700)
    assert not any(here.iterdir())


@pytest.mark.parametrize("fault", [errno.EACCES, pytest.param(errno.EROFS, marks=pytest.mark.long)])
@pytest.mark.long
async def test_a_folder_that_cannot_be_made_is_told(here: Path, monkeypatch: pytest.MonkeyPatch, fault: int) -> None:
    def refused(path: Path, *_: object, **__: object) -> None:
        raise OSError(fault, os.strerror(fault), str(path))

    async with running() as pilot:
        await ready(pilot)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "mkdir", refused)
            await save(pilot)
            await said(pilot, "Not saved", os.strerror(fault))
    assert not any(here.iterdir())


NO_NAMES = {
    "taken": "File exists", "taken/deeper": "Not a directory", "x" * 300: "File name too long", "a\0b": "", "~nobody-at-all/x": "",
}  # fmt: skip


@pytest.mark.long
async def test_a_name_that_cannot_be_is_told(here: Path) -> None:
    (here / "taken").write_text("mine")
    async with running() as pilot:
        screen = await ready(pilot)
        for name, words in NO_NAMES.items():
            pilot.app.clear_notifications()
            await save(pilot, name)
            if isinstance(pilot.app.screen, SaveForm):
                assert pilot.app.screen.query(".field.-wrong")
                await pilot.press("escape")
            else:
                await said(pilot, "Not saved", words, *["A part of the path is a file"] * (name == "taken"))
            assert pilot.app.screen is screen
            assert [path.name for path in here.iterdir()] == ["taken"]
            assert (here / "taken").read_text() == "mine"


@pytest.mark.long
async def test_a_broken_stack_is_saved_without_weights_and_never_beside_those_of_another(here: Path) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await save(pilot)
        await said(pilot, "Saved step 0")
        before = {path.name: path.read_bytes() for path in (here / "model").iterdir()}
        await pilot.press("d")
        await until(pilot, lambda: not screen.lab.valid)
        await pilot.press("ctrl+s")
        await said(pilot, "Not saved", "the stack has an error")
        assert {path.name: path.read_bytes() for path in (here / "model").iterdir()} == before
        await pilot.press("W")
        await until(pilot, lambda: isinstance(pilot.app.screen, SaveForm))
        pilot.app.screen.query_one(Input).value = "broken.toml"
        await pilot.press("enter")
        await said(pilot, "the model file alone")
        assert read_model(here / "broken.toml") == screen.lab.network


def listed(pilot: Pilot[None]) -> str:
    """What the dialog lists."""
    if not isinstance(pilot.app.screen, FilePicker):
        return ""
    choices = pilot.app.screen.query_one(OptionList)
    return "\n".join(str(choices.get_option_at_index(at).prompt) for at in range(choices.option_count))


@pytest.mark.long
async def test_a_folder_is_opened_where_it_was_saved_and_undo_returns(here: Path) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await an_epoch(pilot, screen)
        await save(pilot, "run")
        await said(pilot, "Saved step 25")
        saved = screen.lab.present.checkpoint
        await pilot.press("ctrl+n", "down", "enter")
        await until(pilot, lambda: screen.lab.network != opening())
        other = screen.lab.network
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "run/" in listed(pilot))
        await pilot.press(*"run", "enter")
        await said(pilot, "Opened at step 25, with its weights, optimizer and history.")
        found = screen.lab.present.checkpoint
        assert saved is not None
        assert found is not None
        assert found.history == saved.history
        await until(pilot, lambda: screen.moment is not None and screen.moment.step == 25)
        await pilot.press("u")
        assert screen.lab.network == other
        await pilot.press("U", "ctrl+s")
        await until(pilot, lambda: "Saved step 25" in toasts(pilot))


WRONG = [
    ("format = 1\ndata = 3\n", ("bad.toml, line 2", "data set: expected a name")),
    ('format = 1\ndata = "spirl"\n', ("bad.toml, line 2", "Did you mean spiral?")),
    ("format = 1\nx = [[[", ("bad.toml, line", "not valid TOML")),
    ('format = 1\ndata = "spiral"\nbach = 3\n', ("bad.toml, line 3", "Did you mean batch?")),
    ("PK\x03\x04", ("zip archive",)),
    ("", ("the file is empty",)),
]


@pytest.mark.long
async def test_a_wrong_file_is_told_and_what_was_there_stays(here: Path) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        before = screen.lab.run
        for text, words in WRONG:
            (here / "bad.toml").write_text(text)
            pilot.app.clear_notifications()
            await pilot.press("ctrl+o")
            await until(pilot, lambda: "bad.toml" in listed(pilot))
            await pilot.press("enter")
            await said(pilot, "Not opened", *words)
            assert screen.lab.run is before


@pytest.mark.long
async def test_weights_of_another_network_are_told(here: Path) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await save(pilot, "run")
        await said(pilot, "Saved step 0")
        write_model(PRESETS[2].make(), here / "run" / MODEL)
        before = screen.lab.run
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "run/" in listed(pilot))
        await pilot.press("enter")
        await said(pilot, "Not opened", "'0.weight' has shape (16, 2), expected (4, 2)")
        assert screen.lab.run is before


@pytest.mark.long
async def test_whatever_is_typed_and_wherever_it_looks_the_dialog_to_open_stays(here: Path) -> None:
    (here / "deep").mkdir()
    (here / "evil\x1b[2J[b].toml").write_text("format")
    for number in range(600):
        (here / f"{number:03}.toml").touch()
    async with running(size=(80, 24)) as pilot:
        screen = await ready(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "more: type to filter" in listed(pilot))
        assert "\x1b" not in listed(pilot)
        field = pilot.app.screen.query_one(Input)
        for text in ("**a", "x" * 300, "~nobody/", "/", "../", "\0", "a/b/c", "[/]", "//", "", "~"):
            field.value = text
            await pilot.pause()
            await pilot.press("pagedown", "down", "up", "pageup")
            if text not in ("/", "../", "//", "", "~"):
                await pilot.press("enter")
            assert isinstance(pilot.app.screen, FilePicker), text
        field.value = f"{here}/"
        await until(pilot, lambda: "deep/" in listed(pilot))
        (here / "deep").rmdir()
        await pilot.press(*"deep", "enter")
        await until(pilot, lambda: "No such file" in str(pilot.app.screen.query_one("#folder").render()))
        for size in ((20, 5), (3, 2), (200, 60)):
            await pilot.resize_terminal(*size)
            await pilot.press("pagedown", "pageup", "down")
        await pilot.press("escape")
        assert pilot.app.screen is screen
        assert screen.lab.network == opening()


async def test_folders_are_entered_and_left_by_key(here: Path) -> None:
    inner = here / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "mine.toml").write_text(MINE)
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("ctrl+o")
        await until(pilot, lambda: "a/" in listed(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "b/" in listed(pilot))
        await pilot.press("b", "/")
        await until(pilot, lambda: "mine.toml" in listed(pilot))
        await pilot.press("up", "enter")
        await until(pilot, lambda: "b/" in listed(pilot))
        await pilot.press(*"b/mine.toml")
        await until(pilot, lambda: "mine.toml" in listed(pilot))
        await pilot.press("enter")
        await said(pilot, "Opened")
        assert screen.lab.network == read_model(inner / "mine.toml")


async def test_the_line_is_copied_and_opens_the_same_network() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("Y")
        await said(pilot, "Copied: spiral 2-16-16-2 tanh adam:0.01 seed:1")
        assert network_of_line(pilot.app.clipboard) == screen.lab.network
        before = pilot.app.clipboard
        await pilot.press("j", "y", "Y")
        await said(pilot, "There is no line to copy", "ctrl+s saves")
        assert pilot.app.clipboard == before


async def test_an_error_that_nobody_has_foreseen_is_told_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(state: State, model: Path) -> Saved:
        raise ZeroDivisionError("[/]")

    async with running() as pilot:
        await ready(pilot)
        with monkeypatch.context() as patch:
            patch.setattr("nnviz.files.saved.save_state", fail)
            await save(pilot)
            await said(pilot, "Not saved: ZeroDivisionError: [/].")


@pytest.mark.long
async def test_two_saves_at_once_do_not_mix(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    go = threading.Event()

    def slow(state: State, model: Path) -> Saved:
        go.wait(20)
        return save_state(state, model)

    async with running() as pilot:
        await ready(pilot)
        monkeypatch.setattr("nnviz.files.saved.save_state", slow)
        await save(pilot)
        await said(pilot, "The network is being saved.")
        await save(pilot, "other")
        await pilot.pause()
        go.set()
        await said(pilot, "in model/.")
        assert [path.name for path in here.iterdir()] == ["model"]


def test_a_layer_that_a_line_cannot_say() -> None:
    from nnviz.files.line import line_of, why_no_line

    network = opening().insert(1, Spec.of("Add", row=0))
    assert line_of(network) is None
    assert "is a join layer, which cannot be said in a line" in why_no_line(network)
