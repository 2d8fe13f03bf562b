"""Where the user's walk through a step stands: which step, which stop, which element, which layers are folded."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from time import perf_counter

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.errors import NnvizError
from nnviz.network import Graph, Network, folded
from nnviz.run import Run, Walk
from nnviz.tui.session import Session
from nnviz.views.order import Order
from nnviz.views.stop import StopView, neuron, view_of

SLICE = 0.01
"""Seconds that are computed at a time, so that a long way does not keep the screen waiting."""


@dataclass
class Walker:
    """A walk and a place in it.

    Attributes:
        walk: the step; None before the first.
        position: the stop, from 1; 0 is the start.
        goal: the stop that is being computed; the position follows when it is reached.
        chosen: the element that is spoken of.
        target: on the way back, which of the gradients passed on is spoken of.
        predicting: whether walks end at the output.
        folds: the layers that are one node, by their ids.
    """

    walk: Walk | None = None
    position: int = 0
    goal: int = 0
    chosen: Shape | None = None
    target: int = 0
    predicting: bool = False
    folds: frozenset[int] = field(default_factory=frozenset)
    _order: tuple[Walk, dict[int, str], Order] | None = None

    def take(self, network: Network, session: Session) -> Walk:
        """Walk through the step that comes next in the run, from the same place as before.

        Raises:
            TrainingError: its values would take too much memory.
        """
        run = session.run if session.run is not None and session.run.present == network else Run(network)
        self.walk = Walk(run, session.states.get(run), self.predicting)
        self.goal = self.position = min(self.position, len(self.walk.stops))
        return self.walk

    def forget(self) -> None:
        """Another network: its walk begins at the start."""
        self.walk, self.position, self.goal, self.chosen, self.target = None, 0, 0, None, 0

    def advance(self) -> bool:
        """Compute a slice of the way to the goal; whether it is reached.

        Raises:
            NnvizError: an operation cannot be computed; the goal is the last stop before it now.
        """
        if self.walk is None:
            return True
        self.goal = min(self.goal, len(self.walk.stops))
        end = perf_counter() + SLICE
        try:
            if not self.walk.reach(self.goal, lambda: perf_counter() < end):
                return False
        except NnvizError:
            self.goal = self.position = self.walk.reached
            raise
        self.position = self.goal
        return True

    def order(self, network: Network) -> Order:
        """The stops as they are shown."""
        assert self.walk is not None  # noqa: S101 (the caller has taken one)
        names = self.layers_folded(network)
        if self._order is None or self._order[0] is not self.walk or self._order[1] != names:
            self._order = self.walk, names, Order(self.walk, names)
        return self._order[2]

    def view(self, network: Network) -> StopView:
        """What there is to see."""
        assert self.walk is not None  # noqa: S101 (the caller has taken one)
        return view_of(self.walk, self.position, self.chosen, self.target, self.order(network))

    def unfolded(self) -> list[str]:
        """The computation behind the chosen element."""
        assert self.walk is not None  # noqa: S101
        return neuron(self.walk, self.position, self.chosen, self.target)

    def layers_folded(self, network: Network) -> dict[int, str]:
        """The positions of the folded layers, with what they are called."""
        if not self.folds:
            return {}
        return {at: nn.layers.label(network.layers[at]) for at, own in enumerate(network.ids) if own in self.folds}


@lru_cache(maxsize=8)
def folded_graph(graph: Graph, layers: tuple[tuple[int, str], ...]) -> tuple[Graph, tuple[int, ...]]:
    """The graph with these layers folded, made once."""
    if not layers:
        return graph, tuple(range(len(graph.nodes)))
    return folded(graph, dict(layers))
