"""A form read from a signature: one line for each argument, checked as one types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Checkbox, Input

from nnviz.errors import ArgumentError
from nnviz.registry import Argument, Value
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.pick import Offer, Pick

NAMES = 18
"""Columns in which the names stand."""


class Tick(Checkbox, inherit_bindings=False):
    """A checkbox that shows its state by a mark, not by a colour alone. Space turns it; Enter accepts the form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "toggle_button", "Turn", show=False),
        Binding("enter", "submit", "Accept", show=False),
    ]

    class Submitted(Message):
        """Enter was pressed."""

    def __init__(self, value: bool) -> None:
        self.BUTTON_INNER = "X" if value else " "
        super().__init__("", value)

    def watch_value(self) -> None:
        """The mark goes with the value."""
        self.BUTTON_INNER = "X" if self.value else " "
        super().watch_value()

    def action_submit(self) -> None:
        """Accept the form."""
        self.post_message(self.Submitted())


class Entry(Input):
    """An Input that checks nothing itself: to mark what is right takes new styles for it, before it is ever shown."""

    def validate(self, _value: str) -> None:
        """The form checks."""


class Field(Widget):
    """A name, what is entered, and under it what it is for or what is wrong with it.

    It draws its words itself: with a widget for each, a form takes several frames to open.

    Args:
        label: the name.
        about: what it is for.
        look: the colour of the name.
    """

    def __init__(self, label: str, about: str, look: str = "$foreground") -> None:
        super().__init__(classes="field")
        self._label = Content.from_markup(f"[b {look}]$label[/]", label=clean(label, NAMES - 1))
        self._about = content(about)

    def render(self) -> Content:
        """The words; what is entered stands over the first line."""
        indent = " " * NAMES
        return Content("\n").join([self._label, *(Content(indent) + line for line in self._lines(self.size.width))])

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        """The line with the name, and the lines below."""
        return 1 + len(self._lines(width))

    def _lines(self, width: int) -> list[Content]:
        return self._about.wrap(max(width - NAMES, 1))

    def on_descendant_focus(self) -> None:
        """The words below come into view, too."""
        self.come_into_view()

    def say(self, about: str, *, wrong: bool = False) -> None:
        """What it is for, or what is wrong with it."""
        words = content(("✗ " if wrong else "") + about)
        self.set_class(wrong, "-wrong")
        if words.plain != self._about.plain:
            before, self._about = len(self._lines(self.size.width)), words
            moves = len(self._lines(self.size.width)) != before
            self.refresh(layout=moves)
            if moves and self.has_focus_within:
                self.come_into_view()

    @property
    def input(self) -> Widget:
        """The widget that takes the value."""
        return self.query("Input, Checkbox, Pick").first(Widget)

    def come_into_view(self) -> None:
        """Scroll to it, with the words below."""
        self.call_after_refresh(self.scroll_visible, animate=False)


class ArgumentField(Field):
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
        super().__init__(argument.name, argument.help or argument.expected)
        self.argument = argument
        self._value = value

    def compose(self) -> ComposeResult:
        """What is entered."""
        argument, value = self.argument, self._value
        if argument.kind is bool:
            yield Tick(bool(value))
        elif argument.choices:
            yield Pick(argument.name, [Offer(choice) for choice in argument.choices], str(value))
        else:
            yield Entry(value_text(value), placeholder=argument.expected)

    def value(self) -> Value:
        """What is entered, checked.

        Raises:
            ArgumentError: it is not what it must be; the field says so too.
        """
        try:
            value = self._read()
        except ArgumentError as error:
            self.say(error.message.partition(": ")[2], wrong=True)
            raise
        self.say(self.argument.help or self.argument.expected)
        return value

    def _read(self) -> Value:
        if self.argument.kind is bool:
            return self.query_one(Checkbox).value
        if self.argument.choices:
            return self.argument.check(self.query_one(Pick).value)
        return self.argument.parse(self.query_one(Input).value)

    @on(Input.Changed)
    @on(Checkbox.Changed)
    @on(Pick.Changed)
    def _changed(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(Input.Submitted)
    @on(Tick.Submitted)
    def _submitted(self, event: Message) -> None:
        event.stop()
        self.post_message(self.Submitted())


class ArgumentFields(VerticalScroll, can_focus=False):
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
                self.screen.set_focus(field.input)


def value_text(value: Value) -> str:
    """A value as one types it."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
