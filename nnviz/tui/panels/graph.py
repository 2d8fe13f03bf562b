"""The graph panel: the topological order as a list, as a picture, beside the plan made of it, or walked through."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from nnviz.lab import Lab, walk
from nnviz.network import plan_of, trace
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.matrices import Matrices
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.picture import GraphPicture
from nnviz.tui.widgets.stop import StopPane
from nnviz.tui.widgets.table import TextTable
from nnviz.tui.widgets.words import Words
from nnviz.views import graph, plan
from nnviz.views.graph import Marks

FULL_WIDTH = 44
"""Columns from which on the list names the layers; below, it numbers them."""

SIDE_BY_SIDE = 66
"""Columns from which on the picture stands beside the list."""

THREE = 130
"""Columns from which on the picture stands beside the walk, too."""

BESIDE = 38
"""Columns that the picture beside a walk takes, with its margin."""

STOP_KEYS = (
    "arrows: element · enter: unfold it · {last_input} {next_input}: other gradient"
    " · {walk_predict}: predict · {leave}: leave"
)
STOP_KEYS_BRIEF = "arrows: element · enter: unfold · {leave}: leave"


class OrderTable(TextTable):
    """The order as a list."""


class GraphPanel(Panel, Container):
    """List and picture side by side, or one above the other where it is narrow; tape and plan; or a walk."""

    NUMBER = 2
    PLACE = 3
    NAME = "graph"
    SHOWS = "graph"
    ABOUT = "the graph of operations"
    BORDER_TITLE = "2 Graph: topological order"
    HELP = """\
Every operation of one training step in topological order: each stands after all it waits for. Look at what a
Linear is made of (transpose, matmul, add), and at what a joining layer waits for.

{walk_next} and {walk_previous} walk through it one operation at a time with the numbers of the next step,
{walk_play} plays it. ✓ is computed, ○ is ready (it waits for nothing more), · still waits: the number says for
how many, and then come which.

On a walk the arrow keys choose an element: the formula has its numbers, ‹ › mark what it is made of. {element}
or Enter unfolds it: every weight times its input. {last_slice} and {next_slice} go to the channel or sample
before and after, {walk_first} and {walk_last} to the ends.

Numbers stand in the pictures where there is room; else a colour and a sign, + above 0 and - below, blank near 0.
"drawn 8×6" under a picture: there is no room for every element, each field is the mean of several.

Forward ends at the loss; from there {walk_backward} goes backward: upstream gradient times local derivative,
added into the gradient of what went in; {last_input} and {next_input} choose which of those. {walk_predict}
walks a prediction: no loss, no backward.

