"""What one does with tensors, under PyTorch's names: each is a function here and, by the same name, a method.

`Tensor` takes its methods from this module, so that `exp(x)` and `x.exp()` are one thing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

import nnviz.autograd.tensor as core
from nnviz.autograd import ops
from nnviz.autograd.operation import Array, Operation, Shape
from nnviz.autograd.ops.moves import dimension
from nnviz.autograd.ops.reduce import Dim
from nnviz.errors import ArgumentError, OperandError

# The names sum, max, min, abs and pow mean the functions of this module, as they do in PyTorch.

__all__ = [
    "abs", "add", "argmax", "cat", "clamp", "clone", "cos", "div", "eq", "exp", "expand", "flatten", "ge", "gt",
    "le", "log", "log_softmax", "logsumexp", "lt", "matmul", "max", "mean", "min", "mul", "ne", "neg", "permute",
    "pow", "relu", "reshape", "sigmoid", "sin", "softmax", "sqrt", "square", "squeeze", "stack", "std", "sub",
    "sum", "tanh", "transpose", "unsqueeze", "var", "where",
]  # fmt: skip
"""What the package offers beside the methods."""


NUMBERS = (int, float, complex, np.number, np.bool_)
if TYPE_CHECKING:
    Operand = core.Tensor | Array | float
    """What arithmetic takes."""


class Extremes(NamedTuple):
    """What `max` and `min` along a dimension give: the values, and where along it they stand."""

    values: core.Tensor
    indices: core.Tensor


def _plain(array: Array | np.generic) -> core.Tensor:
    """A tensor without history."""
    return core.Tensor(np.asarray(array))


def _matched(a: Operand, b: Operand) -> tuple[core.Tensor, core.Tensor]:
    """Both as tensors of types that go together: a number takes the tensor's type, whole numbers become floats.

    Raises:
        OperandError: one of them is neither a tensor nor a number.
    """
    if isinstance(a, core.Tensor) and isinstance(b, core.Tensor):
        if a.array.dtype is b.array.dtype:
            return a, b
        wide = _common(a, b)
        return to(a, wide), to(b, wide)
    if isinstance(a, core.Tensor):
        if isinstance(b, np.ndarray):
            return _matched(a, core.Tensor(b))
        if not isinstance(b, NUMBERS):
            raise OperandError(
                f"unsupported operand type(s): 'Tensor' and '{type(b).__name__}'", "make a tensor of it with tensor()"
            )
        a = to(a, np.float32) if isinstance(b, float | np.floating) and a.array.dtype.kind != "f" else a
        return a, core.Tensor(np.asarray(b, a.array.dtype))
    if not isinstance(b, core.Tensor):
        core.only_tensors("", (a, b))
    b, a = _matched(b, a)
    return a, b


def _common(a: core.Tensor, b: core.Tensor) -> DTypeLike:
    """The type two tensors meet in: a float beats a whole number; within a kind, more bits, unless of a single number.

    As in PyTorch, a tensor without dimensions has a say over the kind alone.
    """
    kinds = ["b", "u", "i", "f", "c"]
    first, second = (kinds.index(tensor.dtype.kind) for tensor in (a, b))
    if first != second:
        return (a if first > second else b).dtype
    if bool(a.ndim) != bool(b.ndim):
        return (a if a.ndim else b).dtype
    return np.promote_types(a.dtype, b.dtype)


def comparable(value: object) -> bool:
    """Whether a tensor can be compared with it, element by element."""
    return isinstance(value, (core.Tensor, np.ndarray, *NUMBERS))


def _compare(rule: Any, a: core.Tensor, b: Operand) -> core.Tensor:
    left, right = _matched(a, b)
    ops.add.shape(left.shape, right.shape)
    return _plain(rule(left.array, right.array))


# --- arithmetic


def add(input: core.Tensor, other: Operand) -> core.Tensor:
    """Input + other."""
    return ops.add(*_matched(input, other))


def sub(input: core.Tensor, other: Operand) -> core.Tensor:
    """Input − other."""
    return ops.sub(*_matched(input, other))


def rsub(input: core.Tensor, other: Operand) -> core.Tensor:
    """Other − input."""
    return ops.sub(*_matched(other, input))


def mul(input: core.Tensor, other: Operand) -> core.Tensor:
    """Input · other."""
    return ops.mul(*_matched(input, other))


def div(input: core.Tensor, other: Operand) -> core.Tensor:
    """Input / other; whole numbers give floats."""
    return ops.div(*_matched(_floating(input), other))


def rdiv(input: core.Tensor, other: Operand) -> core.Tensor:
    """Other / input."""
    return ops.div(*_matched(other, _floating(input)))


def pow(input: core.Tensor, exponent: Operand) -> core.Tensor:
    """Input to the power of exponent."""
    return ops.square(input) if isinstance(exponent, int) and exponent == 2 else ops.pow(*_matched(input, exponent))


def rpow(input: core.Tensor, base: float) -> core.Tensor:
    """Base to the power of input."""
    return ops.pow(*_matched(base, input))


def neg(input: core.Tensor) -> core.Tensor:
    """−input."""
    return ops.neg(input)


def matmul(input: core.Tensor, other: core.Tensor) -> core.Tensor:
    """The matrix product; dimensions before the last two broadcast.

    Raises:
        ShapeError: the inner sizes differ, in PyTorch's words.
        ArgumentError: the types differ.
        OperandError: one of them is no tensor.
    """
    if not isinstance(other, core.Tensor):
        core.only_tensors("matmul", (input, other))
    if input.array.dtype is not other.array.dtype and input.dtype != other.dtype:
        raise ArgumentError(
            f"mat1 and mat2 must have the same dtype, but got {type_name(input.dtype)} and {type_name(other.dtype)}",
            "call .float() or .double() on one of them, or on the model",
        )
    return ops.matmul(input, other)


def type_name(dtype: np.dtype[Any]) -> str:
    """PyTorch's name for a type in its messages: Float, Double, Long."""
    names = {
        "float16": "Half",
        "float32": "Float",
        "float64": "Double",
        "int64": "Long",
        "int32": "Int",
        "bool": "Bool",
    }
    return names.get(dtype.name, dtype.name)


