"""The graph of operations, in topological order, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from nnviz.autograd import Node, Operation, Tensor, topological_order
from nnviz.autograd.operation import Array, Shape
from nnviz.errors import ShapeError
from nnviz.nn import Module

_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

INPUT = -1
"""The layer position of what is given from outside: x and y."""

Kind = Literal["input", "parameter", "constant", "operation"]


@dataclass(frozen=True)
class GraphNode:
    """One node: an operation, or something given that operations use.

    Attributes:
        kind: what it is.
        name: the operation's name, or the leaf's (`x`, `y`, `weight`).
        inputs: indices of the nodes it waits for, each lower than its own.
        shape: the shape it gives.
        layer: position of the layer it belongs to; the number of layers means the loss, INPUT what is given.
        number: its place among the operations, from 1; 0 for what is given.
        formula: the operation as one writes it.
        operation, attributes: what computes it, where it is an operation.
        array: its numbers, where it is a constant that is there without any data.
        folded: whether it represents all operations of its layer.
    """

    kind: Kind
    name: str
    inputs: tuple[int, ...]
    shape: Shape
    layer: int
    number: int = 0
    formula: str = ""
    operation: Operation | None = field(default=None, compare=False, repr=False)
    attributes: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)
    array: Array | None = field(default=None, compare=False, repr=False)
    folded: bool = False

    @property
    def symbol(self) -> str:
        """What it is called in formulas, where number and name beside each other would read as a product: add₃."""
        return f"{self.name}{str(self.number).translate(_BELOW)}" if self.number else self.name

    @property
    def label(self) -> str:
        """Number and name, or the name alone."""
        return f"{self.number} {self.name}" if self.number else self.name


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in topological order: each after everything it waits for."""

    nodes: tuple[GraphNode, ...]

    @cached_property
    def operations(self) -> tuple[GraphNode, ...]:
        """The nodes that compute, in order."""
        return tuple(node for node in self.nodes if node.kind == "operation")

    @cached_property
    def gradients(self) -> tuple[int, ...]:
        """The operations, by index, that depend on a parameter, last first: the order of backward."""
        moving: list[bool] = []
        for node in self.nodes:
            moving.append(node.kind == "parameter" or any(moving[i] for i in node.inputs))
        return tuple(i for i in reversed(range(len(moving))) if moving[i] and self.nodes[i].number)

    @cached_property
    def of_layer(self) -> Mapping[int, tuple[int, ...]]:
        """The nodes of each layer that has some, by index."""
        found: dict[int, list[int]] = {}
        for i, node in enumerate(self.nodes):
            found.setdefault(node.layer, []).append(i)
        return {layer: tuple(own) for layer, own in found.items()}

    @cached_property
    def users(self) -> tuple[tuple[int, ...], ...]:
        """For every node the operations that read it, by index, each once."""
        found: list[list[int]] = [[] for _ in self.nodes]
        for i, node in enumerate(self.nodes):
            for source in dict.fromkeys(node.inputs):
                found[source].append(i)
        return tuple(map(tuple, found))

    def part(self, start: int, stop: int) -> Graph:
        """The nodes from `start` up to `stop` alone; what they read of earlier ones is left out."""
        nodes = self.nodes[start:stop]
        return Graph(tuple(replace(n, inputs=tuple(i - start for i in n.inputs if i >= start)) for n in nodes))

    def waits_for(self, node: GraphNode) -> str:
        """What `node` waits for, in words: operations by number, what is given by name."""
        return ", ".join(str(self.nodes[i].number or self.nodes[i].name) for i in node.inputs)


