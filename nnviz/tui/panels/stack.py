"""The stack: one row per layer, with the input above, the loss below, and totals and errors at the foot."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from nnviz.lab import COMMANDS, Lab, view, with_keys
from nnviz.run import Observation, Query
from nnviz.tui.text import clean
from nnviz.tui.widgets.layer_list import LayerList
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.words import WHY, Words
from nnviz.views import stack
from nnviz.views.stack_rows import Note

LONGEST = 400
"""Characters of a line below the rows."""

HELP = """\
The network, one row per layer, with the input above and the loss below: what goes in and comes out of it, and the
shape of its output. Look at the sizes before and after each layer: the last number of one is what the next must
accept.

Where there is room, the histogram shows how the layer's outputs are spread, from their lowest to their highest, and
the bar the norm of its gradient on a logarithmic axis, where an empty bar is a millionth of a full one. ! marks a
layer that runs, but whose units are dead, whose numbers lie where the activation is flat, or whose gradient is lost.

Below the rows stands what is wrong with the run, the most harmful first, with its numbers and why; {repair} repairs it
while it trains, {repairs} lists all repairs, {undo} undoes. {rate_down} and {rate_up} change the learning rate.

{select} or ↑ ↓ choose a row; {add} adds a layer below it, {edit} edits it, {delete} deletes it, {move_up} and
{move_down} move it, {swap} swaps an activation and keeps all weights, {undo} undoes.

A row with ✗ cannot run: the text below says which sizes do not fit and where each comes from. {repair} applies
the first fix, {repairs} lists all of them. ✱ marks layers whose weights were initialized again after an edit;
all others keep what they learned.

{collapse} shows the single layer that consecutive linear layers are equal to."""

COLORS = {"error": "$text-error", "fix": "$text-success", "hint": "$text-warning", "plain": ""}


class StackPanel(Panel, Vertical):
    """The stack as a table."""

    NUMBER = 1
    SUBJECTS = frozenset({"network"})
    NAME = "stack"
    SHARE = 0.05
    SHOWS = "network"
    ABOUT = "the stack"
    BORDER_TITLE = "1 Stack"
    FOOTER = (
        "train", "edit", "add", "delete", "swap", "slower faster", "walk_next", "repair", "undo", "settings", "presets",
    )  # fmt: skip
    DEFAULT_CSS = "StackPanel { border-subtitle-color: $text-muted; }"
    HELP = HELP

    def compose(self) -> ComposeResult:
        """Compose the rows, and the place for words below them."""
        yield LayerList(id="stack-table")
        yield Words(WHY, f"{self.keys['help']} shows them", id="stack-words")

    @property
    def main(self) -> Widget:
        """The rows take the focus."""
        return self.query_one(LayerList)

    def footer(self, lab: Lab) -> tuple[str, ...]:
        """The keys of the stack; where it cannot run, the fixes take the place of training."""
        if lab.valid:
            return self.FOOTER
        return ("repair", "repairs", *(one for one in self.FOOTER if one not in ("repair", "train")))

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:
        """What every layer gives and takes in."""
        return stack.queries(lab)

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The network, the selected row, what stopped training, the newest statistics, and what was found."""
        network, moment = lab.network, seen.moment
        statistics = moment.observations.get(stack.STATISTICS) if moment else None
        return network, network.ids, lab.row, lab.reinitialized, lab.status.failure, statistics, lab.status.health

    def asked(self, lab: Lab) -> tuple[object, ...]:
        """All but what was found in the run, which is checked many times a second."""
        return self.inputs(lab, Seen())[:-1]

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the network, its totals, and what is wrong or worth a note."""
        fixes = []
        # The stack is shown even if the search for fixes fails.
        with self.errors.catch("fixes"):
            fixes = lab.fixes
        found = stack.view(lab, fixes, seen.moment)
        if found.total != self.border_subtitle:
            self.border_subtitle = found.total
        self.words = stack.in_words(found.notes, {command.id: command.about for command in COMMANDS})
        rows = self.query_one(LayerList)
        rows.show(found)
        self.query_one(Words).show(
            Content("\n").join(map(self._painted, found.notes)), self.size, rows.lines_of(len(rows.rows) - 1)[1] + 1
        )

    def _painted(self, note: Note) -> Content:
        """A note in its color, with its head or key in bold."""
        about = next((f": {command.about}" for command in COMMANDS if command.id == note.key), "")
        head = self.keys[note.key] if note.key else note.head
        words = note.text or about
        hint = f" {with_keys(note.hint, self.keys)}" if note.hint else ""
        joined = f"{'' if not head or words.startswith(':') else ' '}{clean(words, LONGEST)}{clean(hint, LONGEST)}"
        shown = Content.from_markup("[b]$head[/b]", head=clean(head, 80)).append(joined)
        return shown.stylize_before(COLORS[note.kind]) if COLORS[note.kind] else shown

    def on_row_view_highlighted(self, event: LayerList.Highlighted) -> None:
        """Another row is selected."""
        event.stop()
        self.ask(view.select, event.row)
