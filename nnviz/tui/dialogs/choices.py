"""A dialog that offers some things with a preview of each, such as presets and fixes."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key, Resize
from textual.fuzzy import Matcher
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from nnviz.lab.effects import Choice
from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.options import Options, move_by_key
from nnviz.tui.widgets.text_input import TextInput

WIDTH, HIGHEST = 90, 10
"""Columns of the box, and lines of the list at most."""

PADDING = 2
"""Columns beside an option."""

MANY = 8
"""Above more choices stands a filter, in which j and k are letters."""


class ChoiceScreen(Dialog[int]):
    """Choose one of some; its result is the number of the choice.

    Args:
        title: the title.
        choices: the choices; at least one.
    """

    BINDINGS = [("j", "move(1)", "Down"), ("k", "move(-1)", "Up")]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._shown = list(range(len(choices)))
        self._lines = 1

    def compose(self) -> ComposeResult:
        """Compose the list above the preview."""
        with DialogBox(classes="choices") as box:
            box.border_title = clean(self._title, 60)
            if len(self._choices) > MANY:
                yield TextInput(placeholder="type to filter", id="filter")
            yield Options(*self._options(), id="choices")
            yield Static(id="preview")
            yield DialogKeys("↑ ↓ choose", ("enter take", "accept"), ("esc leave all as it is", "cancel"))

    def _options(self) -> list[Option]:
        return [Option(content(self._choices[number].name)) for number in self._shown]

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
        """The list has as many lines as all names, but at most half of the room; filtered, it stays as high."""
        width = max(self.inner_width(WIDTH) - PADDING, 1)
        lines = sum(len(content(choice.name).wrap(width)) for choice in self._choices)
        self._lines = min(lines, HIGHEST, max(self.room(WIDTH) // 2, 1))
        self.query_one(OptionList).styles.height = self._lines

    @on(OptionList.OptionHighlighted)
    def _preview(self) -> None:
        """Show the highlighted one's preview; an ellipsis ends it where there is no room for all."""
        if not self._shown:
            return
        choice = self._choices[self._shown[self.query_one(OptionList).highlighted or 0]]
        above = 1 + len(self.query(Input))
        width, most = self.inner_width(WIDTH), max(self.room(WIDTH) - self._lines - above, 1)
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
        self.dismiss(self._shown[event.option_index])

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        matcher = Matcher(event.value.strip())
        found = [n for n, one in enumerate(self._choices) if not event.value.strip() or matcher.match(one.name) > 0]
        if found == self._shown:
            return
        self._shown = found
        choices = self.query_one(OptionList)
        choices.clear_options()
        choices.add_options(self._options() or [Option("nothing matches; Backspace widens the search", disabled=True)])
        choices.highlighted = 0 if found else None
        if not found:
            self.query_one("#preview", Static).update("")

    def on_key(self, event: Key) -> None:
        """Move in the list with the arrows while the filter has the focus."""
        if self.query(Input):
            move_by_key(self.query_one(OptionList), event)

    @on(Input.Submitted)
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
