"""The graph of operations: the topological order as a list and a picture, beside the plan, or walked through."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from nnviz.lab import Lab, view, walk
from nnviz.lab.effects import Effect, SelectGradient, SelectSlice, ShowElement
from nnviz.network import plan_of, trace
from nnviz.run import Walk
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.guarded import OnPage
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.matrices import Matrices
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.picture import GraphPicture
from nnviz.tui.widgets.stop import StopPane
from nnviz.tui.widgets.table import TextTable
from nnviz.views import graph, plan
from nnviz.views.graph import Marks
from nnviz.views.sample import walked

FULL_WIDTH = 44
"""Columns from which on the list names the layers; with fewer, it numbers them."""

SIDE_BY_SIDE = 66
"""Columns from which on the picture is beside the list."""

BELOW = 24
"""Rows from which on the picture is below the list."""

THREE = 130
"""Columns from which on the picture is also beside a walk."""

BESIDE = 38
"""Columns of the picture beside a walk, with its margin."""

ALL_KEYS = 86
"""Columns beside the list in which all keys of a stop have room."""

STOP_KEYS = (
    "arrows: element · enter: unfold it · {last_input} {next_input}: other gradient"
    " · {walk_predict}: predict · {leave}: leave"
)
PREDICTION_KEYS = "arrows: element · enter: unfold it · {walk_predict}: training step · {leave}: leave"
STOP_KEYS_BRIEF = "arrows: element · enter: unfold · {leave}: leave"

HELP = """\
Every operation of one training step in topological order: each comes after all operations it waits for. Look at
what a Linear consists of (transpose, matmul, add), and at what a layer that joins branches waits for.

{walk_next} and {walk_previous} walk through it one operation at a time with the numbers of the next step,
{walk_play} plays the walk. ✓ is computed, ○ is ready (it waits for nothing more), · still waits: the number says
for how many operations, followed by which.

On a walk the arrow keys choose an element: the formula shows its numbers, and ‹ › mark the elements it is
computed from. {element} or Enter unfolds it: every weight times its input. {last_slice} and {next_slice} go to
the previous and the next channel or sample, {walk_first} and {walk_last} to the first and the last stop.

Above the numbers stands the sample that they are computed from. On the data page, {data_walk} walks through one
sample alone: first its prediction, with {walk_predict} a training step on it; {leave} ends that.

A field of a picture is one element, never a mean: its number where there is room, otherwise a color and a sign,
+ above 0, - below, blank near 0. The number of the chosen element stands above. What does not fit scrolls along
with it: "rows 2–9 of 16" are those in view, counted from 0 as in out[0, 0].

Forward ends at the loss; from there {walk_backward} goes backward: the upstream gradient times the local
derivative is added to the gradient of each input; {last_input} and {next_input} choose the input. The walk ends at
the optimizer (Δ): each parameter w with its gradient, what the optimizer keeps for it, its rule with numbers, and w
after; {step} takes this very step. {walk_predict} walks through a prediction, which has no loss and no backward.

