"""A dialog that offers a few things with a preview of each, such as presets and fixes."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from nnviz.lab.effects import Choice
from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.options import Options

WIDTH, HIGHEST = 90, 10
"""Columns of the box, and lines of the list at most."""

PADDING = 2
"""Columns beside an option."""


class ChoiceScreen(Dialog[int]):
    """Choose one of a few; its result is the number of the choice.

    Args:
        title: the title.
        choices: the choices; at least one.
    """

    BINDINGS = [("j", "move(1)", "Down"), ("k", "move(-1)", "Up")]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._lines = 1

    def compose(self) -> ComposeResult:
        """Compose the list above the preview."""
        with DialogBox(classes="choices") as box:
            box.border_title = clean(self._title, 60)
            yield Options(*[Option(content(choice.name)) for choice in self._choices], id="choices")
            yield Static(id="preview")
            yield DialogKeys("↑ ↓ choose", ("enter take", "accept"), ("esc leave all as it is", "cancel"))

    def on_mount(self) -> None:
        """Highlight the first."""
        self._fit()
        self.query_one(OptionList).highlighted = 0

    def on_resize(self, _event: Resize) -> None:
        """Give list and preview the lines they need, if the terminal has them."""
        self._fit()
        if self.query_one(OptionList).highlighted is not None:
            self._preview()

    def _fit(self) -> None:
        """The list has as many lines as its names, but at most half of the room."""
        width = max(self.inner_width(WIDTH) - PADDING, 1)
        lines = sum(len(content(choice.name).wrap(width)) for choice in self._choices)
        self._lines = min(lines, HIGHEST, max(self.room(WIDTH) // 2, 1))
        self.query_one(OptionList).styles.height = self._lines

    @on(OptionList.OptionHighlighted)
    def _preview(self) -> None:
        """Show the highlighted one's preview; an ellipsis ends it where there is no room for all."""
        choice = self._choices[self.query_one(OptionList).highlighted or 0]
        width, most = self.inner_width(WIDTH), max(self.room(WIDTH) - self._lines - 1, 1)
        *words, last = content(choice.about, 900, lines=True).split("\n")
        about, end = [line for each in words for line in each.wrap(width)], last.wrap(width)
        steps = [content(step).stylize("bold $text-primary" if out else "") for step, out in choice.steps]
        lines = [*about, *end, *(Content(" → ").join(steps).wrap(width) if steps else ())]
        if len(about) + len(end) > most:
            # How it ends is said all the same.
            lines = [*about[: max(most - len(end) - 1, 0)], Content("…"), *end][-most:]
        elif len(lines) > most > len(about) + len(end):
            lines = [*lines[: most - 1], Content("…")]
        lines = lines[:most]
        self.query_one("#preview", Static).update(Content("\n").join(lines))

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_index)

    def action_accept(self) -> None:
        """Choose the highlighted one."""
        self.query_one(OptionList).action_select()

    def action_move(self, by: int) -> None:
        """Move the highlight."""
        choices = self.query_one(OptionList)
        if by > 0:
            choices.action_cursor_down()
        else:
            choices.action_cursor_up()
