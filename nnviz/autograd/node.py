"""The graph: its nodes, and the memory whose changes they must detect."""

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
"""The clock that numbers nodes and in-place changes: lower numbers happened earlier."""

LAST_CHANGES = 64
"""How many in-place changes a memory records, so that the version at an earlier moment can be given."""

Hook = Callable[["Tensor"], "Tensor | None"]
"""A function of a gradient, which may return another one to replace it."""


class Clock:
    """Moments on the clock that numbers the nodes.

    Attributes:
        last_change: the moment of the last in-place change of any tensor; −1 if there was none.
        rewrites: how often the history of any tensor was rewritten, so that views may have to be brought up to date.
        leaf_hooks: how many hooks were registered on leaves.
    """

    last_change = -1
    rewrites = 0
    leaf_hooks = 0


clock = Clock()


class Node:
    """One recorded application of an operation. Lower `number`s happened earlier.

    Attributes:
        inputs: its input tensors.
        sources: the origin of each input when the node was recorded, unaffected by later in-place changes: the node
            that made it, or the leaf itself if it requires a gradient, or None.
        result: the result; a copy if the tensor's memory was changed in place.
        hooks: the hooks on the gradient of the result, in order of registration.
    """

    __slots__ = ("attributes", "freed", "hooks", "inputs", "locks", "number", "operation", "result", "sources")

    def __init__(self, operation: Operation, inputs: tuple[Tensor, ...], attributes: dict[str, Any], result: Array):
        self.operation = operation
        self.inputs = inputs
        # The most common lengths without a comprehension, which would cost a call.
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
        """The nodes whose results are inputs (with repetition)."""
        return [source for source in self.sources if type(source) is Node]

    def keep_result(self, memory: Array) -> None:
        """Copy the result before `memory` is written to, if backward reads it."""
        if OUT in self.operation.saved and np.may_share_memory(self.result, memory):
            self.result = self.result.copy()

    def free(self) -> None:
        """Free everything that was saved for backward."""
        self.freed, self.inputs, self.sources, self.locks = True, (), (), None

    def name(self) -> str:
        """Its name in the text of a tensor: `MulBackward`."""
        return f"{self.operation.name.title().replace('_', '')}Backward"

    @property
    def next_functions(self) -> tuple[tuple[Node | AccumulateGrad | None, int], ...]:
        """The next nodes in backward: a pair for each input.

        The first is the node that made the input, an AccumulateGrad for a leaf, or None if no gradient is needed; the
        second is 0, since a node has one result.

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
    """The end of a path of the graph: it accumulates the gradient of a leaf. Those of the same leaf are equal.

    Attributes:
        variable: the leaf.
    """

    __slots__ = ("variable",)
    next_functions: tuple[()] = ()

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable

    def name(self) -> str:
        """PyTorch's name for it."""
        return "torch::autograd::AccumulateGrad"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccumulateGrad) and other.variable is self.variable

    def __hash__(self) -> int:
        return hash((AccumulateGrad, id(self.variable)))

    def __repr__(self) -> str:
        return "<AccumulateGrad>"


class Lock:
    """Makes arrays read-only as long as it lives, so that saved tensors cannot change unnoticed."""

    __slots__ = ("__weakref__", "_arrays")

    def __init__(self) -> None:
        self._arrays: list[Array] = []

    def hold(self, array: Array) -> None:
        """Lock another array."""
        if array.flags.writeable:
            array.flags.writeable = False
            self._arrays.append(array)

    def __del__(self) -> None:
        # The owner of the memory comes first: a view can only be writable if its owner is.
        for array in self._arrays:
            array.flags.writeable = True


class Memory:
    """The changes of the memory that a tensor shares with all its views.

    Attributes:
        version: how often it was changed in place.
        changes: the moments of the last LAST_CHANGES changes, on the clock that numbers the nodes.
        history: how often the history of a tensor in this memory was rewritten; views compare it.
        read_only: whether it is a shared array that its owner has made read-only.
    """

    __slots__ = ("_lock", "changes", "history", "read_only", "version")

    def __init__(self) -> None:
        self.version = 0
        self.read_only = False
        self.history = 0
        self.changes: deque[int] = deque(maxlen=LAST_CHANGES)
        self._lock: weakref.ref[Lock] | None = None

    def note_change(self) -> None:
        """Record an in-place change at this moment."""
        clock.last_change = moment = next(numbers)
        self.changes.append(moment)
        self.version += 1

    @property
    def lock(self) -> Lock | None:
        """The lock that holds it at present."""
        return None if self._lock is None else self._lock()

    def locked(self) -> Lock:
        """The lock that holds it, or a new one."""
        held = self.lock
        if held is None:
            held = Lock()
            self._lock = weakref.ref(held)
        return held


def owner_of(array: Array) -> Array:
    """The array that owns its memory."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def is_borrowed(array: Array) -> bool:
    """Whether its memory is not numpy's (bytes, a file, another library), so that a lock could not be undone."""
    return array.base is not None and owner_of(array).base is not None
