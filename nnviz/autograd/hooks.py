"""Hooks on the gradients of tensors, under PyTorch's names."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from functools import partial

import nnviz.autograd.tensor as core
from nnviz.autograd.modes import is_abstract, refused
from nnviz.autograd.node import Hook, Node, clock
from nnviz.autograd.operation import Array
from nnviz.autograd.types import type_name
from nnviz.errors import DtypeError, OperandError, OperationError, ShapeError

_ids = itertools.count()


class RemovableHandle:
    """Removes a hook: by `remove()`, or at the end of a `with`.

    Args:
        remove: the function that removes the hook; without effect if it was removed.
    """

    def __init__(self, remove: Callable[[], object]) -> None:
        self._remove = remove

    def remove(self) -> None:
        """Remove the hook; without effect if it was removed."""
        self._remove()

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()


def check_grad(tensor: core.Tensor, grad: object) -> None:
    """Check that `grad` can be the gradient of `tensor`.

    Raises:
        OperandError: it is not a tensor.
        ShapeError: it has another shape.
        DtypeError: it has another dtype.
    """
    if not isinstance(grad, core.Tensor):
        raise OperandError(
            f"assigned grad expected to be a Tensor or None but got grad of type {type(grad).__name__}",
            "None clears it; zeros_like(tensor) is a gradient of zeros",
        )
    if grad is tensor:
        raise OperationError("can't assign Variable as its own grad", "give a tensor of its own")
    if grad.shape != tensor.shape:
        raise ShapeError(
            f"attempting to assign a gradient of size '{list(grad.shape)}' to a tensor of size '{list(tensor.shape)}'. "
            "Please ensure that the gradient and the tensor are the same size"
        )
    if grad.dtype != tensor.dtype:
        raise DtypeError(
            f"attempting to assign a gradient with dtype '{type_name(grad.dtype)}' to a tensor of "
            f"'{type_name(tensor.dtype)}'. The gradient must match the tensor's dtype",
            f"turn it into {tensor.dtype} with .to(tensor.dtype)",
        )


def register_hook(tensor: core.Tensor, hook: Hook) -> RemovableHandle:
    """Register `hook(gradient)`, called whenever the gradient of this tensor is computed.

    Args:
        tensor: the tensor.
        hook: a function of the gradient that returns None, or a gradient to replace it.

    Raises:
        OperationError: the tensor does not require a gradient.
        GraphError: in a plan, which cannot run Python code.
    """
    if not tensor.requires_grad:
        raise OperationError("cannot register a hook on a tensor that doesn't require gradient")
    if is_abstract():
        raise refused("a plan does not run hooks: register_hook() was called in the computation", "train on the tape")
    if tensor._node is not None:
        hooks = _hooks_of(tensor._node)
    else:
        tensor._hooks = hooks = {} if tensor._hooks is None else tensor._hooks
        clock.leaf_hooks += 1
    number = next(_ids)
    hooks[number] = hook
    return RemovableHandle(partial(hooks.pop, number, None))


def retain_grad(tensor: core.Tensor) -> None:
    """Make backward store the gradient of a computed tensor in `.grad`, as it does for leaves."""
    if not tensor.requires_grad:
        raise OperationError("can't retain_grad on Tensor that has requires_grad=False")
    node = tensor._node
    if node is None or retains_grad(tensor):
        return
    if is_abstract():
        raise refused(
            "a plan does not store intermediate gradients: retain_grad() was called in the computation",
            "train on the tape",
        )
    reference = weakref.ref(tensor)

    def keep(gradient: core.Tensor) -> None:
        kept = reference()
        if kept is not None:
            before = kept._grad
            kept._grad = core.Tensor(gradient.array.copy() if before is None else before.array + gradient.array)

    _hooks_of(node)[_RETAINS] = keep


def _hooks_of(node: Node) -> dict[int, Hook]:
    if node.hooks is None:
        node.hooks = {}
    return node.hooks


_RETAINS = -1
"""The number of the hook that retains a gradient; it is called last."""


def move_retained(before: Node | None, after: Node | None) -> None:
    """After an in-place change, retain the gradient of the new numbers instead."""
    if before is not None and before.hooks and _RETAINS in before.hooks and after is not None:
        _hooks_of(after)[_RETAINS] = before.hooks.pop(_RETAINS)


def retains_grad(tensor: core.Tensor) -> bool:
    """Whether backward stores the gradient of this computed tensor in `.grad`."""
    node = tensor.node
    return node is not None and node.hooks is not None and _RETAINS in node.hooks


def hooked(hooks: dict[int, Hook], gradient: Array) -> Array:
    """The gradient after all hooks.

    Raises:
        OperandError: a hook returned something other than a tensor or None.
        ShapeError: it returned another shape.
    """
    for number, hook in sorted(hooks.items(), key=lambda item: (item[0] == _RETAINS, item[0])):
        found = hook(core.Tensor(gradient))
        if found is None or number == _RETAINS:
            continue
        if not isinstance(found, core.Tensor):
            raise OperandError(
                f"expected Variable, but hook returned '{type(found).__name__}'", "a hook gives a gradient, or None"
            )
        if found.shape != gradient.shape:
            raise ShapeError("hook '<hook>' has changed the size of value", f"from {gradient.shape} to {found.shape}")
        gradient = found.array.astype(gradient.dtype, copy=False)
    return gradient
