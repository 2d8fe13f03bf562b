"""Which file a network is saved in, whatever was edited, undone, chosen or opened in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnviz.files.opened import Opened
from nnviz.files.place import MODEL, Place
from nnviz.files.saved import Saved
from nnviz.lab import Entry, Lab, files, stack, training
from nnviz.lab.edits import redo, undo
from nnviz.lab.effects import AskFile, AskName, Choose, CopyText, Effect, Open, Save, Toast
from nnviz.network import PRESETS, opening
from nnviz.run import Run

PLACE = Place(Path("/somewhere/run") / MODEL, "abc")


def new() -> Lab:
    return Lab(Entry(Run(opening())))


def saved_in(lab: Lab, place: Place) -> Lab:
    save = Save(place.model, lab.present.document)
    return files.saved(lab, save, Saved(place, (MODEL, "weights.safetensors"), 3))[0]


def preset(lab: Lab, number: int) -> Lab:
    """The lab after choosing a preset."""
    _, (effect,) = stack.presets(lab)
    assert isinstance(effect, Open)
    assert effect.answered is not None
    return effect.answered(lab, number)[0]  # type: ignore[no-any-return]


def only(effects: tuple[Effect, ...]) -> Effect:
    (effect,) = effects
    return effect


def test_the_name_is_asked_for_once() -> None:
    lab, effects = files.save(new())
    asked = only(effects)
    assert isinstance(asked, Open)
    assert asked.dialog == AskName("model")
    assert asked.answered is not None
    lab, effects = asked.answered(lab, "/a/b")
    assert only(effects) == Save(Path("/a/b/model.toml"), 0)
    lab = saved_in(lab, PLACE)
    assert only(files.save(lab)[1]) == Save(PLACE.model, 0, PLACE)
    # Under another name the old file counts for nothing; under the same it is known.
    again = only(files.save_as(lab)[1])
    assert isinstance(again, Open)
    assert again.dialog == AskName("/somewhere/run")
    assert again.answered is not None
    assert only(again.answered(lab, "/somewhere/run")[1]) == Save(PLACE.model, 0, PLACE)
    assert only(again.answered(lab, "/other.toml")[1]) == Save(Path("/other.toml"), 0)


def test_edits_and_a_restart_keep_the_file_and_another_network_has_none() -> None:
    lab = saved_in(new(), PLACE)
    for change in (stack.duplicate, stack.delete, training.reset, training.reseed, training.use):
        lab, _ = change(lab)
        assert lab.place == PLACE
    other = preset(lab, 2)
    assert other.place is None
    assert undo(other)[0].place == PLACE
    assert redo(undo(other)[0])[0].place is None
    third = preset(saved_in(other, Place(Path("/b") / MODEL)), 3)
    assert third.place is None
    assert undo(third)[0].place == Place(Path("/b") / MODEL)


def test_a_number_is_not_given_twice_even_after_undo() -> None:
    lab = preset(new(), 1)
    number = lab.present.document
    lab = saved_in(lab, PLACE)
    lab = preset(undo(lab)[0], 2)
    assert lab.present.document != number
    assert lab.place is None


def test_what_is_opened_can_be_undone_and_is_saved_in_its_file() -> None:
    lab = new()
    network = PRESETS[2].make()
    after, effects = files.opened(lab, Opened(network, place=PLACE))
    assert after.network == network
    assert after.place == PLACE
    assert any(isinstance(effect, Toast) and "no saved weights" in effect.text for effect in effects)
    back = undo(after)[0]
    assert back.network == lab.network
    assert back.place is None
    # The program that was started on it has nothing before it.
    begun, effects = files.begin_with(Lab(Entry(Run(network))), Opened(network, place=PLACE))
    assert begun.place == PLACE
    assert effects == ()
    assert not begun.past


def test_a_warning_is_said_at_the_start_as_well() -> None:
    begun, effects = files.begin_with(new(), Opened(opening(), warnings=("the state is bad",)))
    assert Toast("the state is bad.", severity="warning") in effects
    assert not begun.past


@pytest.mark.parametrize(("changed", "words"), [(False, "exists already"), (True, "was changed by another program")])
def test_files_are_replaced_only_where_that_is_chosen(changed: bool, words: str) -> None:
    lab, save = new(), Save(PLACE.model, 0)
    _, effects = files.ask_to_replace(lab, save, (PLACE.model,), changed)
    asked = only(effects)
    assert isinstance(asked, Open)
    assert isinstance(asked.dialog, Choose)
    assert words in asked.dialog.title
    assert asked.answered is not None
    # What a careless Enter chooses replaces nothing.
    first = only(asked.answered(lab, 0)[1])
    assert isinstance(first, Open)
    assert isinstance(first.dialog, AskName)
    assert only(asked.answered(lab, 1)[1]) == Save(PLACE.model, 0, replaces=True)


def test_the_folder_that_is_shown_first_is_the_one_around_what_was_saved() -> None:
    for place, folder in ((PLACE, Path("/somewhere")), (Place(Path("/a/mine.toml")), Path("/a")), (None, Path())):
        lab = saved_in(new(), place) if place else new()
        effect = only(files.open_file(lab)[1])
        assert isinstance(effect, Open)
        assert effect.dialog == AskFile(folder)


def test_a_line_is_copied_or_it_is_said_why_not() -> None:
    _, effects = files.copy_line(new())
    assert CopyText("spiral 2-16-16-2 tanh adam:0.01 seed:1") in effects
    _, effects = files.copy_line(preset(new(), 5))
    said = only(effects)
    assert isinstance(said, Toast)
    assert "is a join layer, which cannot be said in a line" in said.text
    assert said.hint == "{save} saves the network as a file."
