"""All keys, and how to begin."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from nnviz.tui.commands import COMMANDS, Command, with_keys
from nnviz.tui.screens.dialog import Dialog, DialogBox, DialogKeys

BEGIN = """\
Press {train}: the network learns while you watch. Press it again to pause.

Change the stack: {select} choose a row, {add} adds a layer below it, {edit} edits it, {delete} deletes it,
{undo} undoes. When the shapes do not fit, the stack says why and {repair} repairs it.

{settings} chooses other data, {presets} another network. {walk_next} walks through one step, operation by
operation, with its numbers. {help} in a panel says what to look for there."""


class HelpScreen(Dialog[None]):
    """The commands by group, written from their declarations.

    Args:
        keys_of: the keys of a command as one writes them.
        title, panel: the panel that help is wanted on, and what there is to say of it.
    """

    BINDINGS = [("question_mark,q", "cancel", "Close")]

    def __init__(self, keys_of: Callable[[Command], str], title: str, panel: str) -> None:
        super().__init__()
        self._keys_of = keys_of
        self._about = title, panel

    def compose(self) -> ComposeResult:
        """First steps, then the keys."""
        with DialogBox(classes="help") as box:
            box.border_title = "Help"
            with VerticalScroll():
                yield Static(_text(self._keys_of, *self._about))
            yield DialogKeys("↑ ↓ scroll", ("esc close", "cancel"))


def _paragraphs(text: str, keys_of: Callable[[Command], str]) -> Content:
    """The text, a line a paragraph, with its keys."""
    text = "\n".join(paragraph.replace("\n", " ") for paragraph in text.split("\n\n"))
    keys = {command.id: keys_of(command).split()[0] for command in COMMANDS}
    return Content(with_keys(text, {**keys, "select": "j k"}))


def _text(keys_of: Callable[[Command], str], title: str, panel: str) -> Content:
    parts = [
        Content.from_markup("[b]$title[/b]", title=title),
        _paragraphs(panel, keys_of),
        Content.from_markup("\n[b]How to begin[/b]"),
        _paragraphs(BEGIN, keys_of),
    ]
    for group, commands in groupby(sorted(COMMANDS, key=lambda command: command.group), lambda c: c.group):
        parts.append(Content.from_markup("\n[b]$group[/b]", group=group))
        for command in commands:
            line = Content.from_markup("[b]$keys[/b] $about", keys=f"{keys_of(command):<14}", about=command.about)
            parts.append(line)
    parts.append(Content.from_markup("\n[b]Everywhere[/b]"))
    for keys, about in (
        ("↑ ↓ j k", "choose a row"),
        ("tab", "next panel"),
        ("esc", "leave a dialog"),
    ):
        parts.append(Content.from_markup("[b]$keys[/b] $about", keys=f"{keys:<14}", about=about))
    return Content("\n").join(parts)
