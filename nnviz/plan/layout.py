"""Memory layout: which arrays can be views, and which have to be copied."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from nnviz.autograd.kernel import Kernel
from nnviz.autograd.operation import Array
from nnviz.plan.values import Value


def as_view(view: Callable[[Array], Array], source: Value) -> Callable[[Array], Array] | None:
    """`view` if its result is a view of the source's memory, in the source's memory layout."""
    trial = trial_of(source)
    return view if trial.size and np.may_share_memory(view(trial), trial) else None


def trial_of(value: Value) -> Array:
    """An array with the memory layout that the value will have; its numbers are never accessed."""
    if value.array is not None:
        return value.array
    if value.view_of is not None:
        return value.view_of[1](trial_of(value.view_of[0]))
    if value.order is None:
        return np.empty(value.shape, value.dtype)
    return np.empty(tuple(value.shape[i] for i in np.argsort(value.order)), value.dtype).transpose(value.order)


def permutation(value: Value) -> tuple[int, ...] | None:
    """The memory layout of a value, so that its gradient can have the same one."""
    if value.view_of is None:
        return value.order
    trial = trial_of(value)
    lying = tuple(sorted(range(trial.ndim), key=lambda i: (-trial.strides[i], i)))
    order = tuple(int(i) for i in np.argsort(lying))
    return order if trial.transpose(lying).flags.c_contiguous and order != tuple(range(trial.ndim)) else None


def is_contiguous_in(value: Value, order: tuple[int, ...] | None) -> bool:
    """Whether the value is contiguous when its dimensions are permuted by this layout."""
    trial = trial_of(value)
    return (trial if order is None else trial.transpose(np.argsort(order))).flags.c_contiguous


def in_layout(scratch: Sequence[Array], like: Array) -> list[Array]:
    """Temporary arrays; those of the result's size in its memory layout."""
    return [array.reshape(like.shape) if array.size == like.size else array for array in scratch]


def arrays_of(kernel: Kernel, values: Sequence[Value]) -> list[Array]:
    """The arrays of an operation; in their memory layout if the kernel is elementwise and all have the same."""
    alike = len({(value.order, value.shape) for value in values}) == 1
    return [value.memory() if alike and kernel.elementwise else value.bound() for value in values]