def folded(graph: Graph, layers: Mapping[int, str]) -> tuple[Graph, tuple[int, ...]]:
    """The graph with all operations of each of these layers as one node of that name; and every node's new index.

    A folded layer's parameters go into it; it gives what its last operation gave, and has that one's number.
    """
    last = {node.layer: i for i, node in enumerate(graph.nodes) if node.number and node.layer in layers}
    places: list[int] = []
    nodes: list[GraphNode] = []
    reads: dict[int, dict[int, None]] = {layer: {} for layer in last}
    for i, node in enumerate(graph.nodes):
        end = last.get(node.layer)
        if end is None:
            places.append(len(nodes))
            inputs = tuple(places[source] for source in node.inputs)
            nodes.append(node if inputs == node.inputs else replace(node, inputs=inputs))
            continue
        outside = (source for source in node.inputs if graph.nodes[source].layer != node.layer)
        reads[node.layer].update((places[source], None) for source in outside)
        # Only the last operation of a folded layer is read from outside, and only it gets an index.
        places.append(-1)
        if i == end:
            places[-1] = len(nodes)
            nodes.append(
                replace(node, inputs=tuple(reads[node.layer]), name=layers[node.layer], formula="", folded=True)
            )
    ends = {layer: places[end] for layer, end in last.items()}
    return Graph(tuple(nodes)), tuple(ends.get(graph.nodes[i].layer, place) for i, place in enumerate(places))


class Recorder:
    """Watches a run on shapes alone, and knows which layer each operation and parameter belongs to."""

    def __init__(self, tape: list[Node]) -> None:
        self._tape = tape
        self._layers: list[int] = []
        self._given: dict[int, tuple[Kind, str, int]] = {}
        # Names go by identity, so what is named must live as long as the names do.
        self._held: list[object] = []

    def input(self, name: str, tensor: Tensor) -> Tensor:
        """Name a tensor that is given from outside, and return it."""
        self._given[id(tensor)] = ("input", name, INPUT)
        self._held.append(tensor)
        return tensor

    @contextmanager
    def layer(self, position: int, module: Module) -> Iterator[None]:
        """Inside, operations belong to the layer at `position`."""
        for name, parameter in module.named_parameters():
            self._given[id(parameter)] = ("parameter", name, position)
        for name, buffer in module.named_buffers():
            self._given[id(buffer)] = ("constant", name, position)
        self._held.append(module)
        try:
            yield
        except ShapeError:
            # Operations recorded before the layer failed are discarded.
            del self._tape[len(self._layers) :]
            raise
        self._layers.extend([position] * (len(self._tape) - len(self._layers)))

    def _leaf(self, tensor: Tensor, user: int) -> GraphNode:
        """What is given: an input, a parameter, a buffer, or a constant of the layer that uses it."""
        if id(tensor) in self._given:
            kind, name, layer = self._given[id(tensor)]
            return GraphNode(kind, name, (), tensor.shape, layer)
        name = "constant" if tensor.shape else f"{tensor.array.item():g}"
        return GraphNode("constant", name, (), tensor.shape, user, array=tensor.array)

    def graph(self) -> Graph:
        """The operations recorded so far in topological order, each leaf just before its first use."""
        layer_of = dict(zip(self._tape, self._layers, strict=True))
        used = {source for node in self._tape for source in node.waits_for}
        roots = [node for node in self._tape if node not in used]
        order = topological_order(roots, lambda node: node.waits_for, lambda node: node.number)
        nodes: list[GraphNode] = []
        places: dict[object, int] = {}
        for number, node in enumerate(order, 1):
            pairs = list(zip(node.inputs, node.sources, strict=True))
            for tensor, source in pairs:
                if not isinstance(source, Node) and id(tensor) not in places:
                    places[id(tensor)] = len(nodes)
                    nodes.append(self._leaf(tensor, layer_of[node]))
            inputs = tuple(places[source if isinstance(source, Node) else id(tensor)] for tensor, source in pairs)
            places[node] = len(nodes)
            operation = node.operation
            nodes.append(
                GraphNode(
                    "operation",
                    operation.name,
                    inputs,
                    node.result.shape,
                    layer_of[node],
                    number,
                    operation.formula,
                    operation,
                    node.attributes,
                )
            )
        return Graph(tuple(nodes))
