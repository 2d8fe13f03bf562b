"""Tensors from nothing: under PyTorch's names, with PyTorch's arguments.

What is random takes a generator; without one it draws from the default generator, which `manual_seed` restarts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nnviz.autograd.modes import current
from nnviz.autograd.operation import Array
from nnviz.autograd.random import default_generator, manual_seed
from nnviz.autograd.tensor import Tensor, from_numpy
from nnviz.errors import ArgumentError

float32, float64, int64 = (np.dtype(name) for name in ("float32", "float64", "int64"))
"""The types, as numpy's own."""

__all__ = [
    "arange", "eye", "float32", "float64", "from_numpy", "full", "int64", "manual_seed", "ones", "rand",
    "randint", "randn", "tensor", "zeros",
]  # fmt: skip

Generator = np.random.Generator


def tensor(data: ArrayLike, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """A tensor with a copy of `data`; Python floats become float32, as in PyTorch."""
    try:
        array = np.array(data, dtype)
    except ValueError:
        raise ArgumentError(
            "expected sequence of equal length at each dimension", "all rows of nested lists must be equally long"
        ) from None
    if array.dtype.kind not in "buifc":
        raise ArgumentError(
            f"tensor(): expected numbers or nested lists of them, got {type(data).__name__}",
            "words and None have to become numbers first",
        )
    if dtype is None and array.dtype == np.float64 and _written_out(data):
        array = array.astype(np.float32)
    return _leaf(array, requires_grad)


def _written_out(data: Any) -> bool:
    """Whether numbers come from Python rather than from numpy, which has given them a type already."""
    while isinstance(data, list | tuple) and data:
        data = data[0]
    return not isinstance(data, np.ndarray | np.generic | Tensor)


def _leaf(array: Array, requires_grad: bool) -> Tensor:
    if requires_grad and array.dtype.kind not in "fc":
        raise ArgumentError(
            "Only Tensors of floating point and complex dtype can require gradients", "give dtype=float32, or write 1.0"
        )
    made = Tensor(array, requires_grad)
    tape = current.get().tape
    if tape is not None:
        tape.made.append(made)
    return made


def _size(size: tuple[Any, ...]) -> tuple[int, ...]:
    """Sizes given one by one, or as one sequence."""
    sizes = tuple(size[0]) if len(size) == 1 and isinstance(size[0], tuple | list) else size
    if not all(isinstance(n, int | np.integer) for n in sizes):
        raise ArgumentError("expected sizes as whole numbers", f"got {', '.join(map(repr, sizes))}")
    if any(n < 0 for n in sizes):
        raise ArgumentError("Dimension size must be non-negative.", f"the sizes are {list(sizes)}")
    return sizes


def zeros(*size: Any, dtype: DTypeLike = float32, requires_grad: bool = False) -> Tensor:
    """0 everywhere."""
    return _leaf(np.zeros(_size(size), dtype), requires_grad)


def ones(*size: Any, dtype: DTypeLike = float32, requires_grad: bool = False) -> Tensor:
    """1 everywhere."""
    return _leaf(np.ones(_size(size), dtype), requires_grad)


def full(
    size: tuple[int, ...], fill_value: float, dtype: DTypeLike | None = None, requires_grad: bool = False
) -> Tensor:
    """`fill_value` everywhere; the type is the value's own where none is given."""
    kind = dtype if dtype is not None else tensor(fill_value).dtype
    return _leaf(np.full(_size((size,)), fill_value, kind), requires_grad)


def arange(
    start: float,
    end: float | None = None,
    step: float = 1,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """start, start + step, ... below end; from 0 where only the end is given."""
    first, last = (0, start) if end is None else (start, end)
    if step == 0:
        raise ArgumentError("step must be nonzero", "give a step above or below 0")
    if (last - first) * step < 0:
        raise ArgumentError(
            "upper bound and lower bound inconsistent with step sign", f"from {first} to {last} in steps of {step}"
        )
    whole = all(isinstance(n, int) for n in (first, last, step))
    kind = dtype if dtype is not None else int64 if whole else float32
    return _leaf(np.arange(first, last, step).astype(kind), requires_grad)


def eye(n: int, m: int | None = None, dtype: DTypeLike = float32, requires_grad: bool = False) -> Tensor:
    """1 on the diagonal, 0 elsewhere."""
    rows, columns = _size((n, n if m is None else m))
    return _leaf(np.eye(rows, columns, dtype=dtype), requires_grad)


def rand(
    *size: Any, generator: Generator | None = None, dtype: DTypeLike = float32, requires_grad: bool = False
) -> Tensor:
    """Evenly from 0 to below 1."""
    return _leaf((generator or default_generator()).random(_size(size)).astype(dtype), requires_grad)


def randn(
    *size: Any, generator: Generator | None = None, dtype: DTypeLike = float32, requires_grad: bool = False
) -> Tensor:
    """From the standard normal distribution."""
    return _leaf((generator or default_generator()).standard_normal(_size(size)).astype(dtype), requires_grad)


def randint(
    low: int, high: Any, size: Any = None, *, generator: Generator | None = None, dtype: DTypeLike = int64
) -> Tensor:
    """Whole numbers from `low` to below `high`; with two arguments from 0 to below the first."""
    first, last, shape = (0, low, high) if size is None else (low, high, size)
    if last <= first:
        raise ArgumentError(f"random_ expects 'from' to be less than 'to', but got from={first} >= to={last}")
    return Tensor((generator or default_generator()).integers(first, last, _size((shape,))).astype(dtype))
