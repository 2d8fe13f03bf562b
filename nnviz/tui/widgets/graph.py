"""The graph of operations in topological order: as a list, as a picture with edges, and beside the plan made of it."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.geometry import Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widgets import Static

from nnviz.network import Graph, GraphNode, Network, Trace, plan_of
from nnviz.training import Costs
from nnviz.tui.text import clean
from nnviz.tui.widgets.plan import TAPE_HEADS, order_words, plan_cells, plan_heads, plan_words, tape_cells
from nnviz.tui.widgets.stack import shape_text
from nnviz.tui.widgets.table import TextTable
from nnviz.tui.widgets.words import Words
from nnviz.views.graph_picture import Picture, PictureNode, Place, draw_graph

FULL_WIDTH = 44
"""Columns from which on the list names the layers; below, it numbers them."""

SIDE_BY_SIDE = 66
"""Columns from which on the picture stands beside the list."""


@lru_cache(maxsize=16)
def picture_of(graph: Graph, width: int) -> Picture:
    """The graph drawn for a panel of this width: with shapes where that fits."""
    picture = _draw(graph, width, shapes=True)
    return picture if picture.width <= width else _draw(graph, width, shapes=False)


def _draw(graph: Graph, width: int, shapes: bool) -> Picture:
    labels = [f"{node.label} {shape_text(node.shape)}" if shapes else node.label for node in graph.nodes]
    kinds = ["parameter" if node.kind == "constant" else node.kind for node in graph.nodes]
    return draw_graph(
        [PictureNode(*node) for node in zip(labels, (n.inputs for n in graph.nodes), kinds, strict=True)], width
    )


class GraphPicture(ScrollView):
    """The picture. The operations of the selected layer stand out, bold between ▸ and ◂."""

    COMPONENT_CLASSES = {"graph--edge", "graph--given", "graph--chosen"}
    BINDINGS = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._graph = Graph(())
        self._picture: Picture | None = None
        self._places: dict[int, list[Place]] = {}
        self._layer = -1

    def show(self, graph: Graph, layer: int) -> None:
        """Draw `graph`, with the operations of the layer at position `layer` standing out and in view."""
        if graph is not self._graph or self._picture is None:
            self._graph = graph
            self._lay_out()
        self._layer = layer
        chosen = [i for i, node in enumerate(graph.nodes) if node.layer == layer]
        if self._picture is not None and chosen:
            rows = [self._picture.places[i].row for i in chosen]
            middle = (min(rows) + max(rows)) // 2
            self.scroll_to(y=max(0, middle - self.size.height // 2), animate=False)
        self.refresh()

    def on_resize(self) -> None:
        """The picture is laid out for the width there is."""
        self._lay_out()

    def _lay_out(self) -> None:
        if not self._graph.nodes or not self.size.width:
            self._picture, self._places = None, {}
            self.virtual_size = Size(0, 0)
        else:
            self._picture = picture_of(self._graph, self.size.width)
            self._places = {}
            for place in self._picture.places:
                self._places.setdefault(place.row, []).append(place)
            self.virtual_size = Size(self._picture.width, len(self._picture.lines))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row: edges muted, labels by what they are."""
        scroll_x, scroll_y = self.scroll_offset
        row, width = scroll_y + y, self.size.width
        if self._picture is None or row >= len(self._picture.lines):
            return Strip.blank(width, self.rich_style)
        line = self._picture.lines[row]
        edge = self.get_component_rich_style("graph--edge")
        segments, at = [], 0
        for place in sorted(self._places.get(row, []), key=lambda place: place.column):
            before, label, line = _cut(line, place.column - at, place.width)
            segments += [Segment(before, edge), Segment(label, self._style(self._graph.nodes[place.node]))]
            at = place.column + place.width
        segments.append(Segment(line, edge))
        return Strip(segments).crop_extend(scroll_x, scroll_x + width, self.rich_style)

    def _style(self, node: GraphNode) -> Style:
        if node.layer == self._layer:
            return self.get_component_rich_style("graph--chosen")
        return self.get_component_rich_style("graph--given") if node.kind != "operation" else self.rich_style


def _cut(line: str, start: int, width: int) -> tuple[str, str, str]:
    """A line of single-width characters in three: before, the label, and the rest."""
    return line[:start], line[start : start + width], line[start + width :]


class OrderTable(TextTable):
    """The order as a list."""

    BINDINGS = [
        Binding("j", "cursor_down", "Down", show=False),
        Binding("k", "cursor_up", "Up", show=False),
    ]

    def to_chosen(self) -> None:
        """Put the cursor on the first row that stands out, if any does."""
        chosen = (at for at in range(self.row_count) if self.get_row_at(at)[0].plain.startswith("▸"))
        first = next(chosen, None)
        if first is not None:
            self.move_cursor(row=first, animate=False)