{fold} folds the selected layer into one node and {unfold} unfolds it; pressed again, all of them. {plan_view}
shows tape and plan side by side, {order} switches which of them trains."""
    _stops: Sequence[int] = ()
    _walks = False

    def compose(self) -> ComposeResult:
        """What trains; the list, the picture, the plan, the stop; and what stands there when nothing is in order."""
        yield Words(id="order-words")
        with Container(id="orders"):
            yield OrderTable(id="order")
            yield GraphPicture(id="picture")
            yield OrderTable(id="plan")
            yield StopPane(id="stop")
        yield Words(id="plan-words")
        yield Static("Nothing to put in order: the first layer cannot run.", id="graph-empty")

    @property
    def main(self) -> Widget:
        """The matrices on a walk, else the list."""
        return self.query_one(Matrices) if self._walks else self.query_one("#order")

    def on_resize(self) -> None:
        """Columns by the width there is."""
        self.set_class(self.size.width >= SIDE_BY_SIDE, "-wide")
        self.set_class(self.size.width >= THREE, "-three")

    @property
    def _brief(self) -> bool:
        return self.size.width < FULL_WIDTH

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The network, the place in it, and which of plan and tape trains."""
        page = (lab.walk, seen.error, seen.walk, seen.walk and seen.walk.reached) if lab.walking else (lab.row,)
        return lab.network, lab.network.ids, lab.folds, lab.graph, lab.status.costs, lab.present.planned, *page

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the page that the lab names."""
        if lab.walking and seen.error is not None:
            raise seen.error
        walks = self._walks = lab.walking and seen.walk is not None
        network = lab.network
        compared = plan_of(network) if lab.graph == "plan" else None
        empty = not trace(network).graph.operations and not walks
        self.set_class(walks, "-walking")
        self.query_one("#graph-empty", Static).display = empty
        self.query_one("#orders").display = not empty
        self.query_one("#order-words").display = not empty and not walks
        self.query_one(GraphPicture).display = self.has_class("-three") if walks else compared is None
        self.query_one("#plan").display = self.query_one("#plan-words").display = compared is not None
        self.query_one("#order").display = self.has_class("-wide") or compared is None
        self.query_one("#stop").display = walks
        self._draw_ways(lab)
        if walks:
            self._draw_walk(lab, seen)
        elif compared is not None:
            self._draw_plan(lab)
        else:
            self._draw_list(lab)

    def _draw_ways(self, lab: Lab) -> None:
        """Which of plan and tape trains, and what a step costs each way."""
        lines = plan.ways(lab.present.planned, lab.status.costs, self._brief)
        styled = (Content.styled(words, "bold" if trains else "") for words, trains in lines)
        self.query_one("#order-words", Words).say(Content("\n").join(styled))

    def _draw_plan(self, lab: Lab) -> None:
        """Tape and plan side by side."""
        found = plan_of(lab.network)
        assert found is not None  # noqa: S101 (the caller has asked)
        view = plan.view(trace(lab.network).graph, found, lab.row - 1, self._brief)
        tape = self.query_one("#order", OrderTable)
        fill(tape, view.tape)
        tape.styles.width = tape.columns_width + 2
        fill(self.query_one("#plan", OrderTable), view.plan)
        self.query_one("#plan-words", Words).say(Content(view.words))

    def _draw_list(self, lab: Lab) -> None:
        """The order as a list, with what each operation waits for; the picture after the next refresh."""
        fill(self.query_one("#order", OrderTable), graph.operation_list(lab, self._brief))
        self.call_after_refresh(self._draw_picture, lab)

    def _draw_picture(self, lab: Lab) -> None:
        """Draw the picture beside the list, if that still stands there."""
        if self._walks or not self._handed or self._handed[0] is not lab:
            return
        with self.surviving("picture"):
            table = self.query_one("#order", OrderTable)
            # Said outright: the table measures itself only later, and the picture takes what it leaves.
            table.styles.width = table.columns_width + 2 if self.has_class("-wide") else "1fr"
            self.query_one(GraphPicture).show(graph.shown_graph(lab), Marks(layer=lab.row - 1))

    def _draw_walk(self, lab: Lab, seen: Seen) -> None:
        """The stops as a list, the stop, and where there is room the picture."""
        found = graph.walk_list(lab, brief=self.size.width < SIDE_BY_SIDE)
        self._stops = found.stops
        table = self.query_one("#order", OrderTable)
        fill(table, found.table)
        width = min(table.columns_width + 2, max(self.size.width * 2 // 5, 20))
        if table.styles.width is None or table.styles.width.value != width:
            table.styles.width = width
        if seen.walk is not None and seen.walk.reached >= lab.walk.position:
            wide = self.has_class("-three")
            line = STOP_KEYS if self.size.width - (BESIDE if wide else 0) > THREE - 20 else STOP_KEYS_BRIEF
            self.query_one(StopPane).show(graph.stop(lab, seen.walk), line, self.keys)
        if self.has_class("-three"):
            self.query_one(GraphPicture).show(*graph.walk_picture(lab))

    def on_text_table_highlighted(self, event: TextTable.Highlighted) -> None:
        """A row of the list was chosen: a walk goes there."""
        event.stop()
        if event.table.id == "order" and self._walks:
            self.ask(walk.go_to, self._stops[event.row - 1] if event.row else 0)

    def on_matrices_chosen(self, event: Matrices.Chosen) -> None:
        """Another element is explained."""
        event.stop()
        self.ask(walk.chosen, event.index, event.target)

    def on_matrices_unfold(self, event: Matrices.Unfold) -> None:
        """The computation behind the element."""
        event.stop()
        self.ask(walk.element)
