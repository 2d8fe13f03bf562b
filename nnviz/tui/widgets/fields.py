"""A form read from a signature: one line for each argument, checked as one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input, Label, Select, Static

from nnviz.catalogue import Argument, Value
from nnviz.errors import ArgumentError
from nnviz.tui.text import content


class Tick(Checkbox, inherit_bindings=False):
    """A checkbox that shows its state by a mark, not by a colour alone. Space turns it; Enter accepts the form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_button", "Turn", show=False),
        Binding("enter", "submit", "Accept", show=False),
    ]

    class Submitted(Message):
        """Enter was pressed."""

    def __init__(self, label: str, value: bool, *, compact: bool = False, id: str | None = None) -> None:  # noqa: A002
        self.BUTTON_INNER = "X" if value else " "
        super().__init__(label, value, compact=compact, id=id)

    def watch_value(self) -> None:
        """The mark goes with the value."""
        self.BUTTON_INNER = "X" if self.value else " "
        super().watch_value()

    def action_submit(self) -> None:
        """Accept the form."""
        self.post_message(self.Submitted())


class ArgumentField(Vertical):
    """One argument: its name, what is entered, and what it is for or what is wrong with it.

    Args:
        argument: what the form asks for.
        value: what stands there at first.
    """

    class Changed(Message):
        """What stands in a field changed."""

    class Submitted(Message):
        """Enter was pressed in a field."""

    def __init__(self, argument: Argument, value: Value) -> None:
        super().__init__(classes="field")
        self.argument = argument
        self._value = value

    def compose(self) -> ComposeResult:
        """Name and entry on one line, the help under it."""
        with Horizontal():
            yield Label(self.argument.name, classes="field-name", markup=False)
            yield self._entry()
        yield Static(content(self.argument.help or self.argument.expected), classes="field-help")

    def _entry(self) -> Widget:
        argument, value = self.argument, self._value
        if argument.kind is bool:
            return Tick("", bool(value), compact=True)
        if argument.choices:
            return Select([(c, c) for c in argument.choices], value=value, allow_blank=False, compact=True)
        return Input(value_text(value), placeholder=argument.expected, compact=True)

    def value(self) -> Value:
        """What is entered, checked.

        Raises:
            ArgumentError: it is not what it must be; the field says so too.
        """
        try:
            value = self._read()
        except ArgumentError as error:
            self._say(error.message.partition(": ")[2], wrong=True)
            raise
        self._say(self.argument.help or self.argument.expected, wrong=False)
        return value

    def _read(self) -> Value:
        if self.argument.kind is bool:
            return self.query_one(Checkbox).value
        if self.argument.choices:
            return str(self.query_one(Select).value)
        return self.argument.parse(self.query_one(Input).value)

    def _say(self, text: str, wrong: bool) -> None:
        line = self.query_one(".field-help", Static)
        line.update(content(("✗ " if wrong else "") + text))
        line.set_class(wrong, "-wrong")

    @on(Input.Changed)
    @on(Checkbox.Changed)
    @on(Select.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    @on(Tick.Submitted)
    def _submitted(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Submitted())


class ArgumentFields(Vertical):
    """Fields for a list of arguments.

    Args:
        arguments: what to ask for, in order.
        values: what stands there at first; the default, else nothing, where left out.
    """

    def __init__(self, arguments: Sequence[Argument], values: Mapping[str, Value], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="fields")
        self._arguments = arguments
        self._values = values

    def compose(self) -> ComposeResult:
        """A field for each."""
        for argument in self._arguments:
            fallback = None if argument.required else argument.default
            yield ArgumentField(argument, self._values.get(argument.name, fallback))

    def values(self) -> dict[str, Value]:
        """All values, checked.

        Raises:
            ArgumentError: the first that is wrong; every wrong field says so.
        """
        found: dict[str, Value] = {}
        problem: ArgumentError | None = None
        for field in self.query(ArgumentField):
            try:
                found[field.argument.name] = field.value()
            except ArgumentError as error:
                problem = problem or error
        if problem is not None:
            raise problem
        return found

    def focus_field(self, name: str) -> None:
        """Put the cursor into the field called `name`."""
        for field in self.query(ArgumentField):
            if field.argument.name == name:
                # At once, not after the keys that are waiting already.
                self.screen.set_focus(field.query("Input, Checkbox, Select").first(Widget))


def value_text(value: Value) -> str:
    """A value as one types it."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
