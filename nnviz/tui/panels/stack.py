"""The stack: one row per layer, with the input above, the loss below, and totals and errors at the foot."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from nnviz.lab import COMMANDS, Lab, view
from nnviz.tui.text import clean
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.table import TextTable
from nnviz.views import stack
from nnviz.views.stack import Note

LONGEST = 400
"""Characters of a line below the rows."""

COLOURS = {"error": "$text-error", "fix": "$text-success", "hint": "$text-warning", "plain": ""}


class StackPanel(Panel, Vertical):
    """The stack as a table."""

    NUMBER = 1
    SUBJECTS = frozenset({"network"})
    NAME = "stack"
    SHOWS = "network"
    ABOUT = "the stack"
    BORDER_TITLE = "1 Stack"
    FOOTER = (
        "train", "edit", "add", "delete", "swap", "repair", "slower faster", "walk_next", "undo", "settings", "presets",
    )  # fmt: skip
    COMPONENT_CLASSES: ClassVar[set[str]] = {"stack--total"}
    DEFAULT_CSS = "StackPanel > .stack--total { color: $text-muted; }"
    HELP = """\
The network, one row per layer, with the input above and the loss below. Look at the sizes before and after each
layer: the last number of one is what the next must accept.

{select} or ↑ ↓ choose a row; {add} adds a layer below it, {edit} edits it, {delete} deletes it, {move_up} and
{move_down} move it, {undo} undoes.

A row with ✗ cannot run: the text below says which sizes do not fit and where each comes from. {repair} applies
the first fix, {repairs} lists all of them. ✱ marks layers whose weights were initialised again after an edit;
all others keep what they learned.

{collapse} shows the single layer that consecutive Linear layers are equal to."""

    def compose(self) -> ComposeResult:
        """Compose the table."""
        yield TextTable(id="stack-table")

    @property
    def main(self) -> Widget:
        """The table takes the focus."""
        return self.query_one(TextTable)

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:  # noqa: ARG002 (a stack needs no moment)
        """The network and the selected row."""
        network = lab.network
        return network, network.ids, lab.row, lab.reinitialised

    def draw(self, lab: Lab, seen: Seen) -> None:  # noqa: ARG002
        """Draw the network, its totals, and what is wrong or worth a note."""
        fixes = []
        # The stack is shown even if the search for fixes fails.
        with self.errors.catch("fixes"):
            fixes = lab.fixes
        found = stack.view(lab, fixes)
        below = [Content.styled(found.total, self.get_visual_style("stack--total"))]
        if found.notes:
            below += [Content(), *map(self._painted, found.notes)]
        fill(self.query_one(TextTable), found.table, Content("\n").join(below))

    def _painted(self, note: Note) -> Content:
        """A note in its color, with its head or key in bold."""
        about = next((f": {command.about}" for command in COMMANDS if command.id == note.key), "")
        head = self.keys[note.key] if note.key else note.head
        words = note.text or about
        joined = f"{'' if not head or words.startswith(':') else ' '}{clean(words, LONGEST)}"
        shown = Content.from_markup("[b]$head[/b]", head=clean(head, 80)).append(joined)
        return shown.stylize_before(COLOURS[note.kind]) if COLOURS[note.kind] else shown

    def on_text_table_highlighted(self, event: TextTable.Highlighted) -> None:
        """Another row is selected."""
        event.stop()
        self.ask(view.select, event.row)
