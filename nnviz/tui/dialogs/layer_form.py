"""The form of a layer's arguments, with a preview of their effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from nnviz import nn
from nnviz.errors import NnvizError
from nnviz.lab.effects import Question
from nnviz.registry import Spec, Value
from nnviz.tui.dialogs.dialog import DialogBox, DialogKeys
from nnviz.tui.dialogs.form import Form
from nnviz.tui.text import content
from nnviz.tui.widgets.fields import ArgumentField, ArgumentFields
from nnviz.tui.widgets.label import StableLabel

BLANK = 2
"""Blank lines, one above the fields and one below."""


class LayerForm(Form[Spec]):
    """Edit a layer's arguments; its result is the layer.

    Args:
        name: the name of the layer.
        values: the initial values.
        preview: layer → a text on its effect in the stack.
        first: the field that has the focus at first; the first field if left out.
        title: the title; the name of the layer if left out.
        questions: the arguments that are asked for, by their names.
    """

    def __init__(
        self,
        name: str,
        values: Mapping[str, Value],
        preview: Callable[[Spec], str],
        first: str = "",
        title: str = "",
        questions: Mapping[str, Question] | None = None,
    ) -> None:
        super().__init__()
        self._entry = nn.layers[name]
        self._values = values
        self._preview = preview
        self._first = first
        self._title = title or name
        self._questions = questions or {}
        self._said = Content()

    def compose(self) -> ComposeResult:
        """Compose fields, preview and keys."""
        with DialogBox() as box:
            box.border_title = self._title
            yield Static(content(self._entry.summary), classes="dialog-about")
            fields = ArgumentFields(self._entry.arguments, self._values, self._questions)
            given = {a.name: self._values.get(a.name, a.default) for a in self._entry.arguments}
            # The answer to a question does not stand below it.
            self._said = Content() if self._questions else self._words(self._spec(given))
            fields.styles.max_height = self._room
            yield fields
            yield StableLabel(self._said, id="preview")
            yield DialogKeys("tab next field", ("enter or ctrl+s OK", "accept"), ("esc cancel", "cancel"))

    @property
    def _room(self) -> int:
        """Lines for the fields."""
        lines = max(len(self._said.wrap(self.inner_width())), 1)
        about = len(content(self._entry.summary).wrap(self.inner_width()))
        return max(self.room() - about - lines - BLANK, 2)

    def on_resize(self, _event: Resize) -> None:
        """Fit the fields into the box; they scroll if there is no room for all of them."""
        self.query_one(ArgumentFields).styles.max_height = self._room
        if self.focused is not None and isinstance(self.focused.parent, ArgumentField):
            self.focused.parent.come_into_view()

    def on_mount(self) -> None:
        """Focus the first field to be filled in."""
        self.query_one(ArgumentFields).styles.max_height = self._room
        if self._first:
            self.query_one(ArgumentFields).focus_field(self._first)

    @on(ArgumentField.Changed)
    def _show_preview(self) -> None:
        asks = self.query_one(ArgumentFields).asks
        self._said = Content() if asks else self._words(self._spec())
        self.query_one("#preview", StableLabel).update(self._said)
        self.query_one(ArgumentFields).styles.max_height = self._room

    def _words(self, spec: Spec | None) -> Content:
        return content("" if spec is None else self._preview(spec), 400)

    def _spec(self, given: Mapping[str, Value] | None = None) -> Spec | None:
        """The layer with the given arguments, else with those entered; None if they are not valid."""
        with suppress(NnvizError):
            values = self.query_one(ArgumentFields).values() if given is None else given
            return nn.layers.check(Spec.of(self._entry.name, **values))
        return None

    @on(ArgumentField.Submitted)
    def action_accept(self) -> None:
        """Close with the layer, if every value is valid."""
        spec = self._spec()
        if spec is None:
            self.focus_invalid()
        else:
            self.dismiss(spec)
