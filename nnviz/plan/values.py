"""What a plan is made of: values, which are arrays to be, and instructions, which make them in a fixed order."""

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
        kind: what it is.
        name: what it is called on the screen.
        shape: its shape.
        dtype: its type.
        array: its memory, once it has some; given from the start for what lives outside the plan's own memory.
        order: how its dimensions lie in memory, where not one after the other.
        looks_at: the value whose memory it looks at, and how, where it has none of its own.
        block: the number of the block of memory it was given.
    """

    kind: Kind
    name: str
    shape: Shape
    dtype: np.dtype[Any]
    array: Array | None = None
    order: tuple[int, ...] | None = None
    looks_at: tuple[Value, Callable[[Array], Array]] | None = None
    block: int | None = None

    @property
    def root(self) -> Value:
        """The value whose memory this is."""
        value = self
        while value.looks_at is not None:
            value = value.looks_at[0]
        return value

    @property
    def bytes(self) -> int:
        """How much memory it takes."""
        return int(np.prod(self.shape, dtype=np.int64)) * self.dtype.itemsize

    def bound(self) -> Array:
        """Its array."""
        if self.array is None:
            assert self.looks_at is not None, self.name  # noqa: S101 (the rest was given memory)
            source, look = self.looks_at
            self.array = look(source.bound())
        return self.array

    def memory(self) -> Array:
        """Its array with the dimensions as they lie in memory."""
        return self.bound() if self.order is None else self.bound().transpose(np.argsort(self.order))


@dataclass(eq=False)
class Instruction:
    """One place in the order: what is computed from what.

    Attributes:
        name: what it is called on the screen.
        operation: the operation it belongs to; None for sums and copies of gradients.
        direction: forward or backward.
        reads: what has to be there.
        writes: what is there afterwards.
        bind: makes the calls, once all memory is given.
        in_place: pairs (write, read); the value written may use the memory of the value read.
        workspace: the temporary memory it needs while it runs.
        scratch: that memory, once it is allocated.
        native: whether it works in memory of the plan, or falls back on the tape's functions and copies.
        covers: the operations of the tape that it stands for, by their number there.
        own: memory that it keeps for itself, once it is bound.
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