{fold} folds the selected layer into one node and {unfold} unfolds it; pressed again, they fold or unfold all
layers. {plan_view} shows tape and plan side by side: the tape is recorded anew at every step (define-by-run, as PyTorch
does), the plan is ordered once and then replayed (define-then-run, as TensorFlow's graphs). {order} chooses which of
them trains."""

FOOTER = ("train", "walk_next", "walk_play", "fold unfold", "plan_view", "order", "step")

WALK_FOOTER = (
    "walk_next walk_previous", "walk_play", "element", "walk_backward", "last_input next_input", "leave",
    "walk_predict", "train",
)  # fmt: skip

PREDICTION_FOOTER = (
    "walk_next walk_previous", "walk_play", "element", "leave", "walk_predict: training step", "train",
)  # fmt: skip
"""A prediction has no loss, no backward pass and no gradients."""

CSS = """
GraphPanel {
    layout: vertical;
    #order-words { height: 2; color: $text-muted; margin-bottom: 1; }
    #plan-words { height: auto; color: $text-muted; }
    #orders { layout: vertical; height: 1fr; }
    #order { height: 1fr; }
    #picture, #plan, #stop { width: 1fr; height: 1fr; }
    #graph-empty { color: $text-muted; }
    &.-wide #orders {
        layout: horizontal;
        #order { margin-right: 1; }
    }
    &.-walking #orders {
        layout: horizontal;
        #picture { width: 36; margin-right: 2; }
        #order { margin-right: 1; }
    }
}
"""


class Orders(Container, OnPage):
    """The list of operations with what is beside it: the picture, the plan, or a stop of a walk.

    Attributes:
        stops: the stop of each row of the list, from the second row on; empty unless there is a walk.
        owners: the position of the layer of each row; empty on a walk.
    """

    stops: Sequence[int] = ()
    owners: Sequence[int] = ()

    def compose(self) -> ComposeResult:
        """Compose list, picture, plan and stop."""
        yield TextTable(id="order")
        yield GraphPicture(id="picture")
        yield TextTable(id="plan")
        yield StopPane(id="stop")

    @property
    def table(self) -> TextTable:
        """The list."""
        return self.query_one("#order", TextTable)

    def draw_plan(self, view: plan.PlanView) -> None:
        """Draw tape and plan side by side."""
        fill(self.table, view.tape)
        self.table.styles.width = self.table.columns_width + 2
        fill(self.query_one("#plan", TextTable), view.plan)

    def draw_list(self, lab: Lab, brief: bool) -> None:
        """Draw the list; the cursor stays where it is on an operation of the selected layer."""
        found = graph.operation_list(lab, brief)
        self.owners = found.layers
        fill(self.table, found.table)
        at = self.table.cursor_row
        if lab.row - 1 in found.layers and found.layers[at] != lab.row - 1:
            self.table.move_cursor(found.layers.index(lab.row - 1))

    def draw_picture(self, lab: Lab, wide: bool) -> None:
        """Draw the picture beside the list, or below it."""
        # Set here, because the table measures itself only later, and the picture gets the rest.
        self.table.styles.width = self.table.columns_width + 2 if wide else "1fr"
        self.query_one(GraphPicture).show(graph.shown_graph(lab), Marks(layer=lab.row - 1))

    def draw_walk(self, lab: Lab, found: Walk, keys: Mapping[str, str], width: int) -> None:
        """Draw the list of stops, the present stop, and the picture if `width` columns have room for it."""
        stops = graph.walk_list(lab, brief=width < SIDE_BY_SIDE)
        self.stops = stops.stops
        fill(self.table, stops.table)
        own = min(self.table.columns_width + 2, max(width * 2 // 5, 20))
        if self.table.styles.width is None or self.table.styles.width.value != own:
            self.table.styles.width = own
        if found.reached >= lab.walk.position:
            room = width - own - (BESIDE if width >= THREE else 0)
            every = PREDICTION_KEYS if lab.walk.predicting else STOP_KEYS
            line = every if room > ALL_KEYS else STOP_KEYS_BRIEF
            sample = walked(found, lab.walk.position, lab.walk.chosen) if found.loaded else None
            large = found.sample is not None or not lab.walk.position
            self.query_one(StopPane).show(graph.stop(lab, found), line, keys, sample, large)
        if width >= THREE:
            self.query_one(GraphPicture).show(*graph.walk_picture(lab))

    def on_row_view_highlighted(self, event: TextTable.Highlighted) -> None:
        """Go to the chosen stop, or select the layer of the chosen operation."""
        event.stop()
        if event.table is self.table and self.stops:
            self.post_message(Panel.Asked(walk.go_to, self.stops[event.row - 1] if event.row else 0))
        elif event.table is self.table and event.row < len(self.owners):
            self.post_message(Panel.Asked(view.select, self.owners[event.row] + 1))


class GraphPanel(Panel, Container):
    """The topological order as a list with a picture, beside the plan, or walked through."""

    NUMBER = 4
    SHARE = math.inf  # Nothing but a walk changes by itself, and every stop of it is shown.
    NAME = "graph"
    ABOUT = "the graph of operations"
    SUBJECTS = frozenset({"graph", "walk"})
    EFFECTS = (SelectGradient, SelectSlice, ShowElement)
    BORDER_TITLE = "4 Graph"
    DEFAULT_CSS = CSS
    HELP = HELP
    _walks = False

    def compose(self) -> ComposeResult:
        """Compose the costs, the list with its companions, the summary of the plan, and a text for an empty order."""
        yield StableLabel(id="order-words")
        yield Orders(id="orders")
        yield StableLabel(id="plan-words")
        yield Static("No layer runs, so there is no topological order.", id="graph-empty")

    @property
    def main(self) -> Widget:
        """The matrices on a walk, else the list."""
        return self.query_one(Matrices) if self._walks else self.query_one("#order")

    def on_resize(self) -> None:
        """Set the classes for this width."""
        self.set_class(self.size.width >= SIDE_BY_SIDE, "-wide")
        self.set_class(self.size.width >= THREE, "-three")
        self.set_class(self.size.width >= SIDE_BY_SIDE or self.size.height >= BELOW, "-roomy")

    def footer(self, lab: Lab) -> tuple[str, ...]:
        """The keys of a walk, of a prediction those that do something in it, or others."""
        return (PREDICTION_FOOTER if lab.walk.predicting else WALK_FOOTER) if lab.walking else FOOTER

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The network, the place in it, and whether the plan trains."""
        walked = (lab.walk, lab.folds, seen.error, seen.walk, seen.walk and (seen.walk.reached, seen.walk.loaded))
        page = walked if lab.walking else (lab.row, lab.unfolded)
        return lab.network, lab.network.ids, lab.graph, lab.status.costs, lab.present.planned, *page

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the page that the lab names."""
        if lab.walking and seen.error is not None:
            raise seen.error
        found = seen.walk if lab.walking else None
        brief, orders = self.size.width < FULL_WIDTH, self.query_one(Orders)
        compared = plan_of(lab.network) if lab.graph == "plan" else None
        self._walks = found is not None
        orders.stops = orders.owners = ()
        self._display(not trace(lab.network).graph.operations and found is None, compared is not None)
        lines = plan.ways(lab.present.planned, lab.status.costs, self.size.width)
        styled = (Content.styled(words, "bold" if trains else "") for words, trains in lines)
        self.query_one("#order-words", StableLabel).update(Content("\n").join(styled))
        if found is not None:
            orders.draw_walk(lab, found, self.keys, self.size.width)
        elif compared is not None:
            both = plan.view(trace(lab.network).graph, compared, lab.row - 1, brief)
            orders.draw_plan(both)
            self.query_one("#plan-words", StableLabel).update(Content(both.words + plan.named(self.size.width)))
        else:
            orders.draw_list(lab, brief)
            self.call_after_refresh(self._draw_picture)

    def _display(self, empty: bool, compares: bool) -> None:
        """Display the widgets of the page: an empty order, tape and plan, a walk, or list and picture."""
        walks = self._walks
        self.set_class(walks, "-walking")
        self.query_one("#graph-empty").display = empty
        self.query_one("#orders").display = not empty
        self.query_one("#order-words").display = not empty and not walks
        self.query_one("#picture").display = self.has_class("-three" if walks else "-roomy") and not compares
        self.query_one("#plan").display = self.query_one("#plan-words").display = compares
        self.query_one("#order").display = self.has_class("-wide") or not compares
        self.query_one("#stop").display = walks

    def _draw_picture(self) -> None:
        """Draw the picture of what was handed last, unless something else is shown by now."""
        if (handed := self._drawing.handed) and not self._walks and handed[0].graph != "plan":
            with self.errors.catch("picture"):
                self.query_one(Orders).draw_picture(handed[0], self.has_class("-wide"))

    def perform(self, effect: Effect, lab: Lab, seen: Seen) -> None:
        """Choose another element, or unfold the chosen one."""
        if isinstance(effect, self.EFFECTS):
            self.query_one(StopPane).perform(effect, lab.walk, seen.walk, self.keys)
