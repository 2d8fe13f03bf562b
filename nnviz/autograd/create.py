"""Creating tensors, under PyTorch's names, with PyTorch's arguments."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import nnviz.autograd.tensor as core
from nnviz.autograd import from_data, types
from nnviz.autograd.device import Device, usable
from nnviz.autograd.dtypes import bool as bool_type
from nnviz.autograd.dtypes import get_default_dtype, int64, supported
from nnviz.autograd.from_data import *  # noqa: F403
from nnviz.autograd.from_data import fits, leaf, tensor
from nnviz.autograd.from_data import from_numpy as from_numpy
from nnviz.autograd.modes import needs_numbers
from nnviz.autograd.operation import Array, Shape
from nnviz.errors import (
    OperandError,
    OperationError,
)

__all__ = [
    "BoolTensor", "ByteTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor", "LongTensor", "ShortTensor",
    "Size", "arange", "empty", "empty_like", "eye", "full", "full_like", "linspace", "logspace", "ones", "ones_like",
    "scalar_tensor", "tril_indices", "triu_indices", "zeros", "zeros_like", *from_data.__all__,
]  # fmt: skip


class Size(tuple[int, ...]):
    """A shape by PyTorch's name: a tuple, equal to the tuple that `x.shape` is."""

    __slots__ = ()

    def __new__(cls, sizes: Iterable[int] = ()) -> Size:
        """Create a shape from a list or tuple of integers."""
        return super().__new__(cls, sizes_given((tuple(sizes),)))

    def numel(self) -> int:
        """The number of elements of a tensor of this shape."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"


def scalar_tensor(s: float, *, dtype: DTypeLike | None = None, device: str | Device | None = None) -> core.Tensor:
    """A tensor of a single number, without dimensions; by default of the default dtype."""
    return full((), s, dtype=get_default_dtype() if dtype is None else dtype, device=device)


# --- from a size


def sizes_given(sizes: tuple[Any, ...], name: str = "zeros", size: Any = None) -> Shape:
    """Sizes given as separate arguments, as one sequence, or as the keyword `size`.

    Raises:
        OperandError: one of them is not an integer.
        OperationError: one of them is negative.
    """
    if size is not None:
        sizes = (size,)
    if len(sizes) == 1 and isinstance(sizes[0], tuple | list):
        sizes = tuple(sizes[0])
    found = []
    for n in sizes:
        try:
            found.append(operator.index(n))
        except TypeError:
            raise OperandError(
                f"{name}(): argument 'size' must be tuple of ints, not {type(n).__name__}",
                f"sizes are whole numbers, got {', '.join(map(repr, sizes))}",
            ) from None
    if any(n < 0 for n in found):
        raise OperationError("Dimension size must be non-negative.", f"the sizes are {found}")
    return tuple(found)


def kind_given(dtype: DTypeLike | None, device: str | Device | None) -> np.dtype[Any]:
    """The requested dtype, or the default; checks that the device exists."""
    usable(device)
    return get_default_dtype() if dtype is None else supported(dtype)


def zeros(
    *sizes: Any,
    size: Any = None,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """A tensor filled with 0."""
    return leaf(np.zeros(sizes_given(sizes, "zeros", size), kind_given(dtype, device)), requires_grad)


def ones(
    *sizes: Any,
    size: Any = None,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """A tensor filled with 1."""
    return leaf(np.ones(sizes_given(sizes, "ones", size), kind_given(dtype, device)), requires_grad)


def empty(
    *sizes: Any,
    size: Any = None,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """A tensor to be filled later; nnviz fills it with 0, so that runs are reproducible."""
    return leaf(np.zeros(sizes_given(sizes, "empty", size), kind_given(dtype, device)), requires_grad)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """A tensor filled with `fill_value`; without `dtype`, of the dtype of the value."""
    if not isinstance(size, tuple | list):
        raise OperandError(
            f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}", "full((2, 3), 1.)"
        )
    if isinstance(fill_value, core.Tensor):
        needs_numbers("full() of a tensor's number")
        fill_value = fill_value.item()
    if not isinstance(fill_value, int | float | np.number | np.bool_):
        raise OperandError(
            f"full(): argument 'fill_value' (position 2) must be Number, not {type(fill_value).__name__}"
        )
    kind = kind_given(dtype, device)
    if dtype is None:
        kind = tensor(fill_value).dtype if not isinstance(fill_value, np.floating) else kind
    fits(kind, fill_value)
    return leaf(np.full(sizes_given((size,), "full"), fill_value, kind), requires_grad)


def _like(
    input: core.Tensor, value: Any, dtype: DTypeLike | None, device: str | Device | None, requires_grad: bool
) -> core.Tensor:
    types.only_tensors("", (input,))
    return full(
        input.shape, value, dtype=input.dtype if dtype is None else dtype, device=device, requires_grad=requires_grad
    )


def zeros_like(
    input: core.Tensor,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """A tensor filled with 0, with the shape and dtype of `input`."""
    return _like(input, 0, dtype, device, requires_grad)


def ones_like(
    input: core.Tensor,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """A tensor filled with 1, with the shape and dtype of `input`."""
    return _like(input, 1, dtype, device, requires_grad)


def empty_like(
    input: core.Tensor,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """A tensor to be filled later, with the shape and dtype of `input`."""
    return _like(input, 0, dtype, device, requires_grad)


def full_like(
    input: core.Tensor,
    fill_value: Any,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """A tensor filled with `fill_value`, with the shape and dtype of `input`."""
    return _like(input, fill_value, dtype, device, requires_grad)


# --- sequences of numbers


def _number(value: Any) -> Any:
    """A number, which may be given as a tensor."""
    return value.item() if isinstance(value, core.Tensor) else value


def arange(
    start: Any,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """start, start + step, ..., below end; `arange(end)` starts at 0."""
    first, last, by = (0, _number(start), _number(step)) if end is None else map(_number, (start, end, step))
    if by == 0:
        raise OperationError("step must be nonzero", "give a step above or below 0")
    if not all(math.isfinite(n) for n in (first, last)):
        raise OperationError(f"unsupported range: {first} -> {last}", "both ends have to be finite")
    if (last - first) * by < 0:
        raise OperationError(
            "upper bound and lower bound inconsistent with step sign", f"from {first} to {last} in steps of {by}"
        )
    whole = all(isinstance(n, int | np.integer) for n in (first, last, by))
    kind = int64 if whole and dtype is None else kind_given(dtype, None)
    usable(device)
    count = math.ceil((last - first) / by)
    # Multiplied, since the rounding errors of repeated addition accumulate.
    return leaf((first + np.arange(count) * by).astype(kind), requires_grad)


def linspace(
    start: Any,
    end: Any,
    steps: int | None = None,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """`steps` evenly spaced numbers from start to end, both included."""
    return leaf(_spaced("linspace", start, end, steps).astype(kind_given(dtype, device)), requires_grad)


def logspace(
    start: Any,
    end: Any,
    steps: int | None = None,
    base: float = 10.0,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """`base` to the power of `steps` numbers from start to end, both included."""
    powers = np.power(base, _spaced("logspace", start, end, steps))
    return leaf(powers.astype(kind_given(dtype, device)), requires_grad)


def _spaced(name: str, start: Any, end: Any, steps: int | None) -> Array:
    if steps is None:
        raise OperandError(f"{name}() missing 1 required positional argument: 'steps'", "give the number of elements")
    count = integer_given(name, "steps", steps)
    if count < 0:
        raise OperationError("number of steps must be non-negative", f"got {count}")
    return np.linspace(_number(start), _number(end), count)


def integer_given(name: str, argument: str, value: Any) -> int:
    """The argument as an int.

    Raises:
        OperandError: it is not an integer.
    """
    try:
        return operator.index(value)
    except TypeError:
        raise OperandError(f"{name}(): argument '{argument}' must be int, not {type(value).__name__}") from None


def eye(
    n: int,
    m: int | None = None,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """1 on the diagonal, 0 elsewhere."""
    rows = integer_given("eye", "n", n)
    columns = rows if m is None else integer_given("eye", "m", m)
    for letter, size in (("n", rows), ("m", columns)):
        if size < 0:
            raise OperationError(f"{letter} must be greater or equal to 0, got {size}")
    return leaf(np.eye(rows, columns, dtype=kind_given(dtype, device)), requires_grad)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: DTypeLike = int64) -> core.Tensor:
    """The indices (rows, columns) of the lower triangle of a matrix, including the diagonal."""
    return leaf(np.stack(np.tril_indices(row, offset, col)).astype(supported(dtype)))


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: DTypeLike = int64) -> core.Tensor:
    """The indices (rows, columns) of the upper triangle of a matrix, including the diagonal."""
    return leaf(np.stack(np.triu_indices(row, offset, col)).astype(supported(dtype)))


# --- methods: with the dtype of a tensor


def new_zeros(
    input: core.Tensor, *sizes: Any, size: Any = None, dtype: DTypeLike | None = None, **more: Any
) -> core.Tensor:
    """A tensor filled with 0, of the dtype of `input`."""
    return zeros(*sizes, size=size, dtype=input.dtype if dtype is None else dtype, **more)


def new_ones(
    input: core.Tensor, *sizes: Any, size: Any = None, dtype: DTypeLike | None = None, **more: Any
) -> core.Tensor:
    """A tensor filled with 1, of the dtype of `input`."""
    return ones(*sizes, size=size, dtype=input.dtype if dtype is None else dtype, **more)


def new_full(
    input: core.Tensor, size: Any, fill_value: Any, dtype: DTypeLike | None = None, **more: Any
) -> core.Tensor:
    """A tensor filled with `fill_value`, of the dtype of `input`."""
    return full(size, fill_value, dtype=input.dtype if dtype is None else dtype, **more)


def new_tensor(input: core.Tensor, data: Any, dtype: DTypeLike | None = None, **more: Any) -> core.Tensor:
    """A copy of `data`, of the dtype of `input`."""
    return tensor(data, dtype=input.dtype if dtype is None else dtype, **more)


class TypedTensor:
    """PyTorch's older constructors: `FloatTensor([1, 2])` takes numbers, `FloatTensor(2, 3)` a size.

    Args:
        name: the name of the constructor.
        dtype: the dtype of the tensors.
    """

    def __init__(self, name: str, dtype: DTypeLike) -> None:
        self.__name__ = name
        self.dtype = np.dtype(dtype)

    def __call__(self, *given: Any, device: str | Device | None = None) -> core.Tensor:
        """A tensor of the numbers in a list, array or tensor; or, for separate sizes, a tensor of zeros."""
        usable(device)
        if len(given) == 1 and not isinstance(given[0], int | Size):
            return tensor(given[0], dtype=self.dtype)
        return zeros(*given, dtype=self.dtype)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, core.Tensor) and value.dtype == self.dtype

    def __repr__(self) -> str:
        return f"<class 'torch.{self.__name__}'>"


FloatTensor, DoubleTensor, HalfTensor = (
    TypedTensor(f"{name}Tensor", dtype) for name, dtype in (("Float", "f4"), ("Double", "f8"), ("Half", "f2"))
)
LongTensor, IntTensor, ShortTensor = (
    TypedTensor(f"{name}Tensor", dtype) for name, dtype in (("Long", "i8"), ("Int", "i4"), ("Short", "i2"))
)
ByteTensor, BoolTensor = TypedTensor("ByteTensor", "u1"), TypedTensor("BoolTensor", bool_type)
