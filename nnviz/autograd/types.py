"""Type promotion: the dtype of an operation on several tensors, or on tensors and plain numbers.

The rules are PyTorch's: floats take precedence over integers, and integers over bools; within a kind, more bits take
precedence; a tensor without dimensions, or a plain number, only affects the kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

import nnviz.autograd.tensor as core
from nnviz.autograd import ops
from nnviz.autograd.aside import aside
from nnviz.autograd.dtypes import get_default_dtype, type_name
from nnviz.autograd.operation import Array, not_a_tensor
from nnviz.errors import DtypeError, OperandError

__all__ = [
    "KINDS", "NUMBERS", "Binary", "Unary", "beside", "common", "comparable", "floating", "kind_of", "matched",
    "meeting", "named", "only_floats", "only_tensors", "promote_types", "to", "type_name",
]  # fmt: skip

KINDS = "buifc"
"""Kinds of dtype by numpy's letters, from the weakest to the strongest."""

NUMBERS = (int, float, complex, np.number, np.bool_)

Unary = Callable[["core.Tensor"], "core.Tensor"]
Binary = Callable[["core.Tensor", Any], "core.Tensor"]
"""Functions of one tensor, and of a tensor and an operand."""

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    Operand = core.Tensor | Array | float
    """The operands of arithmetic."""


def named(function: F, name: str, doc: str) -> F:
    """A function that was made by another one, with its public name and docstring."""
    function.__name__, function.__qualname__, function.__doc__ = name, name, doc
    return function


def matched(a: Operand, b: Operand) -> tuple[core.Tensor, core.Tensor]:
    """Both as tensors of the same dtype.

    Raises:
        OperandError: one of them is neither a tensor nor a number.
    """
    if isinstance(a, core.Tensor):
        if isinstance(b, core.Tensor):
            if a.array.dtype is b.array.dtype:
                return a, b
            wide = common((a, b))
            return to(a, wide), to(b, wide)
        if isinstance(b, np.ndarray):
            return matched(a, core.Tensor(b))
        if not isinstance(b, NUMBERS):
            raise OperandError(
                f"unsupported operand type(s): 'Tensor' and '{type(b).__name__}'", "make a tensor of it with tensor()"
            )
        if a.array.dtype.kind != "f":
            a = to(a, beside(a.dtype, b))
        return a, core.Tensor(np.asarray(b, a.array.dtype))
    if not isinstance(b, core.Tensor):
        only_tensors("", (a, b))
    b, a = matched(b, a)
    return a, b


def common(tensors: Sequence[core.Tensor]) -> DTypeLike:
    """The common dtype of these tensors."""
    highest = max(KINDS.index(tensor.dtype.kind) for tensor in tensors)
    leading = [tensor for tensor in tensors if KINDS.index(tensor.dtype.kind) == highest]
    voters = [tensor.dtype for tensor in leading if tensor.ndim] or [tensor.dtype for tensor in leading]
    return np.result_type(*voters)


def promote_types(type1: DTypeLike, type2: DTypeLike) -> np.dtype[Any]:
    """The common dtype of tensors of these two dtypes."""
    return meeting((np.dtype(type1), np.dtype(type2)))


def meeting(types: Iterable[np.dtype[Any]]) -> np.dtype[Any]:
    """The common dtype of all these dtypes."""
    found = list(types)
    highest = max(KINDS.index(kind.kind) for kind in found)
    return np.result_type(*[kind for kind in found if KINDS.index(kind.kind) == highest])


def beside(dtype: np.dtype[Any], *numbers: Array | float | None) -> DTypeLike:
    """The common dtype of `dtype` and plain numbers."""
    kinds = [KINDS.index(np.asarray(number).dtype.kind) for number in numbers if number is not None]
    own = KINDS.index(dtype.kind)
    if max(kinds, default=own) <= own:
        return dtype
    return get_default_dtype() if max(kinds) == KINDS.index("f") else np.int64


def comparable(value: object) -> bool:
    """Whether a tensor can be compared with it, element by element."""
    return isinstance(value, (core.Tensor, np.ndarray, *NUMBERS))


def kind_of(input: core.Tensor) -> str:
    """numpy's letter for the kind of its elements: b, u, i or f.

    Raises:
        OperandError: it is not a tensor.
    """
    try:
        return input.array.dtype.kind
    except AttributeError:
        only_tensors("", (input,))
        raise


def floating(input: core.Tensor) -> core.Tensor:
    """The tensor itself if it holds floats, else converted to the default dtype."""
    if not isinstance(input, core.Tensor):
        only_tensors("", (input,))
    return input if input.array.dtype.kind in "fc" else to(input, get_default_dtype())


def only_floats(input: core.Tensor, words: str) -> None:
    """Check that `input` is a floating-point tensor.

    Raises:
        DtypeError: it is not; `words` is the message.
        OperandError: it is not a tensor.
    """
    if not isinstance(input, core.Tensor):
        only_tensors("", (input,))
    if input.array.dtype.kind not in "fc":
        raise DtypeError(f"{words} Got: {type_name(input.dtype)}", "call .float() first")


def only_tensors(name: str, inputs: Sequence[object]) -> None:
    """Check that all inputs of the function `name` are tensors.

    Raises:
        OperandError: one of them is not.
    """
    for position, value in enumerate(inputs, 1):
        if not isinstance(value, core.Tensor):
            raise not_a_tensor(name, f" (position {position})", value)


def to(input: core.Tensor, dtype: DTypeLike) -> core.Tensor:
    """The same numbers in another dtype; integers and truth values have no gradient."""
    if input.dtype == dtype:
        return input
    kind = np.dtype(dtype)
    if kind.kind in "fc":
        return ops.to(input, dtype=kind)
    return aside("to", lambda array: array.astype(kind), input.shape, kind, input)
