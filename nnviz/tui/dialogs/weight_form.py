"""The form for the value of one weight."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from nnviz.errors import ArgumentError
from nnviz.registry import Argument
from nnviz.tui.dialogs.dialog import DialogBox, DialogKeys
from nnviz.tui.dialogs.form import Form
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.fields import ArgumentField, ArgumentFields

VALUE = Argument("value", float, help="a number")

ABOUT = "The run goes on from the present step with this value, and can be repeated bit for bit."


class WeightForm(Form[float]):
    """Enter the value of a weight; its result is the number.

    Args:
        name: what the weight is called.
        value: its present value.
    """

    def __init__(self, name: str, value: float) -> None:
        super().__init__()
        self._weight, self._initial = name, value

    def compose(self) -> ComposeResult:
        """Compose the field and the keys."""
        with DialogBox() as box:
            box.border_title = clean(f"Set {self._weight}", 60)
            yield Static(content(ABOUT), classes="dialog-about")
            yield ArgumentFields((VALUE,), {VALUE.name: self._initial})
            yield DialogKeys(("enter or ctrl+s set", "accept"), ("esc cancel", "cancel"))

    @on(ArgumentField.Submitted)
    def action_accept(self) -> None:
        """Close with the number, if it is one."""
        try:
            value = self.query_one(ArgumentFields).values()[VALUE.name]
        except ArgumentError:
            self.focus_invalid()
            return
        assert isinstance(value, float)  # noqa: S101 (checked by its argument)
        self.dismiss(value)
