"""What one does with tensors, under PyTorch's names: each is a function here and, by the same name, a method.

`Tensor` takes its methods from this module, so that `exp(x)` and `x.exp()` are one thing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

import nnviz.autograd.tensor as core
from nnviz.autograd import ops
from nnviz.autograd.modes import is_abstract, needs_numbers
from nnviz.autograd.operation import Array, Operation, Shape
from nnviz.autograd.ops.moves import dimension
from nnviz.autograd.ops.reduce import Dim
from nnviz.autograd.types import beside, common, floating, matched, only_floats, only_tensors, to, type_name
from nnviz.errors import ArgumentError, ShapeError

if TYPE_CHECKING:
    from nnviz.autograd.types import Operand

# The names sum, max, min, abs and pow mean the functions of this module, as they do in PyTorch.

__all__ = [
    "abs", "add", "argmax", "cat", "clamp", "clone", "cos", "div", "eq", "exp", "expand", "flatten", "ge", "gt",
    "le", "log", "log_softmax", "logsumexp", "lt", "matmul", "max", "mean", "min", "mul", "ne", "neg", "permute",
    "pow", "relu", "reshape", "sigmoid", "sin", "softmax", "sqrt", "square", "squeeze", "stack", "std", "sub",
    "sum", "tanh", "transpose", "unsqueeze", "var", "where",
]  # fmt: skip
"""What the package offers beside the methods."""


class Extremes(NamedTuple):
    """What `max` and `min` along a dimension give: the values, and where along it they stand."""

    values: core.Tensor
    indices: core.Tensor


def _plain(array: Array | np.generic) -> core.Tensor:
    """A tensor without history."""
    return core.Tensor(np.asarray(array))


def _aside(name: str, compute: Callable[..., Any], shape: Shape, dtype: DTypeLike, *inputs: core.Tensor) -> core.Tensor:
    """What is computed beside the graph, without a gradient: masks and places. On shapes alone it is noted."""
    if not is_abstract():
        return _plain(np.asarray(compute(*[tensor.array for tensor in inputs])).astype(dtype, copy=False))
    noted = Operation(
        name, lambda *arrays, dtype: np.asarray(compute(*arrays)).astype(dtype, copy=False), lambda n: (None,) * n,
        lambda *_, **__: shape, name, (), list, analytic=False, view=False,
    )  # fmt: skip
    return noted(*inputs, dtype=dtype)


def _compare(rule: np.ufunc, a: core.Tensor, b: Operand) -> core.Tensor:
    left, right = matched(a, b)
    dtype = rule(np.zeros((), left.dtype), np.zeros((), right.dtype)).dtype
    return _aside(rule.__name__, rule, ops.add.shape(left.shape, right.shape), dtype, left, right)


# --- arithmetic


def add(input: core.Tensor, other: Operand) -> core.Tensor:
    """Input + other."""
    return ops.add(*matched(input, other))


def sub(input: core.Tensor, other: Operand) -> core.Tensor:
    """Input − other."""
    return ops.sub(*matched(*_no_truths(input, other)))


def rsub(input: core.Tensor, other: Operand) -> core.Tensor:
    """Other − input."""
    return ops.sub(*matched(*_no_truths(other, input)))


def _no_truths(*operands: Any) -> tuple[Any, ...]:
    """Refuse truth values, which have no minus."""
    for operand in operands:
        if operand is True or operand is False or (isinstance(operand, core.Tensor) and operand.dtype == bool):
            raise ArgumentError(
                "Subtraction and negation, the `-` operator, with a bool tensor are not supported.",
                "to invert a mask, use the ~ operator; to count with it, .long() first",
            )
    return operands


def mul(input: core.Tensor, other: Operand) -> core.Tensor:
    """Input · other."""
    return ops.mul(*matched(input, other))


def div(input: core.Tensor, other: Operand) -> core.Tensor:
    """Input / other; whole numbers give floats."""
    a, b = matched(input, other)
    return ops.div(floating(a), floating(b))


def rdiv(input: core.Tensor, other: Operand) -> core.Tensor:
    """Other / input."""
    return div(*matched(other, input))


def pow(input: core.Tensor, exponent: Operand) -> core.Tensor:
    """Input to the power of exponent."""
    if isinstance(exponent, int) and exponent == 2:
        return square(input)
    a, b = matched(input, exponent)
    if a.array.dtype.kind in "iu" and (b.array < 0).any():
        raise ArgumentError("Integers to negative integer powers are not allowed.", "call .float() first")
    return ops.pow(a, b)


def rpow(input: core.Tensor, base: float) -> core.Tensor:
    """Base to the power of input."""
    return pow(matched(base, input)[0], input)


def neg(input: core.Tensor) -> core.Tensor:
    """−input."""
    return ops.neg(*_no_truths(input))


def matmul(input: core.Tensor, other: core.Tensor) -> core.Tensor:
    """The matrix product; dimensions before the last two broadcast.

    Raises:
        ShapeError: the inner sizes differ, in PyTorch's words.
        ArgumentError: the types differ.
        OperandError: one of them is no tensor.
    """
    if not isinstance(other, core.Tensor):
        only_tensors("matmul", (input, other))
    if input.array.dtype is not other.array.dtype and input.dtype != other.dtype:
        raise ArgumentError(
            f"mat1 and mat2 must have the same dtype, but got {type_name(input.dtype)} and {type_name(other.dtype)}",
            "call .float() or .double() on one of them, or on the model",
        )
    return ops.matmul(input, other)


# --- element by element


def exp(input: core.Tensor) -> core.Tensor:
    """E to the power of each element."""
    return ops.exp(floating(input))


def log(input: core.Tensor) -> core.Tensor:
    """The natural logarithm."""
    return ops.log(floating(input))


def sqrt(input: core.Tensor) -> core.Tensor:
    """The square root."""
    return ops.sqrt(floating(input))


def sin(input: core.Tensor) -> core.Tensor:
    """The sine."""
    return ops.sin(floating(input))


def cos(input: core.Tensor) -> core.Tensor:
    """The cosine."""
    return ops.cos(floating(input))


def abs(input: core.Tensor) -> core.Tensor:
    """The size without the sign; its gradient at 0 is 0."""
    return ops.abs(input)


def square(input: core.Tensor) -> core.Tensor:
    """Input · input."""
    return ops.square(to(input, np.int64) if input.array.dtype.kind == "b" else input)


def clamp(input: core.Tensor, min: float | None = None, max: float | None = None) -> core.Tensor:
    """No less than `min` and no more than `max`."""
    if min is None and max is None:
        raise ArgumentError("torch.clamp: At least one of 'min' or 'max' must not be None", "give a bound")
    return ops.clamp(to(input, beside(input.dtype, min, max)), low=min, high=max)


def sigmoid(input: core.Tensor) -> core.Tensor:
    """1 / (1 + e⁻ᶻ)."""
    return ops.sigmoid(floating(input))


def tanh(input: core.Tensor) -> core.Tensor:
    """The hyperbolic tangent."""
    return ops.tanh(floating(input))


def relu(input: core.Tensor) -> core.Tensor:
    """max(0, z); its gradient at 0 is 0."""
    return ops.relu(input)


def where(condition: core.Tensor, input: Operand, other: Operand) -> core.Tensor:
    """Input where the condition holds, else other."""
    if condition.array.dtype.kind != "b":
        raise ArgumentError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{type_name(condition.dtype)}",
            "compare it with something, for example condition != 0",
        )
    if not isinstance(input, core.Tensor) and not isinstance(other, core.Tensor):
        input = core.Tensor(np.asarray(input, beside(np.dtype(bool), input, other)))
    return ops.where(condition, *matched(input, other))


def softmax(input: core.Tensor, dim: int) -> core.Tensor:
    """eᶻⁱ / Σⱼ eᶻʲ along `dim`."""
    return ops.softmax(floating(input), dim=dim)


def log_softmax(input: core.Tensor, dim: int) -> core.Tensor:
    """The logarithm of softmax, without its rounding."""
    return ops.log_softmax(floating(input), dim=dim)


# --- reductions


def sum(input: core.Tensor, dim: Dim = None, keepdim: bool = False) -> core.Tensor:
    """The sum over `dim`, or over all."""
    return ops.sum(input, dim=_tuple(dim), keepdim=keepdim)


def mean(input: core.Tensor, dim: Dim = None, keepdim: bool = False) -> core.Tensor:
    """The mean over `dim`, or over all; NaN of nothing."""
    only_floats(
        input,
        "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype.",
    )
    return ops.mean(input, dim=_tuple(dim), keepdim=keepdim)


def var(
    input: core.Tensor, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None
) -> core.Tensor:
    """The variance over `dim`, divided by n − 1, or by n where not `unbiased`."""
    only_floats(input, "std and var only support floating point and complex dtypes.")
    return ops.var(
        input, dim=_tuple(dim), keepdim=keepdim, correction=int(unbiased) if correction is None else correction
    )


def std(
    input: core.Tensor, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None
) -> core.Tensor:
    """The square root of the variance; its gradient is 0 where all are the same."""
    only_floats(input, "std and var only support floating point and complex dtypes.")
    return ops.std(
        input, dim=_tuple(dim), keepdim=keepdim, correction=int(unbiased) if correction is None else correction
    )


def logsumexp(input: core.Tensor, dim: Dim, keepdim: bool = False) -> core.Tensor:
    """The logarithm of the sum of e to the power of each, without overflow."""
    return ops.logsumexp(floating(input), dim=_tuple(dim), keepdim=keepdim)


def max(input: core.Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The largest of all; or, along `dim`, (values, indices)."""
    return _extreme(ops.max, np.argmax, input, dim, keepdim)