def _floating(input: core.Tensor) -> core.Tensor:
    if not isinstance(input, core.Tensor):
        core.only_tensors("", (input,))
    return input if input.array.dtype.kind in "fc" else to(input, np.float32)


# --- element by element


def exp(input: core.Tensor) -> core.Tensor:
    """E to the power of each element."""
    return ops.exp(_floating(input))


def log(input: core.Tensor) -> core.Tensor:
    """The natural logarithm."""
    return ops.log(_floating(input))


def sqrt(input: core.Tensor) -> core.Tensor:
    """The square root."""
    return ops.sqrt(_floating(input))


def sin(input: core.Tensor) -> core.Tensor:
    """The sine."""
    return ops.sin(_floating(input))


def cos(input: core.Tensor) -> core.Tensor:
    """The cosine."""
    return ops.cos(_floating(input))


def abs(input: core.Tensor) -> core.Tensor:
    """The size without the sign; its gradient at 0 is 0."""
    return ops.abs(input)


def square(input: core.Tensor) -> core.Tensor:
    """Input · input."""
    return ops.square(input)


def clamp(input: core.Tensor, min: float | None = None, max: float | None = None) -> core.Tensor:
    """No less than `min` and no more than `max`."""
    if min is None and max is None:
        raise ArgumentError("torch.clamp: At least one of 'min' or 'max' must not be None", "give a bound")
    return ops.clamp(input, low=min, high=max)


def sigmoid(input: core.Tensor) -> core.Tensor:
    """1 / (1 + e⁻ᶻ)."""
    return ops.sigmoid(_floating(input))


def tanh(input: core.Tensor) -> core.Tensor:
    """The hyperbolic tangent."""
    return ops.tanh(_floating(input))


def relu(input: core.Tensor) -> core.Tensor:
    """max(0, z); its gradient at 0 is 0."""
    return ops.relu(input)


def where(condition: core.Tensor, input: Operand, other: Operand) -> core.Tensor:
    """Input where the condition holds, else other."""
    if not isinstance(input, core.Tensor) and not isinstance(other, core.Tensor):
        return _plain(np.where(condition.array, np.float32(input), np.float32(other)))
    return ops.where(condition, *_matched(input, other))


def softmax(input: core.Tensor, dim: int) -> core.Tensor:
    """eᶻⁱ / Σⱼ eᶻʲ along `dim`."""
    return ops.softmax(_floating(input), dim=dim)


def log_softmax(input: core.Tensor, dim: int) -> core.Tensor:
    """The logarithm of softmax, without its rounding."""
    return ops.log_softmax(_floating(input), dim=dim)


# --- reductions


def sum(input: core.Tensor, dim: Dim = None, keepdim: bool = False) -> core.Tensor:
    """The sum over `dim`, or over all."""
    return ops.sum(input, dim=_tuple(dim), keepdim=keepdim)


def mean(input: core.Tensor, dim: Dim = None, keepdim: bool = False) -> core.Tensor:
    """The mean over `dim`, or over all; NaN of nothing."""
    if input.array.dtype.kind not in "fc":
        raise ArgumentError(
            "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: "
            f"{type_name(input.dtype)}",
            "call .float() first",
        )
    return ops.mean(input, dim=_tuple(dim), keepdim=keepdim)


