"""The help: the numbers on the page, the page itself, how to begin, and all keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from nnviz.tui.text import clean
from nnviz.tui.widgets.words import WHY
from nnviz.views.explained import Explained

WIDTH, KEYS, SCROLLBAR, INDENT = 78, 14, 2, 2
"""Columns of the box, of the keys in it, of the scroll bar, and before what is said of a number."""

BEGIN = """\
Press {train} to train the network and watch it learn; press it again to pause. {slower} and {faster} change the
pace, from one step a second to full speed; the line at the top says it, with the losses.

The number of a page shows it, or goes there; pressed again, the page fills the screen.

To edit the stack, select a row with {select}; {add} adds a layer below it, {edit} edits it, {delete} deletes it,
{swap} swaps an activation for another, {undo} undoes the last edit. If the shapes do not fit, the stack shows why,
and {repair} applies a fix.

{settings} selects other data, {presets} another network. {walk_next} walks through one training step, operation by
operation, with its numbers. {help} on a page explains what to observe there."""


NUMBERS, RUN = "The numbers here", "The line at the top"


class HelpScreen(Dialog[None]):
    """The numbers on a page, what to observe there, and the commands by group, as declared.

    Args:
        keys: the commands and their keys.
        title, panel: the title of the panel that has the focus, and its help.
        words: what is wrong with the network, or worth a note.
        numbers: the numbers of the panel, and those of the line at the top.
    """

    BINDINGS = [("question_mark,q", "cancel", "Close"), ("tab", "part(1)", "Next part"), ("shift+tab", "part(-1)", "")]

    def __init__(
        self,
        keys: Keys,
        title: str,
        panel: str,
        words: str = "",
        numbers: tuple[Sequence[Explained], Sequence[Explained]] = ((), ()),
    ) -> None:
        super().__init__()
        self._keys = keys
        self._about = title, panel
        self._words = words
        self._numbers = numbers

    def compose(self) -> ComposeResult:
        """Compose the parts, one below the other."""
        width = self.inner_width(WIDTH) - SCROLLBAR
        with DialogBox(classes="help") as box:
            box.border_title = "Help"
            with VerticalScroll():
                for part in self._parts(width):
                    yield Static(Content("\n").join([*part, Content("")]), classes="part")
            yield DialogKeys("↑ ↓ scroll", ("tab numbers · page · keys", "part(1)"), ("esc close", "cancel"))

    def _parts(self, width: int) -> Iterator[list[Content]]:
        """The parts: what is wrong, the numbers, the page with how to begin, the line at the top, and the keys."""
        if self._words:
            yield [_head(WHY.capitalize()), _paragraphs(self._words, self._keys)]
        own, run = ([line for one in numbers for line in explained_lines(one, width)] for numbers in self._numbers)
        if own:
            yield [_head(NUMBERS), *own]
        title, panel = self._about
        yield [
            _head(title),
            _paragraphs(panel, self._keys),
            _head("How to begin", "\n"),
            _paragraphs(BEGIN, self._keys),
        ]
        if run:
            yield [_head(RUN), *run]
        yield _key_lines(self._keys, width)

    def action_part(self, by: int) -> None:
        """Scroll to the next part, after the last one to the first."""
        scroll = self.query_one(VerticalScroll)
        tops = [part.virtual_region.y for part in scroll.query(".part")]
        at = sum(top <= scroll.scroll_y for top in tops) - 1
        if scroll.scroll_y >= scroll.max_scroll_y:
            at = len(tops) - 1
        scroll.scroll_to(y=tops[(at + by) % len(tops)], animate=False)


def _head(text: str, before: str = "") -> Content:
    return Content.from_markup("$before[b]$text[/b]", text=text, before=before)


def explained_lines(one: Explained, width: int) -> list[Content]:
    """A number: its name and how it is shown, the formula, the formula with its numbers, and where it comes from."""
    lines = [Content.from_markup("[b]$name[/b]  $shown", name=clean(one.name, 60), shown=clean(one.shown, 60))]
    first, *more = one.numbers.split("\n")
    computed = " = ".join(part for part in (one.formula, first) if part)
    # Formula and numbers stand on one line if there is room.
    texts = [computed] if len(computed) <= width - INDENT else [one.formula, f"= {first}" if first else ""]
    for text, style in (*((text, "") for text in (*texts, *more)), (one.words, "$text-muted")):
        broken = wrap(clean(text, 600), max(width - INDENT, 10))
        lines += [Content.styled(" " * INDENT + line, style) for line in broken]
    return lines


def _paragraphs(text: str, keys: Keys) -> Content:
    """The text with its keys, one line per paragraph."""
    text = "\n".join(paragraph.replace("\n", " ") for paragraph in text.split("\n\n"))
    return Content(with_keys(text, {**keys.first, "select": "j k"}))


def _key_lines(keys: Keys, width: int) -> list[Content]:
    """All commands by group, with their keys."""
    lines: list[Content] = []
    ordered = sorted(keys.commands, key=lambda command: GROUPS.index(command.group))
    for group, commands in groupby(ordered, lambda command: command.group):
        lines.append(_head(group, "\n" if lines else ""))
        for command in commands:
            lines += _entry(keys.of(command), command.about, width)
    lines.append(_head("Everywhere", "\n"))
    for written, about in (
        ("↑ ↓ j k", "choose a row"),
        ("tab", "next panel"),
        ("esc", "leave a dialog"),
    ):
        lines += _entry(written, about, width)
    return lines


def _entry(keys: str, about: str, width: int) -> list[Content]:
    """Keys, and beside them what they do, in lines that begin below one another."""
    first, *more = wrap(about, max(width - KEYS - 1, 10)) or [""]
    indent = " " * (KEYS + 1)
    begun = Content.from_markup("[b]$keys[/b] $about", keys=f"{keys:<{KEYS}}", about=first)
    return [begun, *(Content(indent + line) for line in more)]
