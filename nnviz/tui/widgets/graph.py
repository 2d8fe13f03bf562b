"""The graph panel: the topological order as a list, as a picture, beside the plan made of it, or walked through."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Literal

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.reactive import var
from textual.widgets import Static

from nnviz.network import Graph, GraphNode, Network, Trace, plan_of
from nnviz.run import Costs
from nnviz.tui.text import clean
from nnviz.tui.walker import Walker, folded_graph
from nnviz.tui.widgets.guarded import drawing
from nnviz.tui.widgets.panel import Panel
from nnviz.tui.widgets.picture import GraphPicture, Marks
from nnviz.tui.widgets.plan import TAPE_HEADS, order_words, plan_cells, plan_heads, plan_words, tape_cells
from nnviz.tui.widgets.stack import shape_text
from nnviz.tui.widgets.stop import StopPane
from nnviz.tui.widgets.table import Rows, TextTable
from nnviz.tui.widgets.words import Words
from nnviz.views.order import Order

FULL_WIDTH = 44
"""Columns from which on the list names the layers; below, it numbers them."""

SIDE_BY_SIDE = 66
"""Columns from which on the picture stands beside the list."""

THREE = 130
"""Columns from which on the picture stands beside the walk, too."""

BESIDE = 38
"""Columns that the picture beside a walk takes, with its margin."""

WALK_HEADS = ("    #", " operation", " waits for")
STOP_KEYS = (
    "arrows: element · enter: unfold it · {last_input} {next_input}: other gradient"
    " · {walk_predict}: predict · {leave}: leave"
)
STOP_KEYS_BRIEF = "arrows: element · enter: unfold · {leave}: leave"

View = Literal["picture", "plan", "walk"]


class OrderTable(TextTable):
    """The order as a list."""

    def to_chosen(self) -> None:
        """Put the cursor on the first row that stands out, if any does."""
        chosen = (at for at in range(self.row_count) if self.get_row_at(at)[0].plain.startswith("▸"))
        first = next(chosen, None)
        if first is not None:
            self.move_cursor(first)


class GraphPanel(Panel, Container):
    """List and picture side by side, or one above the other where it is narrow; tape and plan; or a walk.

    Attributes:
        view: which of them stands there.
    """

    class WalkedTo(Message):
        """A stop of the walk was chosen in the list."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

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
    view: var[View] = var("picture")

    def __init__(self, walker: Walker, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._walker = walker
        self._shown: tuple[Network, Graph, int] | None = None
        self._brief: bool | None = None
        self._planned = True
        self._costs: Costs | None = None
        self._stops: Sequence[int] = ()

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

    def on_resize(self) -> None:
        """Columns by the width there is."""
        self.set_class(self.size.width >= SIDE_BY_SIDE, "-wide")
        self.set_class(self.size.width >= THREE, "-three")
        self._brief = self.size.width < FULL_WIDTH
        self._fill()

    def show(self, network: Network, trace: Trace, row: int) -> None:
        """Draw the order; the operations of the layer on stack row `row` are marked."""
        self._shown = network, trace.graph, row - 1
        self._fill()

    @drawing()
    def show_order(self, planned: bool, costs: Costs | None) -> None:
        """Say which of plan and tape trains, and what a step costs each way."""
        self._planned, self._costs = planned, costs
        self.query_one("#order-words", Words).say(order_words(planned, costs, bool(self._brief)))

    def watch_view(self) -> None:
        """Another view."""
        self._fill()

    @drawing(whole=True)
    def _fill(self) -> None:
        if self._shown is None or self._brief is None:
            return
        self.show_order(self._planned, self._costs)
        network, graph, layer = self._shown
        walking = self.view == "walk" and self._walker.walk is not None
        comparing = self._comparing
        empty = not graph.operations and not walking
        self.set_class(walking, "-walking")
        self.query_one("#graph-empty", Static).display = empty
        self.query_one("#orders").display = not empty
        self.query_one("#order-words").display = not empty and not walking
        wide = self.has_class("-wide")
        self.query_one(GraphPicture).display = self.has_class("-three") if walking else not comparing
        self.query_one("#plan").display = self.query_one("#plan-words").display = comparing
        self.query_one("#order").display = wide or not comparing
        self.query_one("#stop").display = walking
        if walking:
            self.show_walk()
        elif comparing:
            self._fill_plan(network, graph, layer)
        else:
            self._fill_list(network, graph, layer)

    @property
    def _comparing(self) -> bool:
        """Whether tape and plan stand side by side."""
        return self.view == "plan" and self._shown is not None and plan_of(self._shown[0]) is not None

    def _fill_plan(self, network: Network, graph: Graph, layer: int) -> None:
        """The tape's order, forward and backward, and the plan's."""
        plan = plan_of(network)
        if plan is None:
            return
        tape, own = self.query_one("#order", OrderTable), self.query_one("#plan", OrderTable)
        tape.fill(TAPE_HEADS, tape_cells(graph, layer))
        tape.styles.width = tape.columns_width + 2
        own.fill(plan_heads(bool(self._brief)), plan_cells(graph, plan, layer, bool(self._brief)))
        for table in (tape, own):
            table.to_chosen()
        self.query_one("#plan-words", Words).say(plan_words(graph, plan))

    def _fill_list(self, network: Network, graph: Graph, layer: int) -> None:
        """The order as a list, with what each operation waits for; a look later as a picture."""
        table = self.query_one("#order", OrderTable)
        graph, _ = folded_graph(graph, tuple(self._walker.layers_folded(network).items()))
        heads = (
            " #",
            " operation",
            " after" if self._brief else " waits for",
            " output",
            " L" if self._brief else " layer",
        )

        def make(at: int) -> list[Text]:
            node = graph.operations[at]
            return self._cells(network, graph, node, node.layer == layer)

        # Where it is narrow an operation's name is cut, and no number.
        table.fill(heads, Rows(len(graph.operations), make), elastic=1)
        own = [number for i in graph.of_layer.get(layer, ()) if (number := graph.nodes[i].number)]
        if own:
            table.move_cursor(bisect_left(graph.operations, own[0], key=lambda node: node.number))
        self.call_after_refresh(self._show_picture)

    @drawing()
    def _show_picture(self) -> None:
        """Draw the picture beside the list, if that still stands there."""
        if self._shown is None or self.view == "walk" or self._comparing:
            return
        network, graph, layer = self._shown
        graph, _ = folded_graph(graph, tuple(self._walker.layers_folded(network).items()))
        table = self.query_one("#order", OrderTable)
        # Said outright: the table measures itself only later, and the picture takes what it leaves.
        table.styles.width = table.columns_width + 2 if self.has_class("-wide") else "1fr"
        self.query_one(GraphPicture).show(graph, Marks(layer=layer))

    def _cells(self, network: Network, graph: Graph, node: GraphNode, chosen: bool) -> list[Text]:
        loss = node.layer == len(network.layers)
        owner = ("loss"[: 1 if self._brief else 4]) if loss else f"{node.layer + 1}"
        if not loss and not self._brief:
            owner += f" {clean(network.layers[node.layer].name, 20)}"
        words = (clean(node.name, 40), clean(graph.waits_for(node)), shape_text(node.shape), owner)
        style = "bold" if chosen else ""
        return [Text(f"{'▸' if chosen else ' '}{node.number:>2}", style), *(Text(f" {word}", style) for word in words)]

    @drawing()
    def show_walk(self) -> None:
        """Draw the walk where it stands."""
        walker, walk = self._walker, self._walker.walk
        if walk is None or self._shown is None:
            return
        network, position = self._shown[0], walker.position
        order = walker.order(network)
        stops = self._stops = order.stops
        brief = self.size.width < SIDE_BY_SIDE

        def make(at: int) -> list[Text]:
            return _stop_cells(order, stops[at - 1] if at else 0, walker.position, brief)

        table = self.query_one("#order", OrderTable)
        table.fill((*WALK_HEADS[:2], " " if brief else WALK_HEADS[2]), Rows(len(stops) + 1, make), elastic=1)
        width = min(table.columns_width + 2, max(self.size.width * 2 // 5, 20))
        if table.styles.width is None or table.styles.width.value != width:
            table.styles.width = width
        table.move_cursor(min(bisect_left(stops, position) + 1, len(stops)) if position else 0)
        self.show_stop()
        if self.has_class("-three"):
            self._show_walk_picture(network)

    @drawing()
    def show_stop(self) -> None:
        """Draw the stop, where another element is spoken of."""
        if self._walker.walk is None or self._shown is None:
            return
        room = self.size.width - (BESIDE if self.has_class("-three") else 0)
        line = STOP_KEYS if room > THREE - 20 else STOP_KEYS_BRIEF
        self.query_one(StopPane).show(self._walker.view(self._shown[0]), line, self.keys)

    def _show_walk_picture(self, network: Network) -> None:
        walker, walk = self._walker, self._walker.walk
        if walk is None:
            return
        graph, places = folded_graph(walk.graph, tuple(walker.layers_folded(network).items()))
        at = walker.position
        here = places[walk.stops[at - 1].node] if at else -1
        self.query_one(GraphPicture).show(
            graph, Marks(node=here, done=at, ready=frozenset(walker.order(network).ready(at)))
        )

    def on_text_table_highlighted(self, event: TextTable.Highlighted) -> None:
        """A row of the list was chosen: a walk goes there."""
        event.stop()
        if event.table.id != "order" or self._shown is None:
            return
        if self.view == "walk" and self._walker.walk is not None:
            self.post_message(self.WalkedTo(self._stops[event.row - 1] if event.row else 0))


def _stop_cells(order: Order, position: int, at: int, brief: bool) -> list[Text]:
    """One row of a walk that stands `at` a stop: computed, ready, or what it waits for, with Kahn's counter.

    Where it is to be brief, the counter alone.
    """
    if position == 0:
        return [Text("▸" if at == 0 else " "), Text(" start"), Text("")]
    sign, number, name = order.parts(position)
    waits = order.waiting(position, at)
    if position <= at:
        mark, words = ("▸" if position == at else "✓"), ""
    elif not waits:
        mark, words = "○", " 0: ready"
    else:
        listed = ",".join("{}{}".format(*order.parts(need)) for need in waits[:2])
        mark, words = "·", f" {len(waits)}: {listed}{'…' if len(waits) > 2 else ''}"
    words = words.partition(":")[0] if brief else words
    style = "bold" if position == at else ""
    head = f"{sign} " if sign else ""
    return [Text(f"{mark}{number:>4}", style), Text(f" {head}{clean(name, 24)}", style), Text(words, style)]
