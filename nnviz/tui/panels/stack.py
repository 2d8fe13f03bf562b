"""The stack: one row a layer, the input above, the loss below, totals and errors at the foot."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from nnviz.lab import COMMANDS, Lab, view
from nnviz.tui.text import clean
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.table import TextTable
from nnviz.views import stack
from nnviz.views.stack import Note, StackView

MOST_LINES = 14
"""Lines below the rows that are shown."""

MOST_WORDS = 400
"""Characters of one of them."""

COLOURS = {"error": "$text-error", "fix": "$text-success", "hint": "$text-warning", "plain": ""}


class StackTable(TextTable):
    """The rows: row 0 is the input, the last row the loss. Below them the totals, and what is wrong or worth a note.

    All in one: widgets of their own below the rows would have to move with every layer that comes or goes, and for that
    Textual lays the whole screen out anew.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"stack--total"}
    DEFAULT_CSS = "StackTable > .stack--total { color: $text-muted; }"
    _total = ""
    _note = Content()

    def say(self, total: str, note: Content) -> None:
        """What shall stand below the rows that are filled in next."""
        self._total, self._note = total, note

    @property
    def words(self) -> Content:
        """What stands below the rows."""
        total = Content.styled(self._total, self.get_visual_style("stack--total"))
        return Content("\n\n").join([total, self._note]) if self._note else total

    def below(self, width: int) -> list[Strip]:
        """The words, wrapped."""
        style = self.visual_style
        return Visual.to_strips(self, self.words, width, None, style, apply_selection=False, pad=True)[:MOST_LINES]


class StackPanel(Panel, Vertical):
    """The stack in its frame."""

    NUMBER = 1
    PLACE = 0
    NAME = "stack"
    SHOWS = "network"
    ABOUT = "the stack"
    BORDER_TITLE = "1 Stack"
    HELP = """\
The network, one row a layer: what goes in stands above, the loss below. Look at the sizes before and after each
layer: the last number of one is what the next must take.

{select} or ↑ ↓ choose a row; {add} adds a layer below it, {edit} edits it, {delete} deletes it, {move_up} and
{move_down} move it, {undo} undoes.

A row with ✗ cannot run: the words below say which sizes do not fit and where each comes from. {repair} applies
the first fix, {repairs} lists all of them. ✱ marks weights that had to be initialised anew after an edit;
all others keep what they learned.

{collapse} shows the single layer that Linear layers with nothing between them equal."""

    def compose(self) -> ComposeResult:
        """The rows."""
        yield StackTable(id="stack-table")

    @property
    def table(self) -> StackTable:
        """The rows."""
        return self.query_one(StackTable)

    @property
    def main(self) -> Widget:
        """The rows take the keys."""
        return self.table

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:  # noqa: ARG002 (a stack needs no moment)
        """The network and the selected row."""
        network = lab.network
        return network, network.ids, lab.row, lab.reinitialised

    def draw(self, lab: Lab, seen: Seen) -> None:  # noqa: ARG002
        """Draw the present network."""
        fixes = []
        # Where no fix can be found the stack is shown all the same.
        with self.surviving("fixes"):
            fixes = lab.fixes
        self.paint(stack.view(lab, fixes))

    def paint(self, found: StackView) -> None:
        """Draw this stack."""
        self.table.say(found.total, Content("\n").join(self._painted(note) for note in found.notes))
        fill(self.table, found.table)

    def _painted(self, note: Note) -> Content:
        """A note: its head or its key in bold, in its colour."""
        about = next((f": {command.about}" for command in COMMANDS if command.id == note.key), "")
        head = self.keys[note.key] if note.key else note.head
        words = note.text or about
        joined = f"{'' if not head or words.startswith(':') else ' '}{clean(words, MOST_WORDS)}"
        shown = Content.from_markup("[b]$head[/b]", head=clean(head, 80)).append(joined)
        return shown.stylize_before(COLOURS[note.kind]) if COLOURS[note.kind] else shown

    def on_text_table_highlighted(self, event: TextTable.Highlighted) -> None:
        """Another row is selected."""
        event.stop()
        self.ask(view.select, event.row)
