"""The outline of a walk through one step: its operations and the order of its stops, without any numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

from nnviz.network.description import Network
from nnviz.network.graph import Graph
from nnviz.network.toposort import Stop, Toposort
from nnviz.network.trace import BYTES, prediction, trace

KEPT = 8
"""Arrays of a parameter's shape that an update keeps at most: before and after, of the weight and of its state."""


@dataclass(frozen=True, eq=False)
class Outline:
    """The stops of a walk: forward in topological order, backward in reverse, then the optimizer, a parameter each.

    Attributes:
        network: the network.
        predicting: forward only, as in a prediction: no loss, no backward, no dropout.
        graph: the operations.
        complete: whether forward reaches its end: the loss, or the output in a prediction.
    """

    network: Network
    predicting: bool
    graph: Graph
    complete: bool

    @property
    def bytes(self) -> int:
        """The memory that the values of the step take, with their gradients, and what the optimizer keeps."""
        own = sum(math.prod(node.shape) for node in self.graph.nodes) * (1 if self.predicting else 2)
        moved = 0 if self.predicting else sum(math.prod(n.shape) for n in self.graph.nodes if n.kind == "parameter")
        return BYTES * (own + KEPT * moved)

    @cached_property
    def forward(self) -> int:
        """How many stops lead forward."""
        return len(self.graph.operations)

    @property
    def has_backward(self) -> bool:
        """Whether there is a backward pass: a loss that depends on a parameter."""
        return self.backward > 0

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        """All stops; the stop number p, from 1, is `stops[p - 1]`."""
        nodes = self.graph.nodes
        ahead = [i for i, node in enumerate(nodes) if node.number]
        stops = [
            Stop(i, False, tuple(dict.fromkeys(n for k in nodes[i].inputs if (n := nodes[k].number)))) for i in ahead
        ]
        if self.predicting or not self.complete:
            return tuple(stops)
        backward_stops = self.backward_stops
        for i in self.graph.gradients:
            users = tuple(backward_stops[k] for k in self.graph.users[i] if k in backward_stops)
            stops.append(Stop(i, True, users or (nodes[i].number,)))
        for number, i in enumerate(self._updated, 1):
            users = tuple(sorted(backward_stops[k] for k in self.graph.users[i] if k in backward_stops))
            stops.append(Stop(i, False, users, number))
        return tuple(stops)

    @cached_property
    def _updated(self) -> tuple[int, ...]:
        """The parameters that get a gradient, by index, in the order in which the optimizer updates them."""
        nodes = self.graph.nodes
        found = {(n.layer, n.name): i for i, n in enumerate(nodes) if n.kind == "parameter"}
        paths = ((row.position, name) for row in trace(self.network).rows for name, _ in row.weights)
        return tuple(found[path] for path in paths if path in found)

    @cached_property
    def backward(self) -> int:
        """How many stops lead backward."""
        return sum(stop.backward for stop in self.stops)

    @property
    def updates(self) -> int:
        """How many stops are the optimizer's."""
        return len(self.stops) - self.forward - self.backward

    @cached_property
    def backward_stops(self) -> dict[int, int]:
        """The stop at which backward goes through an operation, by the operation's index."""
        return {i: self.forward + at for at, i in enumerate(self.graph.gradients, 1)}

    @lru_cache(maxsize=4)  # noqa: B019 (an outline lives as long as the network it is kept for)
    def toposort(self, folded: tuple[tuple[int, str], ...] = ()) -> Toposort:
        """The stops as they are shown, with these layers folded: (position, label) of each."""
        return Toposort(self.graph, self.stops, dict(folded))


def outline(network: Network, predicting: bool = False) -> Outline:
    """The outline of a walk through a step of `network`, made once."""
    return _outline(network, network.ids, predicting)


@lru_cache(maxsize=8)
def _outline(network: Network, ids: tuple[int, ...], predicting: bool) -> Outline:  # noqa: ARG001 (labels follow them)
    faulty = trace(network).faulty
    complete = faulty is None or (predicting and faulty == len(network.layers))
    graph = prediction(network) if predicting else trace(network).graph
    return Outline(network, predicting, graph, complete)
