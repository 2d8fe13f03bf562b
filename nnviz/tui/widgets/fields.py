"""A form made from a signature: one field per argument, checked as the user types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
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
from nnviz.lab.effects import Question
from nnviz.registry import Argument, Value
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.pick import Offer, Pick
from nnviz.tui.widgets.text_input import TextInput

NAMES = 18
"""Columns of the names."""


class Tick(Checkbox, inherit_bindings=False):
    """A checkbox that shows its state by a mark, not by a color alone. Space toggles it; Enter accepts the form."""

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
        """Update the mark."""
        self.BUTTON_INNER = "X" if self.value else " "
        super().watch_value()

    def action_submit(self) -> None:
        """Accept the form."""
        self.post_message(self.Submitted())


class Entry(TextInput):
    """An Input without validation of its own, which would restyle it even before it is shown."""

    def validate(self, _value: str) -> None:
        """Left to the form."""


class Field(Widget):
    """A name, an input, and below it a description or what is wrong with the value.

    It renders its text itself: with a widget for each part, a form takes several frames to open.

    Args:
        label: the name.
        about: the description.
        look: the color of the name.
    """

    # Without these, the arrows would scroll the field with the focus out of view.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Previous field", show=False),
    ]

    def __init__(self, label: str, about: str, look: str = "$foreground") -> None:
        super().__init__(classes="field")
        self._label = Content.from_markup(f"[b {look}]$label[/]", label=clean(label, NAMES - 1))
        self._about = content(about)

    def render(self) -> Content:
        """Render the text; the input covers the right part of its first line."""
        indent = " " * NAMES
        return Content("\n").join([self._label, *(Content(indent) + line for line in self._lines(self.size.width))])

    def get_content_height(self, _container: Size, _viewport: Size, width: int) -> int:
        """The line of the name, and the lines of the description."""
        return 1 + len(self._lines(width))

    def _lines(self, width: int) -> list[Content]:
        return self._about.wrap(max(width - NAMES, 1))

    def on_descendant_focus(self) -> None:
        """Bring the description into view, too."""
        self.come_into_view()

    def say(self, about: str, *, wrong: bool = False) -> None:
        """Change the description, or show what is wrong."""
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
        """Scroll to the field with its description."""
        self.call_after_refresh(self.scroll_visible, animate=False)


class ArgumentField(Field):
    """A field for one argument.

    Args:
        argument: the argument.
        value: the initial value.
    """

    class Changed(Message):
        """The value of a field has changed."""

    class Submitted(Message):
        """Enter was pressed in a field."""

    def __init__(self, argument: Argument, value: Value) -> None:
        super().__init__(argument.name, argument.help or argument.expected)
        self.argument = argument
        self._value = value

    def compose(self) -> ComposeResult:
        """Compose the input."""
        argument, value = self.argument, self._value
        if argument.kind is bool:
            yield Tick(bool(value))
        elif argument.choices:
            yield Pick(argument.name, [Offer(choice) for choice in argument.choices], str(value))
        else:
            yield Entry(value_text(value), placeholder=argument.expected)

    def value(self) -> Value:
        """The value, checked.

        Raises:
            ArgumentError: it is not valid; the field shows why.
        """
        try:
            value = self.parsed()
        except ArgumentError as error:
            self.say(error.message.partition(": ")[2], wrong=True)
            raise
        self.comment(value)
        return value

    def comment(self, value: Value) -> None:  # noqa: ARG002 (for a field that asks)
        """Say what is to be said of a valid value."""
        self.say(self.argument.help or self.argument.expected)

    @property
    def is_wrong(self) -> bool:
        """Whether the value is not valid."""
        try:
            self.parsed()
        except ArgumentError:
            return True
        return False

    def parsed(self) -> Value:
        """The value.

        Raises:
            ArgumentError: it is not valid.
        """
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
        self.changed()
        self.post_message(self.Changed())

    def changed(self) -> None:
        """The input has changed: what was wrong is said until it is right, not until the form is accepted."""
        if self.has_class("-wrong") and not self.is_wrong:
            self.say(self.argument.help or self.argument.expected)

    @on(Input.Submitted)
    @on(Tick.Submitted)
    def _submitted(self, event: Message) -> None:
        event.stop()
        self.submitted()

    def submitted(self) -> None:
        """Enter was pressed."""
        self.post_message(self.Submitted())


class QuestionField(ArgumentField):
    """A field that asks: what is typed is answered at once, and Enter takes what is right and goes on.

    Args:
        argument: the argument.
        question: the question.
    """

    def __init__(self, argument: Argument, question: Question) -> None:
        super().__init__(argument, None)
        self._question = question
        self.say(question.asked)

    def compose(self) -> ComposeResult:
        """Compose the input."""
        yield Entry(placeholder="?")

    @property
    def is_open(self) -> bool:
        """Whether there is nothing to answer yet: nothing is typed, or the first digits of what is right."""
        typed = self.query_one(Input).value.strip()
        whole = value_text(self._question.answer)
        return not typed or (typed != whole and whole.startswith(typed) and self.has_focus_within)

    def parsed(self) -> Value:
        """What is typed; without it, what is right."""
        return super().parsed() if self.query_one(Input).value.strip() else self._question.answer

    def comment(self, value: Value) -> None:
        """Say whether the value is right."""
        if self.is_open:
            self.say(self._question.asked)
        else:
            self.say(self._question.reply(value), wrong=value != self._question.answer)

    def changed(self) -> None:
        """Answer at once."""
        with suppress(ArgumentError):
            self.value()

    def submitted(self) -> None:
        """Take what is right, unless something is typed, and go on to the next field."""
        if not self.query_one(Input).value.strip():
            self.query_one(Input).value = value_text(self._question.answer)
        self.screen.focus_next("Input, Checkbox, Pick")

    def on_descendant_blur(self) -> None:
        """The field is left: answer what is typed, also the first digits of what is right."""
        if self.query_one(Input).value.strip():
            self.changed()
            self.post_message(self.Changed())


class ArgumentFields(VerticalScroll, can_focus=False):
    """Fields for a list of arguments.

    Args:
        arguments: the arguments, in order.
        values: the initial values; for others the default, if there is one.
        questions: the arguments that are asked for, by their names.
    """

    def __init__(
        self,
        arguments: Sequence[Argument],
        values: Mapping[str, Value],
        questions: Mapping[str, Question] | None = None,
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id, classes="fields")
        self._arguments = arguments
        self._values = values
        self._questions = questions or {}

    def compose(self) -> ComposeResult:
        """Compose a field for each argument."""
        for argument in self._arguments:
            question = self._questions.get(argument.name)
            fallback = None if argument.required else argument.default
            if question is None:
                yield ArgumentField(argument, self._values.get(argument.name, fallback))
            else:
                yield QuestionField(argument, question)

    @property
    def asks(self) -> bool:
        """Whether a question has no answer yet."""
        return any(field.is_open for field in self.query(QuestionField))

    def values(self) -> dict[str, Value]:
        """All values, checked.

        Raises:
            ArgumentError: of the first value that is not valid; every such field shows why.
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
    """A value as it is typed."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
