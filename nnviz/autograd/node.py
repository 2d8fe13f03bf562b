"""What the graph is made of: nodes, and the memory they count on not to change."""

from __future__ import annotations

import itertools
import weakref
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from nnviz.autograd.operation import OUT, Array, Operation
from nnviz.errors import GraphError

if TYPE_CHECKING:
    from nnviz.autograd.tensor import Tensor

numbers = itertools.count()
"""The clock that numbers nodes and changes: what is lower happened earlier."""

LAST_CHANGES = 64
"""How many moments of change a memory remembers: enough to say, of a graph that lies back that far, how it was."""

Hook = Callable[["Tensor"], "Tensor | None"]
"""Looks at a gradient as it arrives, and may give another one in its place."""


class Clock:
    """Moments on the clock that numbers the nodes.

    Attributes:
        last_change: when any tensor was last changed in place; −1 for never.
        rewrites: how often the history of any tensor was rewritten, so that views may have to look again.
        leaf_hooks: how many hooks were registered on leaves.
    """

    last_change = -1
    rewrites = 0
    leaf_hooks = 0


clock = Clock()


class Node:
    """One operation as it happened: what went in, what came out. Lower `number`s happened earlier.

    Attributes:
        inputs: the tensors that went in.
        sources: where each input came from when it went in, which a later change in place does not alter: the node
            that made it, the leaf itself where that wants a gradient, or nothing.
        result: what came out; the node's own memory once that of the tensor is changed in place.
        hooks: what looks at the gradient of the result, in the order in which it was registered.
    """

    __slots__ = ("attributes", "freed", "hooks", "inputs", "locks", "number", "operation", "result", "sources")

    def __init__(self, operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any], result: Array):
        self.operation = operation
        self.inputs = inputs
        # Of the commonest lengths without a comprehension, which would be a call.
        if len(inputs) == 2:
            one, other = inputs
            self.sources: tuple[Node | Tensor | None, ...] = (
                one._node or (one if one._requires_grad else None),
                other._node or (other if other._requires_grad else None),
            )
        elif len(inputs) == 1:
            self.sources = (inputs[0]._node or (inputs[0] if inputs[0]._requires_grad else None),)
        else:
            self.sources = tuple([t._node or (t if t._requires_grad else None) for t in inputs])
        self.attributes = attributes
        self.result = result
        self.number = next(numbers)
        self.freed = False
        self.hooks: dict[int, Hook] | None = None
        self.locks: list[Lock] | None = None

    @property
    def waits_for(self) -> list[Node]:
        """The nodes whose results go in (with repetition)."""
        return [source for source in self.sources if type(source) is Node]

    def keep_result(self, memory: Array) -> None:
        """Have a result of its own before `memory` is written to, where backward reads it."""
        if OUT in self.operation.saved and np.may_share_memory(self.result, memory):
            self.result = self.result.copy()

    def free(self) -> None:
        """Let go of everything that was saved for backward."""
        self.freed, self.inputs, self.sources, self.locks = True, (), (), None

    def name(self) -> str:
        """What it is called where a tensor is printed: `MulBackward`."""
        return f"{self.operation.name.title().replace('_', '')}Backward"

    @property
    def next_functions(self) -> tuple[tuple[Node | AccumulateGrad | None, int], ...]:
        """Where its gradients go: a pair for each input.

        First the node that made it, what adds up the gradient of a leaf, or None for an input that wants none; then 0,
        since a node has one result.

        Raises:
            GraphError: backward() has freed the graph.
        """
        if self.freed:
            raise GraphError(
                "backward() has freed this graph: what the node was computed from is not known any more",
                "look at next_functions before backward(), or call backward(retain_graph=True)",
            )
        return tuple(
            [
                (source if source is None or type(source) is Node else AccumulateGrad(cast("Tensor", source)), 0)
                for source in self.sources
            ]
        )

    def __repr__(self) -> str:
        return f"<{self.name()}>"


class AccumulateGrad:
    """Where a path of the graph ends: it adds up the gradient of a leaf. One leaf's are equal to each other.

    Attributes:
        variable: the leaf.
    """

    __slots__ = ("variable",)
    next_functions: tuple[()] = ()

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable

    def name(self) -> str:
        """What PyTorch calls it."""
        return "torch::autograd::AccumulateGrad"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccumulateGrad) and other.variable is self.variable

    def __hash__(self) -> int:
        return hash((AccumulateGrad, id(self.variable)))

    def __repr__(self) -> str:
        return "<AccumulateGrad>"


class Lock:
    """Keeps arrays from being written to as long as it lives: what a graph has saved must not change under it."""

    __slots__ = ("__weakref__", "_arrays")

    def __init__(self) -> None:
        self._arrays: list[Array] = []

    def hold(self, array: Array) -> None:
        """Lock one array more."""
        if array.flags.writeable:
            array.flags.writeable = False
            self._arrays.append(array)

    def __del__(self) -> None:
        # What owns the memory comes first: a view can be written to only if that can.
        for array in self._arrays:
            array.flags.writeable = True


class Memory:
    """What has happened to the memory of a tensor and of all its views.

    Attributes:
        version: how often it was changed in place.
        changes: when, on the clock that numbers the nodes; the last LAST_CHANGES of them.
        history: how often the history of a tensor here was rewritten, so that its views must look again.
        read_only: whether it belongs to somebody outside who does not want it written to.
    """

    __slots__ = ("_lock", "changes", "history", "read_only", "version")

    def __init__(self) -> None:
        self.version = 0
        self.read_only = False
        self.history = 0
        self.changes: deque[int] = deque(maxlen=LAST_CHANGES)
        self._lock: weakref.ref[Lock] | None = None

    def note_change(self) -> None:
        """It was changed in place, just now."""
        clock.last_change = moment = next(numbers)
        self.changes.append(moment)
        self.version += 1

    @property
    def lock(self) -> Lock | None:
        """What holds it at present."""
        return None if self._lock is None else self._lock()

    def locked(self) -> Lock:
        """The lock that holds it, a new one where there is none."""
        held = self.lock
        if held is None:
            held = Lock()
            self._lock = weakref.ref(held)
        return held


def owner_of(array: Array) -> Array:
    """The array whose memory it looks at; itself where that is its own."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def is_borrowed(array: Array) -> bool:
    """Whether its memory is not numpy's own (bytes, a file, another library): once locked, it could not be unlocked."""
    return array.base is not None and owner_of(array).base is not None
