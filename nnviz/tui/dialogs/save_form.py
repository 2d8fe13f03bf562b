"""The form that asks under which name to save."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from nnviz.errors import NnvizError
from nnviz.files.place import files_beside, place_named
from nnviz.paths import exists
from nnviz.registry import Argument
from nnviz.tui.dialogs.dialog import DialogBox, DialogKeys
from nnviz.tui.dialogs.form import Form
from nnviz.tui.text import content
from nnviz.tui.widgets.fields import ArgumentField, ArgumentFields
from nnviz.tui.widgets.label import StableLabel

NAME = Argument("name", str, help="a folder, or a model file that ends in .toml")

ABOUT = "The network as a model file, and beside it its weights, the state of its training and the history."


class SaveForm(Form[str]):
    """Enter the name to save under; its result is the name.

    Args:
        name: the initial name.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        self._initial = name

    def compose(self) -> ComposeResult:
        """Compose the field, what will be written, and the keys."""
        with DialogBox() as box:
            box.border_title = "Save"
            yield Static(content(ABOUT), classes="dialog-about")
            yield ArgumentFields((NAME,), {NAME.name: self._initial})
            yield StableLabel(_preview(self._initial), id="preview")
            yield DialogKeys(("enter or ctrl+s save", "accept"), ("esc cancel", "cancel"))

    @on(ArgumentField.Changed)
    def _show_preview(self) -> None:
        self.query_one("#preview", StableLabel).update(_preview(self._entered()))

    def _entered(self) -> str:
        return str(self.query_one(ArgumentFields).values()[NAME.name])

    @on(ArgumentField.Submitted)
    def action_accept(self) -> None:
        """Close with the name, if it is one."""
        name = self._entered()
        try:
            place_named(name)
        except NnvizError as error:
            self.query_one(ArgumentField).say(error.message, wrong=True)
            return
        self.dismiss(name)


def _preview(name: str) -> Content:
    """What will be written where, or that it is there already."""
    try:
        model = place_named(name)
        files = files_beside(model)
        there = [path.name for path in files.values() if exists(path)]
    except NnvizError:
        return Content("")
    if there:
        return content(f"There is {model} already: you are asked before it is replaced.", 300)
    names = ", ".join(path.name for path in files.values())
    return content(f"Writes in {model.parent}: {names}", 300)