def var(
    input: core.Tensor, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None
) -> core.Tensor:
    """The variance over `dim`, divided by n − 1, or by n where not `unbiased`."""
    return ops.var(
        input, dim=_tuple(dim), keepdim=keepdim, correction=int(unbiased) if correction is None else correction
    )


def std(
    input: core.Tensor, dim: Dim = None, unbiased: bool = True, keepdim: bool = False, *, correction: int | None = None
) -> core.Tensor:
    """The square root of the variance; its gradient is 0 where all are the same."""
    return ops.std(
        input, dim=_tuple(dim), keepdim=keepdim, correction=int(unbiased) if correction is None else correction
    )


def logsumexp(input: core.Tensor, dim: Dim, keepdim: bool = False) -> core.Tensor:
    """The logarithm of the sum of e to the power of each, without overflow."""
    return ops.logsumexp(_floating(input), dim=_tuple(dim), keepdim=keepdim)


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
    at = where_is(input.array, axis=dim) if input.ndim else np.zeros((), np.int64)
    return Extremes(values, _plain(np.asarray(at, np.int64).reshape(values.shape)))


def argmax(input: core.Tensor, dim: int | None = None, keepdim: bool = False) -> core.Tensor:
    """Where the largest stands; the first of several."""
    if dim is None:
        return _plain(np.asarray(input.array.argmax(), np.int64))
    ops.max.shape(input.shape, dim=dim, keepdim=keepdim)
    return _plain(np.asarray(input.array.argmax(axis=dim, keepdims=keepdim), np.int64))


def _tuple(dim: Dim | Sequence[int]) -> Dim:
    return dim if dim is None or isinstance(dim, int) else tuple(dim)


# --- shapes


def _sizes(sizes: tuple[Any, ...]) -> Shape:
    """Sizes given one by one, or as one sequence."""
    return tuple(sizes[0]) if len(sizes) == 1 and not isinstance(sizes[0], int | np.integer) else tuple(sizes)


def reshape(input: core.Tensor, *shape: Any) -> core.Tensor:
    """The same numbers in another shape; one size may be −1."""
    return ops.reshape(input, shape=_sizes(shape))


def transpose(input: core.Tensor, dim0: int, dim1: int) -> core.Tensor:
    """Two dimensions exchanged."""
    return ops.transpose(input, dim0=dim0, dim1=dim1)


def permute(input: core.Tensor, *dims: Any) -> core.Tensor:
    """The dimensions in the order of `dims`."""
    return ops.permute(input, dims=_sizes(dims))


def expand(input: core.Tensor, *sizes: Any) -> core.Tensor:
    """Repeated along dimensions of size 1, and along new ones in front; −1 leaves a size as it is."""
    return ops.expand(input, shape=_sizes(sizes))


def squeeze(input: core.Tensor, dim: int | None = None) -> core.Tensor:
    """Without the dimensions of size 1, or without that one."""
    if dim is None:
        return reshape(input, tuple(size for size in input.shape if size != 1))
    at = dimension(dim, input.ndim)
    if not input.ndim or input.shape[at] != 1:
        return reshape(input, input.shape)
    return reshape(input, (*input.shape[:at], *input.shape[at + 1 :]))


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


def getitem(input: core.Tensor, index: Any) -> core.Tensor:
    """What numpy's square brackets give; an index may hold tensors."""
    plain = tuple(map(_index, index)) if isinstance(index, tuple) else _index(index)
    return ops.index(input, index=plain)


def _index(part: Any) -> Any:
    return part.array if isinstance(part, core.Tensor) else part


def cat(tensors: Sequence[core.Tensor], dim: int = 0) -> core.Tensor:
    """One after the other along `dim`."""
    return ops.cat(*_some(tensors, "cat"), dim=dim)


def stack(tensors: Sequence[core.Tensor], dim: int = 0) -> core.Tensor:
    """Side by side along a new dimension."""
    return ops.stack(*_some(tensors, "stack"), dim=dim)


def _some(tensors: Sequence[core.Tensor], name: str) -> Sequence[core.Tensor]:
    if not tensors:
        raise ArgumentError(f"torch.{name}(): expected a non-empty list of Tensors")
    return tensors


def clone(input: core.Tensor) -> core.Tensor:
    """A copy that keeps its history."""
    return ops.clone(input)


def to(input: core.Tensor, dtype: DTypeLike) -> core.Tensor:
    """The same numbers in another type."""
    return input if input.dtype == dtype else ops.to(input, dtype=np.dtype(dtype))


def double(input: core.Tensor) -> core.Tensor:
    """As float64."""
    return to(input, np.float64)


def float_(input: core.Tensor) -> core.Tensor:
    """As float32."""
    return to(input, np.float32)


def long(input: core.Tensor) -> core.Tensor:
    """As int64, cut off towards 0."""
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
