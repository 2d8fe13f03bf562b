"""Kahn's algorithm, visible: the stops of a walk as they are shown, what each waits for, and which are ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.network.graph import Graph

UPDATE = "Δ"
"""The sign of a stop at which the optimizer updates a parameter."""


@dataclass(frozen=True)
class Stop:
    """One stop of a walk.

    Attributes:
        node: the operation, by its index in the graph.
        backward: whether the gradient goes back through it here.
        update: of the optimizer's stops, which one it is, from 1; the node is then a parameter.
        needs: the stops, from 1, that must come before it.
    """

    node: int
    backward: bool
    needs: tuple[int, ...]
    update: int = 0


class Toposort:
    """The stops of a walk, each with what it waits for; a folded layer is one stop each way.

    Args:
        graph: the operations.
        stops: all stops.
        names: the folded layers, by position, with what they are called.

    Attributes:
        stops: the stops that are shown, from 1; of a folded layer the last one each way.
    """

    def __init__(self, graph: Graph, stops: Sequence[Stop], names: Mapping[int, str] | None = None) -> None:
        self._graph, self._all, self._names = graph, stops, names or {}
        shown = self._shown()
        self.stops: Sequence[int] = sorted(set(shown[1:])) if self._names else range(1, len(stops) + 1)
        needs: dict[int, dict[int, None]] = {position: {} for position in self.stops}
        for position, stop in enumerate(stops, 1):
            # Dependencies within a folded layer are not shown.
            needs[shown[position]].update((shown[n], None) for n in stop.needs if shown[n] != shown[position])
        self._needs = {position: tuple(own) for position, own in needs.items()}
        self._positions = np.fromiter(self.stops, np.int64)
        self._last = np.fromiter((max(own, default=0) for own in self._needs.values()), np.int64)

    def _shown(self) -> list[int]:
        """For every stop, the stop shown for it, both from 1: the operations of a layer are contiguous."""
        kinds = [(self._graph.nodes[stop.node].layer, stop.backward, stop.update > 0) for stop in self._all]
        shown = list(range(len(kinds) + 1))
        for position in range(len(kinds) - 1, 0, -1):
            if kinds[position - 1] == kinds[position] and kinds[position][0] in self._names:
                shown[position] = shown[position + 1]
        return shown

    def needs(self, position: int) -> tuple[int, ...]:
        """The stops whose results this one reads."""
        # A walk may be at a stop whose layer was folded since.
        return self._needs[position] if position in self._needs else self._all[position - 1].needs

    def waiting(self, position: int, at: int) -> tuple[int, ...]:
        """Those of its needs that are not computed yet when the walk is `at` a stop; Kahn's counter is their number."""
        return tuple(need for need in self.needs(position) if need > at)

    def ready(self, at: int) -> list[int]:
        """The stops that could be computed next when the walk is `at` a stop: all their needs are computed."""
        return [int(p) for p in self._positions[(self._positions > at) & (self._last <= at)]]

    def parts(self, position: int) -> tuple[str, int, str]:
        """A stop: ∂ on the way back, the operation's number, and its name or its folded layer's.

        Of an update Δ, which one it is, and the parameter with its layer.
        """
        stop = self._all[position - 1]
        node = self._graph.nodes[stop.node]
        if stop.update:
            return UPDATE, stop.update, self._names.get(node.layer, f"layer {node.layer + 1} {node.name}")
        return "∂" if stop.backward else "", node.number, self._names.get(node.layer, node.name)

    def name(self, position: int) -> str:
        """The parts of a stop as one string."""
        sign, number, name = self.parts(position)
        return f"{sign} {number} {name}".lstrip()
