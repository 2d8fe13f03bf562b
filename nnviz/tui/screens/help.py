"""All keys, and how to begin."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from nnviz.tui.commands import COMMANDS, Command
from nnviz.tui.screens.dialog import Dialog, DialogBox

BEGIN = """\
Press space: the network learns while you watch. Press it again to pause.
Change the stack: j and k choose a row, a adds a layer below it, e edits it, d deletes it, u undoes.
When the shapes do not fit, the stack says why and f repairs it. o chooses other data."""


class HelpScreen(Dialog[None]):
    """The commands by group, written from their declarations.

    Args:
        keys_of: the keys of a command as one writes them.
    """

    BINDINGS = [("question_mark,q", "cancel", "Close")]

    def __init__(self, keys_of: Callable[[Command], str]) -> None:
        super().__init__()
        self._keys_of = keys_of

    def compose(self) -> ComposeResult:
        """First steps, then the keys."""
        with DialogBox(classes="help") as box:
            box.border_title = "Help"
            with VerticalScroll():
                yield Static(_text(self._keys_of))
            yield Static("↑ ↓ scroll    esc close", classes="dialog-keys")


def _text(keys_of: Callable[[Command], str]) -> Content:
    parts = [Content(BEGIN)]
    for group, commands in groupby(sorted(COMMANDS, key=lambda command: command.group), lambda c: c.group):
        parts.append(Content.from_markup("\n[b]$group[/b]", group=group))
        for command in commands:
            line = Content.from_markup("[b]$keys[/b] $about", keys=f"{keys_of(command):<14}", about=command.about)
            parts.append(line)
    parts.append(Content.from_markup("\n[b]Everywhere[/b]"))
    for keys, about in (
        ("↑ ↓ j k", "choose a row"),
        ("tab", "next panel"),
        ("ctrl+p", "palette: every command by name"),
    ):
        parts.append(Content.from_markup("[b]$keys[/b] $about", keys=f"{keys:<14}", about=about))
    return Content("\n").join(parts)
