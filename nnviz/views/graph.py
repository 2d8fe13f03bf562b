"""The graph panel: the topological order as a list and a picture, beside the plan made of it, or walked through."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nnviz.lab import Lab
from nnviz.network import Graph, GraphNode, Network, Toposort, folded, shape_text, trace
from nnviz.run import Walk
from nnviz.views.stop import StopView, stop_view
from nnviz.views.table import Line, Table

LIST_HEADS = (" #", " operation", " waits for", " output", " layer")
BRIEF_HEADS = (" #", " operation", " after", " output", " L")
WALK_HEADS = ("    #", " operation", " waits for")


@dataclass(frozen=True)
class Marks:
    """What is highlighted in a picture.

    Attributes:
        layer: the layer at this position, where there is no walk.
        node: the index of the node that the walk is at.
        done: the number of the last operation that is computed; None where there is no walk.
        ready: the numbers of those that could be next.
    """

    layer: int = -1
    node: int = -1
    done: int | None = None
    ready: Collection[int] = ()


@lru_cache(maxsize=8)
def folded_graph(graph: Graph, layers: tuple[tuple[int, str], ...]) -> tuple[Graph, tuple[int, ...]]:
    """The graph with these layers folded, made once, and the place of each of its nodes in it."""
    return folded(graph, dict(layers)) if layers else (graph, tuple(range(len(graph.nodes))))


def shown_graph(lab: Lab) -> Graph:
    """The graph of a training step, with each layer as one node unless it was unfolded."""
    return folded_graph(trace(lab.network).graph, tuple(lab.overview.items()))[0]


@dataclass(frozen=True, eq=False)
class OperationList:
    """The operations of a training step.

    Attributes:
        table: a line an operation, or a folded layer.
        layers: the position of the layer of each line.
    """

    table: Table
    layers: tuple[int, ...]


def operation_list(lab: Lab, brief: bool) -> OperationList:
    """Every operation with what it waits for; fewer words where it is `brief`. The selected layer's stand out."""
    network, graph, layer = lab.network, shown_graph(lab), lab.row - 1

    def line(at: int) -> Line:
        node = graph.operations[at]
        name = network.layers[node.layer].name if node.folded and brief else node.name
        words = (name[:40], graph.waits_for(node), shape_text(node.shape), _owner(network, node, brief))
        chosen = node.layer == layer
        cells = (f"{'▸' if chosen else ' '}{node.number:>2}", *(f" {word}" for word in words))
        return Line(cells, "chosen" if chosen else "")

    heads = BRIEF_HEADS if brief else LIST_HEADS
    # Where it is narrow an operation's name is cut, and no number.
    table = Table(heads, len(graph.operations), line, elastic=1)
    return OperationList(table, tuple(node.layer for node in graph.operations))


def _owner(network: Network, node: GraphNode, brief: bool) -> str:
    """Whose operation it is: a layer, or the loss."""
    if node.layer == len(network.layers):
        return "l" if brief else "loss"
    return f"{node.layer + 1}" if brief else f"{node.layer + 1} {network.layers[node.layer].name[:20]}"


@dataclass(frozen=True, eq=False)
class WalkList:
    """The stops of a walk.

    Attributes:
        table: the start, and a line a stop.
        stops: the number of the stop on each line, from the second on.
    """

    table: Table
    stops: Sequence[int]


def walk_list(lab: Lab, brief: bool) -> WalkList:
    """The stops: computed, ready, or what each waits for, with Kahn's counter; that alone where it is `brief`."""
    toposort, at = lab.toposort, lab.walk.position
    stops = toposort.stops

    def line(row: int) -> Line:
        return _stop_line(toposort, stops[row - 1] if row else 0, at, brief)

    cursor = min(bisect_left(stops, at) + 1, len(stops)) if at else 0
    heads = (*WALK_HEADS[:2], " ") if brief else WALK_HEADS
    return WalkList(Table(heads, len(stops) + 1, line, elastic=1, cursor=cursor), stops)


def _stop_line(toposort: Toposort, position: int, at: int, brief: bool) -> Line:
    if position == 0:
        return Line(("▸" if at == 0 else " ", " start", ""))
    sign, number, name = toposort.parts(position)
    waits = toposort.waiting(position, at)
    if position <= at:
        mark, words = ("▸" if position == at else "✓"), ""
    elif not waits:
        mark, words = "○", " 0: ready"
    else:
        listed = ",".join("{}{}".format(*toposort.parts(need)) for need in waits[:2])
        mark, words = "·", f" {len(waits)}: {listed}{'…' if len(waits) > 2 else ''}"
    words = words.partition(":")[0] if brief else words
    head = f"{sign} " if sign else ""
    cells = (f"{mark}{number:>4}", f" {head}{name[:24]}", words)
    return Line(cells, "chosen" if position == at else "")


def walk_picture(lab: Lab) -> tuple[Graph, Marks]:
    """The graph that is walked through, with what is computed and what is ready."""
    found, at = lab.outline, lab.walk.position
    graph, places = folded_graph(found.graph, tuple(lab.folded.items()))
    here = places[found.stops[at - 1].node] if at else -1
    return graph, Marks(node=here, done=at, ready=frozenset(lab.toposort.ready(at)))


def stop(lab: Lab, walk: Walk) -> StopView:
    """What there is to see at the stop."""
    place = lab.walk
    return stop_view(walk, place.position, place.chosen, place.target, lab.toposort)