class GraphPanel(Container):
    """List and picture side by side, or one above the other where it is narrow; or tape and plan side by side.

    Attributes:
        comparing: whether tape and plan stand there.
    """

    ALLOW_MAXIMIZE = True
    BORDER_TITLE = "2 Graph: topological order"
    comparing = var(False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: tuple[Network, Graph, int] | None = None
        self._brief: bool | None = None
        self._planned = True
        self._costs: Costs | None = None

    def compose(self) -> ComposeResult:
        """What trains; the list, the picture or the plan; and what stands there when there is nothing to order."""
        yield Words(id="order-words")
        with Container(id="orders"):
            yield OrderTable(cursor_type="row", cell_padding=0, id="order")
            yield GraphPicture(id="picture")
            yield OrderTable(cursor_type="row", cell_padding=0, id="plan")
        yield Words(id="plan-words")
        yield Static("Nothing to put in order: the first layer cannot run.", id="graph-empty")

    def on_resize(self) -> None:
        """Columns by the width there is."""
        self.set_class(self.size.width >= SIDE_BY_SIDE, "-wide")
        brief = self.size.width < FULL_WIDTH
        self._brief = brief
        self._fill()

    def show(self, network: Network, trace: Trace, row: int) -> None:
        """Draw the order; the operations of the layer on stack row `row` are marked."""
        self._shown = network, trace.graph, row - 1
        self._fill()

    def show_order(self, planned: bool, costs: Costs | None) -> None:
        """Say which of plan and tape trains, and what a step costs each way."""
        self._planned, self._costs = planned, costs
        self.query_one("#order-words", Words).say(order_words(planned, costs, bool(self._brief)))

    def watch_comparing(self) -> None:
        """Picture or plan."""
        self._fill()

    def _fill(self) -> None:
        if self._shown is None or self._brief is None:
            return
        self.show_order(self._planned, self._costs)
        network, graph, layer = self._shown
        empty = not graph.operations
        self.query_one("#graph-empty", Static).display = empty
        self.query_one("#orders").display = self.query_one("#order-words").display = not empty
        comparing = self.comparing and plan_of(network) is not None
        wide = self.has_class("-wide")
        self.query_one(GraphPicture).display = not comparing
        self.query_one("#plan").display = self.query_one("#plan-words").display = comparing
        self.query_one("#order").display = wide or not comparing
        if comparing:
            self._fill_plan(network, graph, layer)
        else:
            self._fill_list(network, graph, layer)

    def _fill_plan(self, network: Network, graph: Graph, layer: int) -> None:
        """The tape's order, forward and backward, and the plan's."""
        plan = plan_of(network)
        if plan is None:
            return
        tape, own = self.query_one("#order", OrderTable), self.query_one("#plan", OrderTable)
        tape.fill(TAPE_HEADS, tape_cells(graph, layer))
        tape.styles.width = tape.columns_width + 1
        own.fill(plan_heads(bool(self._brief)), plan_cells(graph, plan, layer, bool(self._brief)))
        for table in (tape, own):
            table.to_chosen()
        self.query_one("#plan-words", Words).say(plan_words(graph, plan))

    def _fill_list(self, network: Network, graph: Graph, layer: int) -> None:
        """The order as a list, with what each operation waits for; and as a picture."""
        table, picture = self.query_one("#order", OrderTable), self.query_one(GraphPicture)
        heads = (
            " #",
            " operation",
            " after" if self._brief else " waits for",
            " output",
            " L" if self._brief else " layer",
        )
        table.fill(heads, [self._cells(network, graph, node, node.layer == layer) for node in graph.operations])
        # Said outright: the table measures itself only later, and the picture takes what it leaves.
        table.styles.width = table.columns_width + 1 if self.has_class("-wide") else "1fr"
        table.to_chosen()
        picture.show(graph, layer)

    def _cells(self, network: Network, graph: Graph, node: GraphNode, chosen: bool) -> list[Text]:
        loss = node.layer == len(network.layers)
        owner = ("loss"[: 1 if self._brief else 4]) if loss else f"{node.layer + 1}"
        if not loss and not self._brief:
            owner += f" {clean(network.layers[node.layer].name, 20)}"
        words = (node.name, graph.waits_for(node), shape_text(node.shape), owner)
        style = "bold" if chosen else ""
        return [Text(f"{'▸' if chosen else ' '}{node.number:>2}", style), *(Text(f" {word}", style) for word in words)]
