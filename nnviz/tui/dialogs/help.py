"""The help: the panel, how to begin, and all keys."""

from __future__ import annotations

from itertools import groupby
from textwrap import wrap

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from nnviz.lab import with_keys
from nnviz.lab.command import GROUPS
from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.keymap import Keys
from nnviz.tui.widgets.words import WHY

WIDTH, KEYS, SCROLLBAR = 78, 14, 2
"""Columns of the box, of the keys in it, and of the scroll bar."""

BEGIN = """\
Press {train} to train the network and watch it learn; press it again to pause. {slower} and {faster} change the
pace, from one step a second to full speed; the line at the top says it, with the losses.

The number of a page shows it, or goes there; pressed again, the page fills the screen.

To edit the stack, select a row with {select}; {add} adds a layer below it, {edit} edits it, {delete} deletes it,
{swap} swaps an activation for another, {undo} undoes the last edit. If the shapes do not fit, the stack shows why,
and {repair} applies a fix.

{settings} selects other data, {presets} another network. {walk_next} walks through one training step, operation by
operation, with its numbers. {help} on a page explains what to observe there."""


class HelpScreen(Dialog[None]):
    """The commands by group, as declared.

    Args:
        keys: the commands and their keys.
        title, panel: the title of the panel that has the focus, and its help.
        words: what is wrong with the network, or worth a note.
    """

    BINDINGS = [("question_mark,q", "cancel", "Close")]

    def __init__(self, keys: Keys, title: str, panel: str, words: str = "") -> None:
        super().__init__()
        self._keys = keys
        self._about = title, panel
        self._words = words

    def compose(self) -> ComposeResult:
        """Compose the text and the keys."""
        with DialogBox(classes="help") as box:
            box.border_title = "Help"
            with VerticalScroll():
                yield Static(_text(self._keys, *self._about, self._words, self.inner_width(WIDTH) - SCROLLBAR))
            yield DialogKeys("↑ ↓ scroll", ("esc close", "cancel"))


def _paragraphs(text: str, keys: Keys) -> Content:
    """The text with its keys, one line per paragraph."""
    text = "\n".join(paragraph.replace("\n", " ") for paragraph in text.split("\n\n"))
    return Content(with_keys(text, {**keys.first, "select": "j k"}))


def _text(keys: Keys, title: str, panel: str, words: str, width: int) -> Content:
    news = [Content.from_markup("[b]$head[/b]", head=WHY.capitalize()), _paragraphs(words, keys), Content("")]
    parts = [
        *(news if words else []),
        Content.from_markup("[b]$title[/b]", title=title),
        _paragraphs(panel, keys),
        Content.from_markup("\n[b]How to begin[/b]"),
        _paragraphs(BEGIN, keys),
    ]
    ordered = sorted(keys.commands, key=lambda command: GROUPS.index(command.group))
    for group, commands in groupby(ordered, lambda command: command.group):
        parts.append(Content.from_markup("\n[b]$group[/b]", group=group))
        for command in commands:
            parts += _entry(keys.of(command), command.about, width)
    parts.append(Content.from_markup("\n[b]Everywhere[/b]"))
    for written, about in (
        ("↑ ↓ j k", "choose a row"),
        ("tab", "next panel"),
        ("esc", "leave a dialog"),
    ):
        parts += _entry(written, about, width)
    return Content("\n").join(parts)


def _entry(keys: str, about: str, width: int) -> list[Content]:
    """Keys, and beside them what they do, in lines that begin below one another."""
    first, *more = wrap(about, max(width - KEYS - 1, 10)) or [""]
    indent = " " * (KEYS + 1)
    begun = Content.from_markup("[b]$keys[/b] $about", keys=f"{keys:<{KEYS}}", about=first)
    return [begun, *(Content(indent + line) for line in more)]
