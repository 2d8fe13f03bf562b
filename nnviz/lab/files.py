"""The commands on files: save, open, and copy as a line."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nnviz.errors import NnvizError
from nnviz.files.place import MODEL, holds_data, place_named
from nnviz.lab.command import Result
from nnviz.lab.edits import edit, open_run, push_entry
from nnviz.lab.effects import (
    AskFile,
    AskName,
    Choice,
    Choose,
    CopyText,
    DataTaken,
    Effect,
    Open,
    OpenModel,
    Save,
    Severity,
    ShowData,
    Toast,
)
from nnviz.lab.lab import Entry, Lab
from nnviz.lab.texts import literal
from nnviz.network import fit_to_data, job_of, on_data
from nnviz.run import Run

if TYPE_CHECKING:
    from nnviz.files.opened import Opened
    from nnviz.files.saved import Saved

NAME = "model"
"""The name that is offered for what was not saved yet."""

MOST_SHOWN = 300
"""Characters of a path in a toast."""


def save(lab: Lab) -> Result:
    """Save in the model file that was opened or saved last; ask for the name if there is none."""
    place = lab.place
    return save_as(lab) if place is None else (lab, (Save(place.model, lab.present.document, place),))


def save_as(lab: Lab) -> Result:
    """Save under a name that is asked for."""
    place = lab.place
    return _ask_name(lab, NAME if place is None else _name_of(place.model))


def _name_of(model: Path) -> str:
    """What a user enters to name this model file."""
    folder = shown(model.parent)
    return folder if model.name == MODEL and folder != "." else shown(model)


def _ask_name(lab: Lab, name: str) -> Result:
    return lab, (Open(AskName(name), partial(_named, document=lab.present.document)),)


def _named(lab: Lab, name: str, document: int) -> Result:
    try:
        model = place_named(name)
    except NnvizError as error:
        return lab, (Toast(f"Not saved: {error.message}", literal(error.hint), "error"),)
    place = lab.places.get(document)
    return lab, (Save(model, document, place if place is not None and place.model == model.absolute() else None),)


def saving(lab: Lab) -> Result:
    """It takes long to save."""
    return lab, (Toast("The network is being saved."),)


def ask_to_replace(lab: Lab, save: Save, found: tuple[Path, ...], changed: bool) -> Result:
    """There are other files in place of those that are to be written: ask before they are replaced."""
    names = ", ".join(path.name for path in found[:5])
    why = "was changed by another program since it was opened" if changed else "exists already"
    choices = (
        Choice("Save under another name", "The files stay as they are."),
        Choice(
            "Replace",
            f"In {shown(found[0].parent)}: {names}. "
            "Comments in the model file stay; what else it says is replaced by the network on the screen.",
        ),
    )
    question = Choose(f"{shown(save.model)} {why}", choices)
    return lab, (Open(question, partial(_answered, save=save)),)


def _answered(lab: Lab, number: int, save: Save) -> Result:
    if number:
        return lab, (replace(save, replaces=True),)
    return _ask_name(lab, _name_of(save.model))


def saved(lab: Lab, save: Save, found: Saved) -> Result:
    """It is saved: the next time it goes there without a question."""
    lab = replace(lab, places={**lab.places, save.document: found.place})
    folder = shown(found.place.model.parent)
    where = "this folder" if folder == "." else f"{folder}/"
    step = f"step {found.step:,}" if len(found.files) > 1 else "the model file alone, since the stack has an error"
    words = f"Saved {step}: {', '.join(found.files)} in {where}."
    return lab, (Toast(words),)


def not_saved(lab: Lab, message: str, hint: str) -> Result:
    """It could not be saved."""
    advice = literal(f"{hint[:1].upper()}{hint[1:]}. ") if hint else ""
    return lab, (Toast(f"Not saved: {message}.", f"{advice}{{save_as}} saves under another name.", "error"),)


def open_file(lab: Lab) -> Result:
    """Choose a model file, a folder or data to open."""
    model = lab.place.model if lab.place is not None else Path(MODEL)
    # The folder that has the one that was saved, not its inside.
    folder = model.parent.parent if lab.place is not None and model.name == MODEL else model.parent
    return lab, (Open(AskFile(folder), _chosen),)


def _chosen(lab: Lab, path: Path) -> Result:
    if holds_data(path):
        return lab, (Open(ShowData(path, lab.network), _taken),)
    return lab, (OpenModel(str(path)),)


def _taken(lab: Lab, answer: DataTaken) -> Result:
    """Data were chosen: a new run on them, with the stack as it was asked for. Undo returns to the one before."""
    done: list[str] = []
    if answer.fit == "new":
        lab, effects = open_run(lab, Run(on_data(answer.data), planned=lab.present.planned), 1)
    else:
        network = lab.network.configure(replace(lab.network.settings, data=answer.data))
        if answer.fit == "adapt":
            network, done = fit_to_data(network)
        if network == lab.network:
            return lab, (Toast("The network has these data already."),)
        lab, effects = edit(lab, network)
    schema = job_of(lab.network).schema
    words = f"{schema.name}, {schema.samples:,} samples: a new run from step 0."
    if done:
        words += f" Adapted: {'; '.join(done)}."
    return lab, (*effects, Toast(words, "{undo} returns to the run before."))


def opened(lab: Lab, found: Opened) -> Result:
    """A model was read: it takes the place of the present one, and undo returns to that."""
    lab, words, effects = _opened(lab, found)
    hint = "{undo} returns to the other one."
    return lab, (*effects, Toast(words, hint, "warning" if found.warnings else "information"))


def begin_with(lab: Lab, found: Opened) -> Result:
    """The program was started on a model: there is nothing before it that undo could return to."""
    if not (found.weights or found.checkpoint or found.warnings) and found.network == lab.network:
        # It is shown already.
        places = {lab.present.document: found.place} if found.place is not None else {}
        return replace(lab, places=places), ()
    lab, words, effects = _opened(lab, found)
    severity: Severity = "warning" if found.warnings else "information"
    return replace(lab, past=()), (*effects, Toast(words, severity=severity))


def _opened(lab: Lab, found: Opened) -> tuple[Lab, str, tuple[Effect, ...]]:
    document = lab.new_document
    if found.place is not None:
        lab = replace(lab, places={**lab.places, document: found.place})
    if found.checkpoint is not None:
        entry = Entry(found.run, found.checkpoint, document=document)
        words = f"Opened at step {found.checkpoint.step:,}, with its weights, optimizer and history."
    else:
        entry = Entry(found.run, document=document)
        words = "Opened with the saved weights." if found.weights else "Opened: it has no saved weights."
    if found.warnings:
        words = f"{'; '.join(found.warnings)}."
    lab, effects = push_entry(replace(lab, folds=frozenset(), unfolded=frozenset()), entry, 1)
    return lab, words, effects


def not_opened(lab: Lab, message: str, hint: str) -> Result:
    """It could not be opened; what was there stays."""
    advice = literal(f"{hint[:1].upper()}{hint[1:]}.") if hint else ""
    return lab, (Toast(f"Not opened: {message}.", advice, "error"),)


def copy_line(lab: Lab) -> Result:
    """Copy the line of the network to the clipboard."""
    # Imported when it is asked for, so that the program opens sooner.
    from nnviz.files.line import line_of, why_no_line

    line = line_of(lab.network)
    if line is not None:
        return lab, (CopyText(line), Toast(f"Copied: {line}", "It opens in a shell with: nnviz '…'"))
    why = why_no_line(lab.network)
    return lab, (Toast(f"There is no line to copy: {why}.", "{save} saves the network as a file.", "warning"),)


def shown(path: Path) -> str:
    """A path as it is shown: relative to the present folder if it is in it."""
    with suppress(OSError, ValueError):
        path = path.absolute().relative_to(Path.cwd())
    text = str(path)
    return text if len(text) <= MOST_SHOWN else f"…{text[-MOST_SHOWN:]}"
