"""The form of a layer's arguments, with what they would do shown at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.widgets import Static

from nnviz import nn
from nnviz.errors import NnvizError
from nnviz.registry import Spec, Value
from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.dialogs.picker import open_picker
from nnviz.tui.text import content
from nnviz.tui.widgets.fields import ArgumentField, ArgumentFields, to_wrong
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.pick import Pick

AROUND = 9
"""Lines of the box that are not fields: its frame, what the layer does, up to three of preview, the keys."""


class LayerForm(Dialog[Spec]):
    """Edit a layer's arguments; gives the layer.

    Args:
        name: which layer.
        values: what stands in the fields at first.
        preview: what the stack would make of a layer, in words.
        first: the field the cursor starts in; the first field where left out.
        title: what the box is called.
    """

    BINDINGS = [("ctrl+s", "accept", "OK")]

    def __init__(
        self, name: str, values: Mapping[str, Value], preview: Callable[[Spec], str], first: str = "", title: str = ""
    ) -> None:
        super().__init__()
        self._entry = nn.layers[name]
        self._values = values
        self._preview = preview
        self._first = first
        self._title = title or name

    def compose(self) -> ComposeResult:
        """Fields, preview, buttons."""
        with DialogBox() as box:
            box.border_title = self._title
            yield Static(content(self._entry.summary), classes="dialog-about")
            fields = ArgumentFields(self._entry.arguments, self._values)
            fields.styles.max_height = self._room
            yield fields
            yield StableLabel(self._words(self._as_given()), id="preview")
            yield DialogKeys("tab next field", ("enter or ctrl+s OK", "accept"), ("esc cancel", "cancel"))

    @property
    def _room(self) -> int:
        """Lines for the fields."""
        return max(self.app.size.height - AROUND, 2)

    def on_resize(self, _event: Resize) -> None:
        """The fields scroll where there is no room for all of them."""
        self.query_one(ArgumentFields).styles.max_height = self._room
        if self.focused is not None and isinstance(self.focused.parent, ArgumentField):
            self.focused.parent.come_into_view()

    def on_mount(self) -> None:
        """The cursor goes where something must be entered."""
        if self._first:
            self.query_one(ArgumentFields).focus_field(self._first)

    @on(ArgumentField.Changed)
    def _show_preview(self) -> None:
        self.query_one("#preview", StableLabel).update(self._words(self._spec()))

    def _words(self, spec: Spec | None) -> Content:
        return content("" if spec is None else self._preview(spec), 400)

    def _as_given(self) -> Spec | None:
        given = {a.name: self._values.get(a.name, a.default) for a in self._entry.arguments}
        try:
            return nn.layers.check(Spec.of(self._entry.name, **given))
        except NnvizError:
            return None

    def _spec(self) -> Spec | None:
        try:
            return nn.layers.check(Spec.of(self._entry.name, **self.query_one(ArgumentFields).values()))
        except NnvizError:
            return None

    @on(Pick.Asked)
    def _pick(self, event: Pick.Asked) -> None:
        open_picker(self.app, event.pick)

    @on(ArgumentField.Submitted)
    def action_accept(self) -> None:
        """Give the layer, if every field is right."""
        spec = self._spec()
        if spec is None:
            to_wrong(self)
        else:
            self.dismiss(spec)
