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

CHANNELS_FIRST = (1, 0, 2, 3)
"""The order of memory in which convolutions work: images lie as (C, N, H, W). It is its own inverse."""


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
    """

    inputs: Sequence[Array]
    out: Array
    attributes: dict[str, Any] = field(default_factory=dict)
    saved: Sequence[Array] = ()
    spare: Sequence[Array] = ()
    g: Array = field(default_factory=lambda: np.zeros(()))
    grads: Sequence[Array | None] = ()


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
