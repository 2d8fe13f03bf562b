"""Changes in place, under PyTorch's names: the methods that end in an underscore, and assignment to a part.

What backward still needs must not change under it: a tensor remembers when it was last changed, and a node that was
recorded before that refuses to go backward.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd import functions, ops, types
from nnviz.errors import ArgumentError, GraphError, ShapeError


def changed(input: core.Tensor, compute: Callable[[core.Tensor], core.Tensor]) -> core.Tensor:
    """Replace the numbers of `input` by what `compute` gives for them, and return it.

    Recorded like any operation where a gradient is wanted; else written into the same memory.

    Raises:
        GraphError: a leaf that requires a gradient would lose it.
        ShapeError: the result has another shape.
        ArgumentError: the result has another kind of numbers.
    """
    if input.requires_grad and input.node is None and core.is_recording():
        raise GraphError(
            "a leaf Variable that requires grad is being used in an in-place operation.",
            "use the operation that gives a new tensor, or change it inside no_grad()",
        )
    result = compute(core.Tensor(input.array, input.requires_grad, input.node))
    if result.shape != input.shape:
        raise ShapeError(
            f"output with shape {list(input.shape)} doesn't match the broadcast shape {list(result.shape)}"
        )
    if not np.can_cast(result.dtype, input.dtype, "same_kind"):
        raise ArgumentError(
            f"result type {types.type_name(result.dtype)} can't be cast to the desired output type "
            f"{types.type_name(input.dtype)}",
            "use the operation that gives a new tensor",
        )
    if result.node is not None or input.node is not None:
        input.array, input.node, input.requires_grad = result.array, result.node, result.requires_grad
        input.mark_changed()
    else:
        input.overwrite(result.array)
    return input


def add_(input: core.Tensor, other: core.Tensor | float) -> core.Tensor:
    """Input + other, in place."""
    return changed(input, lambda old: functions.add(old, other))


def sub_(input: core.Tensor, other: core.Tensor | float) -> core.Tensor:
    """Input − other, in place."""
    return changed(input, lambda old: functions.sub(old, other))


def mul_(input: core.Tensor, other: core.Tensor | float) -> core.Tensor:
    """Input · other, in place."""
    return changed(input, lambda old: functions.mul(old, other))


def div_(input: core.Tensor, other: core.Tensor | float) -> core.Tensor:
    """Input / other, in place."""
    return changed(input, lambda old: functions.div(old, other))


def clamp_(input: core.Tensor, min: float | None = None, max: float | None = None) -> core.Tensor:
    """No less than `min` and no more than `max`, in place."""
    return changed(input, lambda old: functions.clamp(old, min, max))


def fill_(input: core.Tensor, value: float) -> core.Tensor:
    """`value` everywhere, in place."""
    return changed(input, lambda old: core.Tensor(np.full(old.shape, value, old.dtype)))


def zero_(input: core.Tensor) -> core.Tensor:
    """0 everywhere, in place."""
    return fill_(input, 0)


def copy_(input: core.Tensor, source: core.Tensor) -> core.Tensor:
    """The numbers of `source`, broadcast, in place."""
    return changed(input, lambda old: ops.expand(types.to(source, old.dtype), shape=old.shape))


def setitem(input: core.Tensor, index: Any, value: core.Tensor | float) -> None:
    """input[index] = value, in place."""
    place = tuple(functions._index(part) for part in index) if isinstance(index, tuple) else functions._index(index)
    ops.index.shape(input.shape, index=place)

    def compute(old: core.Tensor) -> core.Tensor:
        mask = np.zeros(old.shape, bool)
        mask[place] = True
        wide = value if isinstance(value, core.Tensor) else core.Tensor(np.asarray(value, old.dtype))
        return ops.where(core.Tensor(mask), _spread(wide, old, place), old)

    changed(input, compute)


def _spread(value: core.Tensor, like: core.Tensor, place: Any) -> core.Tensor:
    """`value` standing at `place` in a tensor shaped `like`; which element of it stands where is an index too."""
    numbers = np.broadcast_to(np.arange(value.array.size).reshape(value.shape), like.array[place].shape)
    source = np.zeros(like.shape, np.int64)
    source[place] = numbers
    return ops.index(ops.reshape(value, shape=(-1,)), index=source)
