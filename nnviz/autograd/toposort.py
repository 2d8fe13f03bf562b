"""Topological sort: every node after all that it depends on, by Kahn's algorithm, without recursion.

Source: A. B. Kahn, "Topological sorting of large networks", Communications of the ACM 5 (1962).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Hashable, Iterable
from typing import TypeVar

from nnviz.errors import GraphError

N = TypeVar("N", bound=Hashable)


def topological_order(
    roots: Iterable[N], inputs_of: Callable[[N], Collection[N]], number: Callable[[N], int]
) -> list[N]:
    """The roots and all nodes that they depend on, each after everything it depends on.

    Kahn's algorithm runs from the roots against the edges: a node is ready once all nodes that use it are placed. Of
    the ready ones the highest `number` is placed first, so with numbers given at creation the result is the order of
    creation. Time O(V log V + E), memory O(V + E).

    Args:
        roots: the nodes to start from.
        inputs_of: the inputs of a node, called once per node; an input may occur twice.
        number: a unique number per node, which decides between nodes that the graph does not order.

    Raises:
        GraphError: the graph has a cycle, so no order exists.
    """
    found = list(dict.fromkeys(roots))
    users = dict.fromkeys(found, 0)
    waits: dict[N, Collection[N]] = {}
    stack = list(found)
    while stack:
        node = stack.pop()
        waits[node] = sources = inputs_of(node)
        for source in sources:
            if source in users:
                users[source] += 1
            else:
                users[source] = 1
                stack.append(source)
    ready = [(-number(node), node) for node in found if users[node] == 0]
    heapq.heapify(ready)
    backwards: list[N] = []
    while ready:
        node = heapq.heappop(ready)[1]
        backwards.append(node)
        for source in waits[node]:
            users[source] = left = users[source] - 1
            if not left:
                heapq.heappush(ready, (-number(source), source))
    if len(backwards) < len(users):
        raise GraphError(
            f"the graph has a cycle: {len(users) - len(backwards)} of its {len(users)} nodes wait for each other",
            "a computation must not depend on its own result",
        )
    backwards.reverse()
    return backwards
