"""What all forms share."""

from __future__ import annotations

from typing import TypeVar

from textual import on
from textual.containers import VerticalScroll

from nnviz.tui.dialogs.dialog import Dialog
from nnviz.tui.dialogs.picker import Picker
from nnviz.tui.widgets.fields import Field
from nnviz.tui.widgets.pick import Pick

Result = TypeVar("Result")


class ScrollingFields(VerticalScroll):
    """Fields that scroll where there is no room for all; the one with the cursor stays in view."""

    def on_resize(self) -> None:
        """What is said to be wrong takes lines, and the field in question may be out of sight then."""
        focused = self.screen.focused
        if focused is not None and self in focused.ancestors:
            focused.scroll_visible(animate=False)


class Form(Dialog[Result]):
    """A dialog of fields. Ctrl+S accepts it; the picker of a field opens above it."""

    BINDINGS = [("ctrl+s", "accept", "OK")]

    @on(Pick.Asked)
    def _open_picker(self, event: Pick.Asked) -> None:
        pick = event.pick
        self.app.push_screen(Picker(f"Choose: {pick.noun}", pick.offers, pick.value, noun=pick.noun), pick.choose)

    def focus_invalid(self) -> None:
        """Put the cursor into the first field that is marked as wrong."""
        for field in self.query(".field.-wrong").results(Field):
            self.set_focus(field.input)
            return
