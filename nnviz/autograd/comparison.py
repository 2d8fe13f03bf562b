"""Elementwise comparisons, logical operations and their reductions, under PyTorch's names; without gradients."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd import ops
from nnviz.autograd.aside import aside, plain
from nnviz.autograd.modes import needs_numbers
from nnviz.autograd.naming import dims_of, renamed
from nnviz.autograd.operation import Array
from nnviz.autograd.ops.elementwise import broadcast
from nnviz.autograd.ops.reduce import Dim, axes_of, reduced
from nnviz.autograd.types import Binary, Unary, beside, common, kind_of, matched, named, only_tensors, type_name
from nnviz.errors import DtypeError, NotSupportedError, OperandError

if TYPE_CHECKING:
    from nnviz.autograd.types import Operand

# The names all and any mean the functions of this module, as they do in PyTorch.

__all__ = [
    "all", "allclose", "any", "bitwise_and", "bitwise_not", "bitwise_or", "bitwise_xor", "count_nonzero", "eq",
    "equal", "ge", "greater", "greater_equal", "gt", "isclose", "isfinite", "isin", "isinf", "isnan", "le", "less",
    "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor", "lt", "ne", "not_equal", "where",
]  # fmt: skip


def compare(rule: np.ufunc, a: core.Tensor, b: Operand) -> core.Tensor:
    """A ufunc of two arrays that broadcast, without a gradient."""
    left, right = matched(a, b)
    dtype = rule(np.zeros((), left.dtype), np.zeros((), right.dtype)).dtype
    return aside(rule.__name__, rule, ops.add.shape(left.shape, right.shape), dtype, left, right)


def _comparison(name: str, rule: np.ufunc, sign: str) -> Binary:
    def function(input: core.Tensor, other: Operand) -> core.Tensor:
        return compare(rule, input, other)

    return named(function, name, f"input {sign} other, element by element.")


eq: Binary = _comparison("eq", np.equal, "==")
ne: Binary = _comparison("ne", np.not_equal, "!=")
lt: Binary = _comparison("lt", np.less, "<")
le: Binary = _comparison("le", np.less_equal, "<=")
gt: Binary = _comparison("gt", np.greater, ">")
ge: Binary = _comparison("ge", np.greater_equal, ">=")
logical_and: Binary = _comparison("logical_and", np.logical_and, "and")
logical_or: Binary = _comparison("logical_or", np.logical_or, "or")
logical_xor: Binary = _comparison("logical_xor", np.logical_xor, "exclusive or")


def isclose(
    input: core.Tensor, other: core.Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> core.Tensor:
    """Whether |input − other| ≤ atol + rtol · |other|, or both are the same."""
    only_tensors("isclose", (input, other))
    if input.dtype != other.dtype:
        raise DtypeError(
            f"{type_name(input.dtype)} did not match {type_name(other.dtype)}", "convert one to the dtype of the other"
        )
    near = partial(np.isclose, rtol=rtol, atol=atol, equal_nan=equal_nan)
    return aside("isclose", near, broadcast(input.shape, other.shape), bool, input, other)


def allclose(
    input: core.Tensor, other: core.Tensor, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False
) -> bool:
    """Whether `isclose` is True for all elements."""
    needs_numbers("allclose()")
    return bool(isclose(input, other, rtol, atol, equal_nan).array.all())


def equal(input: core.Tensor, other: core.Tensor) -> bool:
    """Whether both have the same shape and the same elements."""
    needs_numbers("equal()")
    only_tensors("equal", (input, other))
    return np.array_equal(input.array, other.array)


def _property(name: str, rule: np.ufunc, what: str) -> Unary:
    def function(input: core.Tensor) -> core.Tensor:
        kind_of(input)
        return aside(rule.__name__, rule, input.shape, bool, input)

    return named(function, name, f"Whether each element is {what}.")


isnan: Unary = _property("isnan", np.isnan, "NaN")
isinf: Unary = _property("isinf", np.isinf, "infinite")
isfinite: Unary = _property("isfinite", np.isfinite, "neither infinite nor NaN")
logical_not: Unary = _property("logical_not", np.logical_not, "0")


def isin(elements: core.Tensor, test_elements: core.Tensor | float, *, invert: bool = False) -> core.Tensor:
    """Whether each element is among the elements of the other tensor."""
    a, b = matched(elements, test_elements)
    return aside("isin", partial(np.isin, invert=invert), a.shape, bool, a, b)


# --- masks


def _mask_operator(name: str, rule: np.ufunc, word: str) -> Binary:
    def function(input: core.Tensor, other: Operand) -> core.Tensor:
        return compare(rule, *_no_floats(*matched(input, other)))

    return named(function, name, f"Logical {word} of bools; bitwise for integers.")


mask_and: Binary = _mask_operator("bitwise_and", np.bitwise_and, "and")
mask_or: Binary = _mask_operator("bitwise_or", np.bitwise_or, "or")
mask_xor: Binary = _mask_operator("bitwise_xor", np.bitwise_xor, "exclusive or")


def mask_not(input: core.Tensor) -> core.Tensor:
    """Logical not of bools; bitwise for integers."""
    if kind_of(input) not in "bui":
        raise OperandError(
            "~ (operator.invert) is only implemented on integer and Boolean-type tensors", "compare first: ~(a > 0)"
        )
    return aside("invert", np.invert, input.shape, input.dtype, input)


def _no_floats(*tensors: core.Tensor) -> tuple[core.Tensor, ...]:
    for tensor in tensors:
        if tensor.array.dtype.kind not in "bui":
            raise NotSupportedError(
                f"&, |, ^ and ~ are for truth values and whole numbers, got {type_name(tensor.dtype)}",
                "compare first: (a > 0) & (a < 1)",
            )
    return tensors


# --- reductions


def all(input: core.Tensor, dim: Dim = None, keepdim: bool = False, **names: Any) -> core.Tensor:
    """Whether all elements are nonzero, along `dim` or overall."""
    return _reduced("all", np.all, input, *renamed("all", names, dim, keepdim))


def any(input: core.Tensor, dim: Dim = None, keepdim: bool = False, **names: Any) -> core.Tensor:
    """Whether any element is nonzero, along `dim` or overall."""
    return _reduced("any", np.any, input, *renamed("any", names, dim, keepdim))


def count_nonzero(input: core.Tensor, dim: Dim = None) -> core.Tensor:
    """The number of nonzero elements, along `dim` or overall."""
    return _reduced("count_nonzero", np.count_nonzero, input, dim, False, np.int64)


def _reduced(
    name: str, rule: Callable[..., Any], input: core.Tensor, dim: Dim, keepdim: bool, dtype: type = bool
) -> core.Tensor:
    kind_of(input)
    dim = dims_of(dim)
    shape = reduced(input.shape, dim, keepdim)

    def compute(array: Array) -> Array:
        return np.asarray(rule(array, axis=axes_of(dim, array.ndim), keepdims=keepdim))

    return aside(name, compute, shape, dtype, input)


def contains(input: core.Tensor, element: Operand) -> bool:
    """`element in t`: whether an element of t equals `element`."""
    needs_numbers("in")
    return bool(eq(input, element).array.any())


# --- selection by a mask


def where(condition: core.Tensor, input: Operand | None = None, other: Operand | None = None) -> Any:
    """input where the condition is True, else other; with the condition alone, the indices where it is nonzero."""
    only_tensors("where", (condition,))
    if input is None and other is None:
        needs_numbers("where(condition)")
        return tuple(plain(places) for places in np.nonzero(np.atleast_1d(condition.array)))
    if input is None or other is None:
        raise OperandError("where() takes the condition alone, or both input and other", "where(c, a, b)")
    if condition.array.dtype.kind != "b":
        raise DtypeError(
            "where expected condition to be a boolean tensor, but got a tensor with dtype "
            f"{type_name(condition.dtype)}",
            "compare it with something, for example condition != 0",
        )
    if isinstance(input, core.Tensor) or isinstance(other, core.Tensor):
        return ops.where(condition, *matched(input, other))
    kind = beside(np.dtype(bool), input, other)
    return ops.where(condition, core.Tensor(np.asarray(input, kind)), core.Tensor(np.asarray(other, kind)))


def result_type(tensor1: Operand, tensor2: Operand) -> np.dtype[Any]:
    """The dtype that both are promoted to."""
    if isinstance(tensor1, core.Tensor) and isinstance(tensor2, core.Tensor):
        return np.dtype(common((tensor1, tensor2)))
    if not isinstance(tensor1, core.Tensor) and not isinstance(tensor2, core.Tensor):
        return np.dtype(beside(np.dtype(bool), tensor1, tensor2))
    return matched(tensor1, tensor2)[0].dtype


greater, greater_equal, less, less_equal, not_equal = gt, ge, lt, le, ne
bitwise_and, bitwise_or, bitwise_xor, bitwise_not = mask_and, mask_or, mask_xor, mask_not
