"""The graph of operations as a picture with edges."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nnviz.network import Graph, shape_text
from nnviz.tui.text import clean
from nnviz.tui.widgets.guarded import Guarded
from nnviz.views.graph import Marks
from nnviz.views.graph_picture import Picture, PictureNode, Place, draw_graph

MOST = 600
"""Nodes that are drawn at a time; of a larger graph the part around the chosen one."""
LONGEST = 40
"""Characters of a node's label."""


@lru_cache(maxsize=16)
def picture_of(graph: Graph, width: int) -> Picture:
    """The graph drawn for a panel of this width, with shapes if they fit."""
    picture = _draw(graph, width, shapes=True)
    return picture if picture.width <= width else _draw(graph, width, shapes=False)


def _draw(graph: Graph, width: int, shapes: bool) -> Picture:
    # The name of a folded layer may come from a file.
    names = [clean(node.label, LONGEST) for node in graph.nodes]
    labels = [
        f"{name} {shape_text(node.shape)}" if shapes else name for name, node in zip(names, graph.nodes, strict=True)
    ]
    kinds = ["parameter" if node.kind == "constant" else node.kind for node in graph.nodes]
    return draw_graph(
        [PictureNode(*node) for node in zip(labels, (n.inputs for n in graph.nodes), kinds, strict=True)], width
    )


class GraphPicture(ScrollView, Guarded):
    """The picture. Chosen nodes are bold; on a walk, computed and ready operations are marked.

    Attributes:
        marks: what is marked.
    """

    COMPONENT_CLASSES = {"graph--edge", "graph--given", "graph--chosen", "graph--here", "graph--later", "graph--ready"}
    DEFAULT_CSS = """
    GraphPicture {
        background: transparent;
        & > .graph--edge { color: $text-muted; }
        & > .graph--given { color: $text-muted; text-style: italic; }
        & > .graph--chosen { color: $text-primary; text-style: bold; }
        & > .graph--here { color: $text-primary; text-style: bold reverse; }
        & > .graph--ready { text-style: underline; }
        & > .graph--later { color: $text-muted; }
    }
    """
    BINDINGS = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._whole = Graph(())
        self._graph = Graph(())
        self._first = 0
        self._picture: Picture | None = None
        self._places: dict[int, list[Place]] = {}
        self.marks = Marks()

    def show(self, graph: Graph, marks: Marks) -> None:
        """Draw `graph`, with the marked nodes highlighted and in view."""
        self.marks = marks
        chosen = [marks.node] if marks.node >= 0 else list(graph.of_layer.get(marks.layer, ()))
        self._take(graph, chosen)
        if self._picture is not None and chosen:
            rows = [
                self._picture.places[i - self._first].row
                for i in chosen
                if 0 <= i - self._first < len(self._graph.nodes)
            ]
            if rows:
                middle = (min(rows) + max(rows)) // 2
                self.scroll_to(y=max(0, middle - self.size.height // 2), animate=False)
        self.refresh()

    def _take(self, graph: Graph, chosen: list[int]) -> None:
        """Choose the part of a graph to draw: all, or what is around the chosen nodes."""
        around = chosen[0] if chosen else 0
        inside = self._first <= around - MOST // 8 or self._first == 0
        inside = inside and around + MOST // 8 < self._first + len(self._graph.nodes)
        if graph is self._whole and self._picture is not None and (len(graph.nodes) <= MOST or inside):
            return
        self._whole = graph
        self._first = 0 if len(graph.nodes) <= MOST else min(max(around - MOST // 2, 0), len(graph.nodes) - MOST)
        self._graph = graph if len(graph.nodes) <= MOST else graph.part(self._first, self._first + MOST)
        self._lay_out()

    def on_resize(self) -> None:
        """Lay the picture out for the new width."""
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
        """Render one row: edges muted, labels in the style of their node."""
        scroll_x, scroll_y = self.scroll_offset
        row, width = scroll_y + y, self.size.width
        if self._picture is None or row >= len(self._picture.lines):
            return Strip.blank(width, self.part())
        line = self._picture.lines[row]
        edge = self.part("graph--edge")
        segments, at = [], 0
        for place in sorted(self._places.get(row, []), key=lambda place: place.column):
            before, label, line = _cut(line, place.column - at, place.width)
            segments += [Segment(before, edge), Segment(label, self._style(place.node + self._first))]
            at = place.column + place.width
        segments.append(Segment(line, edge))
        return Strip(segments).crop_extend(scroll_x, scroll_x + width, self.part())

    def _style(self, index: int) -> Style:
        node, marks = self._whole.nodes[index], self.marks
        name = "graph--given" if node.kind != "operation" else ""
        if marks.done is not None and node.kind == "operation":
            name = "" if node.number <= marks.done else "graph--ready" if node.number in marks.ready else "graph--later"
        if index == marks.node:
            name = "graph--here"
        elif marks.done is None and node.layer == marks.layer:
            name = "graph--chosen"
        return self.part(name)


def _cut(line: str, start: int, width: int) -> tuple[str, str, str]:
    """A line of single-width characters in three: before, the label, and the rest."""
    return line[:start], line[start : start + width], line[start + width :]
