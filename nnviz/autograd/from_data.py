"""Tensors from data: numbers, nested lists, arrays and other tensors."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import nnviz.autograd.tensor as core
from nnviz.autograd import types, views
from nnviz.autograd.device import Device, usable
from nnviz.autograd.dtypes import bool as bool_type
from nnviz.autograd.dtypes import get_default_dtype, int64, supported
from nnviz.autograd.modes import current, is_abstract, needs_numbers, no_grad
from nnviz.autograd.operation import Array
from nnviz.errors import (
    ArgumentError,
    NnvizError,
    NotSupportedError,
    OperandError,
    OperationError,
)

__all__ = ["as_tensor", "asarray", "from_numpy", "tensor"]


def tensor(
    data: Any,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> core.Tensor:
    """A tensor with a copy of `data`; Python floats become float32, as in PyTorch.

    Args:
        data: a number, nested lists of numbers, an array, or a tensor, whose history is not copied.
        dtype: the dtype; by default that of the data.
        device: "cpu".
        requires_grad: whether `backward` computes a gradient for it.
        pin_memory: accepted for compatibility, without effect.

    Raises:
        ArgumentError: nested lists have different lengths.
        OperandError, OperationError: an element is not a number.
        GraphError: on shapes alone, a list contains tensors.
    """
    del pin_memory
    usable(device)
    kind = None if dtype is None else supported(dtype)
    if isinstance(data, core.Tensor):
        return _copied(data, kind, requires_grad)
    return leaf(_numbers(data, kind), requires_grad)


def _copied(data: core.Tensor, kind: np.dtype[Any] | None, requires_grad: bool) -> core.Tensor:
    """The numbers of a tensor, without their history."""
    with no_grad():
        same = data.detach().clone()
        copy = same if kind is None else types.to(same, kind)
    if is_abstract():
        return copy
    return leaf(copy.array, requires_grad)


def _numbers(data: Any, kind: np.dtype[Any] | None) -> Array:
    """A copy of the data as an array, by default in the common dtype of its elements."""
    if isinstance(data, str | bytes):
        raise _word(data)
    if kind is None and isinstance(data, list | tuple | float):
        kinds = _kinds(data)
        kind = types.meeting(kinds) if kinds else get_default_dtype()
    try:
        array = np.array(_plain(data), kind)
    except NnvizError:
        raise
    except OverflowError:
        raise _too_large(data, kind) from None
    except (ValueError, TypeError):
        raise _refusal(data, kind) from None
    if array.dtype.kind == "c":
        raise NotSupportedError("complex numbers are not supported", "take .real and .imag apart")
    if array.dtype.kind not in "buif":
        raise _refusal(data, kind)
    return array


def _kinds(data: Any) -> set[np.dtype[Any]]:
    """The dtypes of all numbers in nested lists; that of Python floats is the default dtype."""
    if isinstance(data, list | tuple):
        plain = set(map(type, data))
        if plain <= _PYTHON.keys():
            return {_PYTHON[kind] or get_default_dtype() for kind in plain}
        return set().union(*map(_kinds, data))
    if isinstance(data, core.Tensor | np.ndarray | np.generic):
        return {data.dtype}
    known = _PYTHON.get(type(data), int64)
    return {get_default_dtype() if known is None else known}


_PYTHON: dict[type, np.dtype[Any] | None] = {bool: bool_type, int: int64, float: None}


def _plain(data: Any) -> Any:
    """The data with tensors in nested lists replaced by their numbers."""
    if isinstance(data, core.Tensor):
        needs_numbers("tensor() of a list with tensors in it")
        if data.array.size != 1:
            raise ArgumentError(
                "only one element tensors can be converted to Python scalars", "stack() and cat() join tensors"
            )
        return data.array.item()
    if isinstance(data, list | tuple) and not set(map(type, data)) <= _PYTHON.keys():
        return [_plain(part) for part in data]
    return data


def _word(word: str | bytes) -> OperandError:
    return OperandError(
        f"new(): invalid data type '{type(word).__name__}'", f"convert strings to numbers first: {word[:20]!r}"
    )


def _too_large(data: Any, kind: np.dtype[Any] | None) -> NnvizError:
    """The error for an integer that is out of range."""
    if kind is None or any(isinstance(part, int) and not -(2**63) <= part < 2**63 for part in _parts(data)):
        return ArgumentError("Overflow when unpacking long long", "a whole number has 64 bits at most")
    return _beyond(kind)


def _beyond(kind: np.dtype[Any]) -> OperationError:
    known = np.iinfo(kind)
    return OperationError(
        f"value cannot be converted to type {kind} without overflow",
        f"it holds finite numbers from {known.min} to {known.max}: give another dtype",
    )


def fits(kind: np.dtype[Any], value: Any) -> None:
    """Check that a number is in the range of an integer dtype; always true for other dtypes.

    Raises:
        OperationError: it is not finite, or out of range.
    """
    if kind.kind in "iu" and not np.iinfo(kind).min <= value <= np.iinfo(kind).max:
        raise _beyond(kind)


def _refusal(data: Any, kind: np.dtype[Any] | None) -> NnvizError:
    """The error for invalid data: an element that is not a number, or rows of different lengths."""
    if isinstance(data, list | tuple) and data and isinstance(data[0], str):
        return ArgumentError("too many dimensions 'str'", "convert strings to numbers first")
    for part in _parts(data):
        if isinstance(part, complex):
            return NotSupportedError("complex numbers are not supported", "take .real and .imag apart")
        if isinstance(part, str | bytes):
            return _word(part)
        if isinstance(part, float) and math.isnan(part) and kind is not None and kind.kind in "iu":
            return _too_large(data, kind)
        if isinstance(part, int) and not -(2**63) <= part < 2**63:
            return ArgumentError("Overflow when unpacking long long", "a whole number has 64 bits at most")
        if not isinstance(part, int | float | np.ndarray | np.generic | core.Tensor):
            return OperationError(
                f"Could not infer dtype of {type(part).__name__}", "it takes numbers, or nested lists of them"
            )
    return ArgumentError(
        "expected sequence of equal length at each dimension", "all rows of nested lists must be equally long"
    )


def _parts(data: Any) -> Iterator[Any]:
    if isinstance(data, list | tuple):
        for part in data:
            yield from _parts(part)
    else:
        yield data


def leaf(array: Array, requires_grad: bool = False) -> core.Tensor:
    """A tensor without history.

    Raises:
        OperationError: `requires_grad` for a tensor that is not floating-point.
    """
    if requires_grad and array.dtype.kind != "f":
        raise OperationError(
            "Only Tensors of floating point and complex dtype can require gradients", "give dtype=float32, or write 1.0"
        )
    made = core.Tensor(array, requires_grad)
    tape = current.get().tape
    if tape is not None:
        # A plan may change it in place, since every run creates a new one.
        tape.made.append(made)
    return made


def from_numpy(ndarray: Array) -> core.Tensor:
    """A tensor that shares the memory of an array.

    Raises:
        OperandError: it is not an array, or does not contain numbers.
        ArgumentError: its byte order is not the native one.
        NotSupportedError: its dtype is complex.
    """
    if not isinstance(ndarray, np.ndarray):
        raise OperandError(f"expected np.ndarray (got {type(ndarray).__name__})", "tensor() takes numbers and lists")
    if ndarray.dtype.kind == "c":
        raise NotSupportedError("complex numbers are not supported", "take .real and .imag apart")
    if ndarray.dtype.kind not in "buif":
        raise OperandError(
            f"can't convert np.ndarray of type {ndarray.dtype}. The only supported types are those of numbers and "
            "truth values.",
            "convert it to numbers with .astype(...) first",
        )
    if not ndarray.dtype.isnative:
        raise ArgumentError(
            "given numpy array has byte order different from the native byte order. Conversion between byte orders is "
            "currently not supported.",
            f"it is {ndarray.dtype.str}: call .astype({ndarray.dtype.newbyteorder('=').str!r}) on it",
        )
    return views.sharing(ndarray)


def as_tensor(data: Any, dtype: DTypeLike | None = None, device: str | Device | None = None) -> core.Tensor:
    """The data as a tensor; tensors, and the memory of arrays, are not copied unless `dtype` is another one."""
    usable(device)
    if not isinstance(data, core.Tensor | np.ndarray):
        return tensor(data, dtype)
    found = data if isinstance(data, core.Tensor) else from_numpy(data)
    return found if dtype is None else types.to(found, supported(dtype))


asarray = as_tensor
