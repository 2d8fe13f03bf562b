"""The form for a function to fit."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from nnviz.data import datasets
from nnviz.data.formulas.functions import FUNCTIONS
from nnviz.data.functions import formula_of
from nnviz.errors import ArgumentError, NnvizError
from nnviz.registry import Spec
from nnviz.tui.dialogs.dialog import DialogBox, DialogKeys
from nnviz.tui.dialogs.form import Form
from nnviz.tui.text import content
from nnviz.tui.widgets.fields import ArgumentField, ArgumentFields

NAMES = ("of", "low", "high")
"""The arguments that are asked for."""

ABOUT = (
    "A function of x, of + - * / ^ and parentheses, pi, e, " + " ".join(FUNCTIONS) + ". It is parsed, never executed."
)


class TargetForm(Form[Spec]):
    """Enter a formula and its range; its result is the data set with these arguments.

    Args:
        data: the data set whose formula and range are the initial ones.
    """

    def __init__(self, data: Spec) -> None:
        super().__init__()
        self._data = data
        own = datasets[data.name]
        self._arguments = tuple(own.argument(name) for name in NAMES)

    def compose(self) -> ComposeResult:
        """Compose the fields and the keys."""
        initial = {name: self._data[name] for name in NAMES} | {"of": formula_of(self._data).text}
        with DialogBox() as box:
            box.border_title = "A function to fit"
            yield Static(content(ABOUT, 600), classes="dialog-about")
            yield ArgumentFields(self._arguments, initial)
            yield DialogKeys(("enter or ctrl+s fit", "accept"), ("esc cancel", "cancel"))

    @on(ArgumentField.Submitted)
    def action_accept(self) -> None:
        """Close with the function, if it is one."""
        fields = {field.argument.name: field for field in self.query(ArgumentField)}
        try:
            entered = self.query_one(ArgumentFields).values()
            if not str(entered["of"]).strip():
                raise ArgumentError("of: expected a formula, got nothing", "for example sin(x) + 0.3*x")
            datasets.check(self._data.replace(**entered))
        except NnvizError as error:
            name, _, words = error.message.partition(": ")
            hint = f"; {error.hint}" if error.hint else ""
            if name in fields:
                fields[name].say(words + hint, wrong=True)
            self.focus_invalid()
            return
        self.dismiss(Spec.of(self._data.name, **entered))
