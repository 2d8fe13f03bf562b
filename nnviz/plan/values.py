"""The parts of a plan: values, which become arrays, and instructions, which compute them in a fixed order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd import Operation
from nnviz.autograd.kernel import Call, Workspace
from nnviz.autograd.operation import Shape

Array = NDArray[Any]
Kind = Literal["input", "parameter", "constant", "result", "gradient", "saved"]


@dataclass(eq=False)
class Value:
    """An array of the plan.

    Attributes:
        kind: its role in the computation.
        name: its name on the screen.
        shape: its shape.
        dtype: its type.
        array: its memory, once allocated; given from the start if it is not the plan's memory.
        order: its memory layout as a permutation of its dimensions; None if contiguous.
        view_of: of a view, the value whose memory it shares, and the function that makes the view.
        block: the number of its block of memory.
    """

    kind: Kind
    name: str
    shape: Shape
    dtype: np.dtype[Any]
    array: Array | None = None
    order: tuple[int, ...] | None = None
    view_of: tuple[Value, Callable[[Array], Array]] | None = None
    block: int | None = None

    @property
    def root(self) -> Value:
        """The value that owns its memory."""
        value = self
        while value.view_of is not None:
            value = value.view_of[0]
        return value

    @property
    def bytes(self) -> int:
        """Its size in bytes."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def bound(self) -> Array:
        """Its array."""
        if self.array is None:
            assert self.view_of is not None, self.name  # noqa: S101 (the rest was given memory)
            source, view = self.view_of
            self.array = view(source.bound())
        return self.array

    def memory(self) -> Array:
        """Its array with the dimensions in the order of the memory layout."""
        return self.bound() if self.order is None else self.bound().transpose(np.argsort(self.order))


@dataclass(eq=False)
class Instruction:
    """One instruction: what is computed from what.

    Attributes:
        name: its name on the screen.
        operation: the operation it belongs to; None for sums and copies of gradients.
        direction: forward or backward.
        reads: the values it reads.
        writes: the values it writes.
        bind: makes the calls, once all memory is allocated.
        in_place: pairs (write, read); the value written may use the memory of the value read.
        workspace: the temporary memory it needs while it runs.
        scratch: that memory, once it is allocated.
        native: whether it works in memory of the plan, or falls back on the tape's functions and copies.
        covers: the operations of the tape that it replaces, by their numbers there.
        own: memory that no other instruction uses, once it is bound.
        full: allocates that memory, of (shape, value, dtype).
    """

    name: str
    operation: Operation | None
    direction: Literal["forward", "backward"]
    reads: Sequence[Value]
    writes: Sequence[Value]
    bind: Callable[[Instruction], list[Call]]
    in_place: Sequence[tuple[Value, Value]] = ()
    workspace: Sequence[Workspace] = ()
    scratch: list[Array] = field(default_factory=list)
    native: bool = True
    covers: tuple[int, ...] = ()
    own: list[Array] = field(default_factory=list)
    full: Callable[..., Array] = np.full
