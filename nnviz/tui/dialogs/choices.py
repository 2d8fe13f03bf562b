"""A dialog that offers a few things with a preview of each, such as presets and fixes."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.options import Options


class ChoiceScreen(Dialog[int]):
    """Choose one of a few; its result is the number of the choice.

    Args:
        title: the title.
        choices: the name and the preview of each; at least one.
    """

    BINDINGS = [("j", "move(1)", "Down"), ("k", "move(-1)", "Up")]

    def __init__(self, title: str, choices: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        """Compose the list above the preview."""
        with DialogBox(classes="choices") as box:
            box.border_title = clean(self._title, 60)
            yield Options(*[Option(content(name)) for name, _ in self._choices], id="choices")
            yield Static(id="preview")
            yield DialogKeys("↑ ↓ choose", ("enter take", "accept"), ("esc leave all as it is", "cancel"))

    def on_mount(self) -> None:
        """Highlight the first."""
        self.query_one(OptionList).highlighted = 0

    @on(OptionList.OptionHighlighted)
    def _show(self, event: OptionList.OptionHighlighted) -> None:
        self.query_one("#preview", Static).update(content(self._choices[event.option_index][1], 900, lines=True))

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
