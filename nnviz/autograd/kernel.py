"""A kernel is how an operation runs in a static plan: into memory that was given it once, by calls that were made once.

Binding a kernel to arrays gives a list of calls without arguments; running the plan is calling them one after the
other. Most are a ufunc with its operands and `out` filled in, so that hardly any Python runs between two products.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
Call = Callable[[], object]
Room = tuple[Shape, DTypeLike]
"""Memory that is wanted: its shape and type."""

BATCH_LAST = (3, 0, 1, 2)
"""How (N, C, H, W) is read from memory in which images lie as (C, H, W, N), as convolutions and pools want them.

A window's taps are then copied in runs of the whole batch, and the matrix product of all places needs no copy at all.
"""


@dataclass
class Bound:
    """The arrays of one operation in a plan.

    Attributes:
        inputs: what goes in.
        out: what comes out.
        attributes: the operation's attributes.
        saved: what the forward kernel keeps for the backward one.
        spare: room to compute in, for the kernel that is bound right now.
        g: the gradient of `out`; only in backward.
        grads: where the gradients of the inputs go; None where one is not wanted.
        own: memory that the kernel keeps from run to run.
    """

    inputs: Sequence[Array]
    out: Array
    attributes: dict[str, Any] = field(default_factory=dict)
    saved: Sequence[Array] = ()
    spare: Sequence[Array] = ()
    g: Array = field(default_factory=lambda: np.zeros(()))
    grads: Sequence[Array | None] = ()
    own: list[Array] = field(default_factory=list)

    def keep(self, shape: Shape, value: float = 0.0) -> Array:
        """Memory of the result's type that nobody else writes to, filled with `value`."""
        self.own.append(np.full(shape, value, self.out.dtype))
        return self.own[-1]

    def shaped(self, array: Array, shape: Shape) -> tuple[Array, list[Call]]:
        """An array in another shape, and the calls that bring the numbers there if it cannot be the same memory."""
        found = array.reshape(shape)
        if np.may_share_memory(found, array) or not array.size:
            return found, []
        copy = self.keep(found.shape)
        return copy, [partial(np.copyto, copy.reshape(array.shape), array)]


Binder = Callable[[Bound], list[Call]]
Rooms = Callable[..., list[Room]]


def nothing(*_: Any, **__: Any) -> list[Room]:
    """No room is wanted."""
    return []


@dataclass(frozen=True)
class Kernel:
    """How one operation runs in a plan.

    Args:
        forward: binds the forward.
        backward: binds all gradients at once; None leaves them to the operation's rules.
        saved: the room that forward fills for backward: `saved(dtype, *shapes, **attributes)`.
        spare: the room that backward computes in, in the same way.
        over: whether `out` may be the memory of input 0, and the gradient of input 0 that of `g`.
        passes: the inputs whose gradient is `g` itself, as far as it has their shape.
        keeps: what backward reads, where it is not what the operation's rules read.
        elementwise: whether it works on elements alone, so that it runs in any order of memory.
        order: the order of memory of `out`, where it has one of its own.
    """

    forward: Binder
    backward: Binder | None = None
    saved: Rooms = nothing
    spare: Rooms = nothing
    over: bool = False
    passes: tuple[int, ...] = ()
    keeps: tuple[int, ...] | None = None
    elementwise: bool = False
    order: tuple[int, ...] | None = None


def elementwise(
    forward: Callable[..., Any], backward: Binder | None = None, *, spares: int = 0, passes: tuple[int, ...] = ()
) -> Kernel:
    """The kernel of a ufunc.

    Args:
        forward: the ufunc.
        backward: binds the gradients.
        spares: how many arrays of the result's shape backward computes in.
        passes: the inputs whose gradient is `g` itself.
    """

    def room(dtype: DTypeLike, *shapes: Shape, **_: Any) -> list[Room]:
        return [(np.broadcast_shapes(*shapes), dtype)] * spares

    return Kernel(
        lambda b: [partial(forward, *b.inputs, b.out)],
        backward,
        spare=room,
        over=True,
        passes=passes,
        elementwise=True,
    )
