"""In-place operations under PyTorch's names: methods that end in an underscore, and assignment to an index.

The numbers change in the memory that the tensor shares with its base and its views. Where a gradient is needed, the
change is recorded like any operation, and all of them get the new history; see `views`. If an array that backward still
needs was changed, backward raises an error.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.arguments import numbers
from nnviz.autograd import hooks, indexing, ops, random, types, views
from nnviz.autograd.from_data import fits
from nnviz.autograd.modes import current, refused
from nnviz.autograd.node import Node
from nnviz.errors import DtypeError, GraphError, OperandError, OperationError, ShapeError

T = TypeVar("T", bound="core.Tensor")
Compute = Callable[["core.Tensor"], "core.Tensor"]


def changed(input: T, compute: Compute, uniform: bool = False) -> T:
    """Replace the numbers of `input` by those that `compute` returns for them, and return it.

    Args:
        input: the tensor to change.
        compute: a function from a tensor with the old numbers to one with the new.
        uniform: whether all new numbers are the same.

    Raises:
        GraphError: a leaf that requires a gradient would lose it, or a plan could not follow.
        ShapeError: the result has another shape.
        DtypeError: the result has another kind of dtype.
        OperationError: the memory cannot be written to.
    """
    views.refresh(input)
    mode = current.get()
    origin, links = views.origin(input)
    if mode.tape is not None:
        views.may_change(input, links, mode.tape)
    elif mode.record:
        _check_history(input, origin)
    node = input._node
    if links and node is not None and node.hooks:
        # Backward continues through the former node, not through the view that has the hooks.
        node = Node(node.operation, node.inputs, node.attributes, node.result)
    old = core.Tensor(input.array, input._requires_grad, node)
    result = _fitting(compute(old), input)
    recorded = mode.record and (result._requires_grad or origin._requires_grad)
    if mode.tape is None:
        if recorded:
            _check_no_grad_view(links)
            # The node recorded for the change may have saved the old numbers.
            old.array = input.array.copy()
        views.write(input, result.array, uniform)
    if recorded or mode.tape is not None:
        _rewrite(input, origin, links, result)
    return input


def _check_history(input: core.Tensor, origin: core.Tensor) -> None:
    """Check that no leaf that requires a gradient is changed."""
    if origin._requires_grad and origin._node is None:
        kind = "a leaf Variable" if origin is input else "a view of a leaf Variable"
        raise GraphError(
            f"{kind} that requires grad is being used in an in-place operation.",
            "use the operation that gives a new tensor, or change it inside no_grad()",
        )


def _check_no_grad_view(links: list[views.Link]) -> None:
    if any(link is not None and not link[3] for link in links):
        raise GraphError(
            "A view was created in no_grad mode and is being modified inplace with grad mode enabled. Given that this "
            "use case is ambiguous and error-prone, it is forbidden.",
            "take the view and change it both inside no_grad(), or both outside",
        )


def _fitting(result: core.Tensor, input: core.Tensor) -> core.Tensor:
    """The result in the shape and dtype of the tensor it replaces."""
    if result.shape != input.shape:
        raise ShapeError(
            f"output with shape {list(input.shape)} doesn't match the broadcast shape {list(result.shape)}"
        )
    if not np.can_cast(result.dtype, input.dtype, "same_kind"):
        raise DtypeError(
            f"result type {types.type_name(result.dtype)} can't be cast to the desired output type "
            f"{types.type_name(input.dtype)}",
            "use the operation that gives a new tensor",
        )
    return types.to(result, input.dtype)


def _rewrite(input: core.Tensor, origin: core.Tensor, links: list[views.Link], result: core.Tensor) -> None:
    """Give the base the history of the change; its views are brought up to date when next used."""
    if links:
        before = core.Tensor(origin.array, origin._requires_grad, origin._node)
        result = ops.copy_slices(before, result, positions=views.positions(origin, links))
    hooks.move_retained(origin._node, result._node)
    origin._node, origin._requires_grad = result._node, result._requires_grad
    views.rewritten(origin)
    views.refresh(input)


def in_place(function: Callable[..., core.Tensor]) -> Callable[..., core.Tensor]:
    """The method that writes the result of `function` to its first argument: `exp_` for `exp`."""

    @functools.wraps(function)
    def method(input: core.Tensor, /, *args: Any, **named: Any) -> core.Tensor:
        return changed(input, lambda old: function(old, *args, **named))

    return types.named(method, f"{function.__name__}_", f"In place: {function.__doc__}")


def fill_(input: T, value: core.Tensor | float) -> T:
    """Fill with `value`, in place.

    Raises:
        ShapeError: `value` is a tensor with dimensions.
        OperandError: `value` is not a number.
        OperationError: `value` is out of the range of the dtype.
    """
    if isinstance(value, core.Tensor):
        if value.ndim:
            raise ShapeError(
                f"fill_ only supports 0-dimension value tensor but got tensor with {value.ndim} dimensions.",
                "copy_() takes many numbers",
            )
        number = value
    elif isinstance(value, types.NUMBERS):
        if not (input.dtype.kind == "u" and value < 0):
            # A negative number wraps around in an unsigned type, in PyTorch too.
            fits(input.dtype, value)
        number = core.Tensor(np.asarray(value).astype(input.dtype))
    else:
        raise OperandError(
            f"fill_(): argument 'value' (position 1) must be Number, not {type(value).__name__}", "give one number"
        )
    return changed(input, lambda old: ops.overwrite(old, number), uniform=True)


def zero_(input: T) -> T:
    """Fill with 0, in place."""
    return fill_(input, 0)


def copy_(input: T, source: core.Tensor, non_blocking: bool = False) -> T:  # noqa: ARG001 (there is no device to wait for)
    """Copy the numbers of `source`, broadcast and converted to this dtype, in place."""
    types.only_tensors("copy_", (source,))
    return changed(input, lambda old: ops.overwrite(old, types.to(source, old.dtype)))


def normal_(input: T, mean: float = 0, std: float = 1, *, generator: np.random.Generator | None = None) -> T:
    """Fill with samples from a normal distribution, in place.

    Raises:
        OperandError: `mean` or `std` is not a number.
        OperationError: `std` is negative.
    """
    random.check_std("normal_", mean, std)
    return _drawn(input, generator, lambda drawn: drawn.normal(mean, std, input.shape))


def uniform_(input: T, a: float = 0, b: float = 1, *, generator: np.random.Generator | None = None) -> T:
    """Fill with samples from the uniform distribution on [a, b), in place.

    Raises:
        OperandError: `a` or `b` is not a number.
        OperationError: `a` is above `b`.
    """
    random.check_range("uniform_", a, b)
    return _drawn(input, generator, lambda drawn: drawn.uniform(a, b, input.shape))


def bernoulli_(input: T, p: float = 0.5, *, generator: np.random.Generator | None = None) -> T:
    """Fill with 1 with probability p, else 0, in place.

    Args:
        input: the tensor.
        p: the probability, or a tensor of one per element.
        generator: the random generator.

    Raises:
        OperandError: `p` is not a number.
        OperationError: it is not between 0 and 1.
    """
    if not isinstance(p, core.Tensor):
        numbers("bernoulli_", p=p)
        if not 0 <= p <= 1:
            raise OperationError(f"bernoulli_ expects p to be in [0, 1], but got p={p}", "it is a probability")
    return _drawn(input, generator, lambda drawn: drawn.random(input.shape) < p)


def _drawn(input: T, generator: np.random.Generator | None, draw: Callable[[np.random.Generator], Any]) -> T:
    if current.get().tape is not None:
        raise refused(
            "random numbers are written into a tensor in place, which a plan would do only once",
            "create a new tensor: rand(), randn(), rand_like()",
        )
    numbers = np.asarray(draw(random.source(generator))).astype(input.dtype)
    return changed(input, lambda old: ops.overwrite(old, core.Tensor(numbers)))


def setitem(input: core.Tensor, index: Any, value: Any) -> None:
    """input[index] = value, in place.

    Raises:
        PositionError: the index is out of range, or not an index.
        ShapeError: the value does not broadcast to the indexed elements.
        OperandError: the value is neither a tensor nor a number.
    """
    if isinstance(value, np.ndarray):
        value = core.Tensor(value)
    elif not isinstance(value, core.Tensor):
        if not isinstance(value, types.NUMBERS):
            raise OperandError(
                f"can't assign a {type(value).__name__} to a torch.{types.type_name(input.dtype)}Tensor",
                "make a tensor of it with tensor()",
            )
        value = core.Tensor(np.asarray(value).astype(input.dtype))
    part, advanced = indexing.split(input, index)
    if advanced is None:
        wide = indexing.without_leading_ones(value, part.ndim)
        uniform = value.array.size == 1 and not value.requires_grad
        changed(part, lambda old: ops.overwrite(old, types.to(wide, old.dtype)), uniform)
    else:
        changed(part, lambda old: indexing.put(old, advanced, value))
