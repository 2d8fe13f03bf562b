"""The picker: type to filter, Enter to take."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Key
from textual.fuzzy import Matcher
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from nnviz import nn
from nnviz.tui.screens.dialog import Dialog, DialogBox
from nnviz.tui.text import clean

CATEGORIES = ("linear", "activation", "convolution", "normalisation", "regularisation", "join", "shape")
"""The order in which they stand; others follow."""


WIDEST = 24
"""Columns of a name."""


class LayerPicker(Dialog[str]):
    """Choose a layer; gives its name."""

    def __init__(self) -> None:
        super().__init__()
        self._names: list[str] = []

    def compose(self) -> ComposeResult:
        """The filter above the list."""
        with DialogBox(classes="picker") as box:
            box.border_title = "Add a layer"
            yield Input(placeholder="type to filter, for example: relu", id="filter", compact=True)
            yield OptionList(id="choices")
            yield Static("↑ ↓ choose    enter add    esc cancel", classes="dialog-keys")

    def on_mount(self) -> None:
        """Everything, until something is typed."""
        self._fill("")

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._fill(event.value)

    def _fill(self, query: str) -> None:
        def rank(entry_category: str) -> int:
            return CATEGORIES.index(entry_category) if entry_category in CATEGORIES else len(CATEGORIES)

        entries = sorted(nn.layers, key=lambda entry: rank(entry.category))
        if query.strip():
            matcher = Matcher(query.strip())
            scores = {e.name: matcher.match(e.name) + matcher.match(e.category) / 2 for e in entries}
            entries = sorted((e for e in entries if scores[e.name] > 0), key=lambda e: -scores[e.name])
        choices = self.query_one(OptionList)
        choices.clear_options()
        self._names = [entry.name for entry in entries]
        width = min(max(len(entry.name) for entry in nn.layers), WIDEST)
        for entry in entries:
            line = Content.from_markup(
                "[b]$name[/b]  [$foreground 72%]$summary[/]",
                name=clean(entry.name, WIDEST).ljust(width),
                summary=clean(entry.summary),
            )
            choices.add_option(Option(line))
        if not entries:
            choices.add_option(Option("no layer matches; Backspace widens the search", disabled=True))
        choices.highlighted = 0 if entries else None

    def on_key(self, event: Key) -> None:
        """The arrows move in the list while one types."""
        moves = {"down": "cursor_down", "up": "cursor_up", "pagedown": "page_down", "pageup": "page_up"}
        if event.key in moves:
            event.prevent_default()
            event.stop()
            getattr(self.query_one(OptionList), f"action_{moves[event.key]}")()

    @on(Input.Submitted)
    def _take(self) -> None:
        choices = self.query_one(OptionList)
        if choices.highlighted is not None:
            self.dismiss(self._names[choices.highlighted])

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._names[event.option_index])
