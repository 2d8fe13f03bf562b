"""A kernel is how an operation runs in a plan: in memory that is allocated once, by calls that are prepared once.

Binding a kernel to arrays gives a list of calls without arguments; running the plan calls them one after the other.
Most are a ufunc with its operands and `out` filled in, so that hardly any Python runs between two products.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]
Call = Callable[[], object]
Workspace = tuple[Shape, DTypeLike]
"""Memory that an instruction asks for: its shape and dtype."""

BATCH_LAST = (3, 0, 1, 2)
"""The permutation to (N, C, H, W) of images stored as (C, H, W, N), the memory layout of convolutions and pools.

A window's taps are then copied in runs of the whole batch, and the matrix product of all places needs no copy at all.
"""


@lru_cache(maxsize=256)
def ones(shape: int | Shape, dtype: np.dtype[Any]) -> Array:
    """An array of ones that all plans share, so that nothing may be written to it."""
    found = np.ones(shape, dtype)
    found.flags.writeable = False
    return found


@dataclass
class Bound:
    """The arrays of one operation in a plan.

    Attributes:
        inputs: the operation's inputs.
        out: its result.
        attributes: its attributes.
        residuals: what the forward kernel computes and the backward kernel reads.
        scratch: temporary memory of the kernel that is being bound.
        g: the upstream gradient, that of `out`; in backward only.
        grads: memory for the gradients of the inputs; None for a gradient that is not needed.
        own: memory that the kernel keeps from one run of the plan to the next.
        full: allocates that memory, of (shape, value, dtype).
    """

    inputs: Sequence[Array]
    out: Array
    attributes: dict[str, Any] = field(default_factory=dict)
    residuals: Sequence[Array] = ()
    scratch: Sequence[Array] = ()
    g: Array = field(default_factory=lambda: np.zeros(()))
    grads: Sequence[Array | None] = ()
    own: list[Array] = field(default_factory=list)
    full: Callable[..., Array] = np.full

    def keep(self, shape: Shape, value: float = 0.0) -> Array:
        """Memory of the result's dtype, filled with `value`, that no other instruction writes to."""
        self.own.append(self.full(shape, value, self.out.dtype))
        return self.own[-1]

    def shaped(self, array: Array, shape: Shape) -> tuple[Array, list[Call]]:
        """An array in another shape, and the calls that copy its numbers there if no view can have that shape."""
        found = array.reshape(shape)
        if np.may_share_memory(found, array) or not array.size:
            return found, []
        copy = self.keep(found.shape)
        return copy, [partial(np.copyto, copy.reshape(array.shape), array)]


Binder = Callable[[Bound], list[Call]]
Workspaces = Callable[..., list[Workspace]]


def nothing(*_: Any, **__: Any) -> list[Workspace]:
    """No memory is needed."""
    return []


@dataclass(frozen=True)
class Kernel:
    """How one operation runs in a plan.

    Args:
        forward: binds the forward.
        backward: binds all gradients at once; if None, the plan calls the operation's vjps.
        residuals: the memory that forward fills for backward, `residuals(dtype, *shapes, **attributes)`.
        scratch: the temporary memory of backward, given in the same way.
        in_place: whether `out` may be written over input 0, and the gradient of input 0 over `g`.
        identity_grads: the inputs whose gradient is `g` itself if they have its shape.
        saved: what backward reads, if that differs from the operation's `saved`.
        elementwise: whether it computes element by element, so that it works with any memory layout.
        order: the memory layout of `out` as a permutation of its dimensions, if the kernel prescribes one.
    """

    forward: Binder
    backward: Binder | None = None
    residuals: Workspaces = nothing
    scratch: Workspaces = nothing
    in_place: bool = False
    identity_grads: tuple[int, ...] = ()
    saved: tuple[int, ...] | None = None
    elementwise: bool = False
    order: tuple[int, ...] | None = None


def elementwise(
    forward: Callable[..., Any],
    backward: Binder | None = None,
    *,
    scratch: int = 0,
    identity_grads: tuple[int, ...] = (),
) -> Kernel:
    """The kernel of a ufunc.

    Args:
        forward: the ufunc.
        backward: binds the gradients.
        scratch: the number of temporary arrays of the result's shape that backward needs.
        identity_grads: the inputs whose gradient is `g` itself if they have its shape.
    """

    def workspaces(dtype: DTypeLike, *shapes: Shape, **_: Any) -> list[Workspace]:
        return [(np.broadcast_shapes(*shapes), dtype)] * scratch

    return Kernel(
        lambda b: [partial(forward, *b.inputs, b.out)],
        backward,
        scratch=workspaces,
        in_place=True,
        identity_grads=identity_grads,
        elementwise=True,
    )