def min(input: core.Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest of all; or, along `dim`, (values, indices)."""
    return _extreme(ops.min, np.argmin, input, dim, keepdim)


def _extreme(operation: Operation, where_is: Any, input: core.Tensor, dim: int | None, keepdim: bool) -> Any:
    operation.shape(input.shape, dim=dim, keepdim=keepdim)
    values = operation(input, dim=dim, keepdim=keepdim)
    if dim is None:
        return values
    places = partial(_places, where_is, dim if input.ndim else None, values.shape)
    return Extremes(values, _aside(where_is.__name__, places, values.shape, np.int64, input))


def _places(where_is: Callable[..., Any], dim: int | None, shape: Shape, array: Array) -> Array:
    return np.asarray(where_is(array, axis=dim)).reshape(shape)


def argmax(input: core.Tensor, dim: int | None = None, keepdim: bool = False) -> core.Tensor:
    """Where the largest stands; the first of several."""
    shape = ops.max.shape(input.shape, dim=dim, keepdim=keepdim)
    return _aside("argmax", partial(_places, np.argmax, dim if input.ndim else None, shape), shape, np.int64, input)


def _tuple(dim: Dim | Sequence[int]) -> Dim:
    return dim if dim is None or isinstance(dim, int) else tuple(dim)


# --- shapes


def _sizes(sizes: tuple[Any, ...]) -> Shape:
    """Sizes given one by one, or as one sequence."""
    return tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int | np.integer) else tuple(sizes)


def reshape(input: core.Tensor, *shape: Any) -> core.Tensor:
    """The same numbers in another shape; one size may be −1."""
    return ops.reshape(input, shape=_sizes(shape))


def view(input: core.Tensor, *shape: Any) -> core.Tensor:
    """The same memory in another shape; one size may be −1.

    Raises:
        ShapeError: the elements do not lie in memory as that shape wants them.
    """
    seen = reshape(input, *shape)
    if input.array.size and not is_abstract() and not np.may_share_memory(seen.array, input.array):
        raise ShapeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead.",
            "reshape copies where it must",
        )
    return seen


def transpose(input: core.Tensor, dim0: int, dim1: int) -> core.Tensor:
    """Two dimensions exchanged."""
    return ops.transpose(input, dim0=dim0, dim1=dim1)


def permute(input: core.Tensor, *dims: Any) -> core.Tensor:
    """The dimensions in the order of `dims`."""
    return ops.permute(input, dims=_sizes(dims))


def expand(input: core.Tensor, *sizes: Any) -> core.Tensor:
    """Repeated along dimensions of size 1, and along new ones in front; −1 leaves a size as it is."""
    return ops.expand(input, shape=_sizes(sizes))


def squeeze(input: core.Tensor, dim: Dim = None) -> core.Tensor:
    """Without the dimensions of size 1, or without those of them that are in `dim`."""
    dims = range(input.ndim) if dim is None else dim if isinstance(dim, tuple) else (dim,)
    gone = {dimension(d, input.ndim) for d in dims}
    return reshape(input, tuple(size for i, size in enumerate(input.shape) if size != 1 or i not in gone))


def unsqueeze(input: core.Tensor, dim: int) -> core.Tensor:
    """With a dimension of size 1 before `dim`."""
    at = dimension(dim, input.ndim + 1)
    return reshape(input, (*input.shape[:at], 1, *input.shape[at:]))


def flatten(input: core.Tensor, start_dim: int = 0, end_dim: int = -1) -> core.Tensor:
    """Dimensions start_dim to end_dim joined into one."""
    first, last = dimension(start_dim, input.ndim), dimension(end_dim, input.ndim)
    if first > last:
        raise ArgumentError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not input.ndim:
        return reshape(input, (1,))
    shape = input.shape
    return reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


def cat(tensors: Sequence[core.Tensor], dim: int = 0) -> core.Tensor:
    """One after the other along `dim`."""
    return ops.cat(*_of_one_type(tensors, "cat"), dim=dim)


def stack(tensors: Sequence[core.Tensor], dim: int = 0) -> core.Tensor:
    """Side by side along a new dimension."""
    return ops.stack(*_of_one_type(tensors, "stack"), dim=dim)


def _of_one_type(tensors: Sequence[core.Tensor], name: str) -> list[core.Tensor]:
    """The tensors of a list, of the type they meet in."""
    if not tensors:
        raise ArgumentError(f"torch.{name}(): expected a non-empty list of Tensors")
    only_tensors(name, tensors)
    wide = common(tensors)
    return [to(tensor, wide) for tensor in tensors]


def clone(input: core.Tensor) -> core.Tensor:
    """A copy that keeps its history."""
    return ops.clone(input)


def double(input: core.Tensor) -> core.Tensor:
    """As float64."""
    return to(input, np.float64)


def float_(input: core.Tensor) -> core.Tensor:
    """As float32."""
    return to(input, np.float32)


def long(input: core.Tensor) -> core.Tensor:
    """As int64, cut off towards 0."""
    needs_numbers("long()")
    return _plain(input.array.astype(np.int64))


# --- comparisons, which have no gradient


def eq(input: core.Tensor, other: Operand) -> core.Tensor:
    """Whether each is equal."""
    return _compare(np.equal, input, other)


def ne(input: core.Tensor, other: Operand) -> core.Tensor:
    """Whether each differs."""
    return _compare(np.not_equal, input, other)


def lt(input: core.Tensor, other: Operand) -> core.Tensor:
    """Whether each is smaller."""
    return _compare(np.less, input, other)


def le(input: core.Tensor, other: Operand) -> core.Tensor:
    """Whether each is smaller or equal."""
    return _compare(np.less_equal, input, other)


def gt(input: core.Tensor, other: Operand) -> core.Tensor:
    """Whether each is larger."""
    return _compare(np.greater, input, other)


def ge(input: core.Tensor, other: Operand) -> core.Tensor:
    """Whether each is larger or equal."""
    return _compare(np.greater_equal, input, other)


# --- masks


def mask_and(input: core.Tensor, other: Operand) -> core.Tensor:
    """Where both hold; bit by bit for whole numbers."""
    return _compare(np.bitwise_and, *_no_floats(*matched(input, other)))


def mask_or(input: core.Tensor, other: Operand) -> core.Tensor:
    """Where one of the two holds, or both; bit by bit for whole numbers."""
    return _compare(np.bitwise_or, *_no_floats(*matched(input, other)))


def mask_xor(input: core.Tensor, other: Operand) -> core.Tensor:
    """Where one of the two holds and not the other; bit by bit for whole numbers."""
    return _compare(np.bitwise_xor, *_no_floats(*matched(input, other)))


def mask_not(input: core.Tensor) -> core.Tensor:
    """Where it does not hold; bit by bit for whole numbers."""
    (mask,) = _no_floats(input)
    return _aside("invert", np.invert, mask.shape, mask.dtype, mask)


def _no_floats(*tensors: core.Tensor) -> tuple[core.Tensor, ...]:
    for tensor in tensors:
        if tensor.array.dtype.kind not in "bui":
            raise ArgumentError(
                f"&, |, ^ and ~ are for truth values and whole numbers, got {type_name(tensor.dtype)}",
                "compare first: (a > 0) & (a < 1)",
            )
    return tensors
