"""The graph of operations, in topological order, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from nnviz.autograd import Node, Tensor, topological_order
from nnviz.autograd.operation import Shape
from nnviz.errors import ShapeError
from nnviz.nn import Module

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
    """

    kind: Kind
    name: str
    inputs: tuple[int, ...]
    shape: Shape
    layer: int
    number: int = 0
    formula: str = ""

    @property
    def label(self) -> str:
        """Number and name, or the name alone."""
        return f"{self.number} {self.name}" if self.number else self.name


@dataclass(frozen=True)
class Graph:
    """Nodes in topological order: each after everything it waits for."""

    nodes: tuple[GraphNode, ...]

    @property
    def operations(self) -> tuple[GraphNode, ...]:
        """The nodes that compute, in order."""
        return tuple(node for node in self.nodes if node.kind == "operation")

    def waits_for(self, node: GraphNode) -> str:
        """What `node` waits for, in words: operations by number, what is given by name."""
        return ", ".join(str(self.nodes[i].number or self.nodes[i].name) for i in node.inputs)


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
            # What a layer did before it failed gives nothing that anybody waits for.
            del self._tape[len(self._layers) :]
            raise
        self._layers.extend([position] * (len(self._tape) - len(self._layers)))

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
                    kind, name, layer = self._given.get(id(tensor), ("constant", "mask", layer_of[node]))
                    places[id(tensor)] = len(nodes)
                    nodes.append(GraphNode(kind, name, (), tensor.shape, layer))
            inputs = tuple(places[source if isinstance(source, Node) else id(tensor)] for tensor, source in pairs)
            places[node] = len(nodes)
            operation = node.operation
            nodes.append(
                GraphNode(
                    "operation", operation.name, inputs, node.result.shape, layer_of[node], number, operation.formula
                )
            )
        return Graph(tuple(nodes))
