"""Tensors from nothing, or from what Python and numpy hold: under PyTorch's names, with PyTorch's arguments."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import nnviz.autograd.tensor as core
from nnviz.autograd import types
from nnviz.autograd.device import Device, usable
from nnviz.autograd.dtypes import bool as bool_type
from nnviz.autograd.dtypes import get_default_dtype, int64, supported
from nnviz.autograd.operation import Array, Shape
from nnviz.errors import (
    ArgumentError,
    GraphError,
    NotSupportedError,
    OperandError,
    OperationError,
)

__all__ = [
    "Size", "arange", "as_tensor", "asarray", "empty", "empty_like", "eye", "from_numpy", "full", "full_like",
    "linspace", "logspace", "ones", "ones_like", "scalar_tensor", "tensor", "tril_indices", "triu_indices", "zeros",
    "zeros_like",
]  # fmt: skip


class Size(tuple[int, ...]):
    """A shape by PyTorch's name: a tuple, equal to the tuple that `x.shape` is."""

    __slots__ = ()

    def __new__(cls, sizes: Iterable[int] = ()) -> Size:
        """From a list or a tuple of whole numbers."""
        return super().__new__(cls, sizes_given((tuple(sizes),)))

    def numel(self) -> int:
        """How many elements a tensor of that shape has."""
        return math.prod(self)

    def __repr__(self) -> str:
        return f"torch.Size({list(self)})"


# --- from numbers


def tensor(
    data: Any,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
    pin_memory: bool = False,
) -> core.Tensor:
    """A tensor with a copy of `data`; Python floats become float32, as in PyTorch.

    Args:
        data: a number, nested lists of them, an array, or a tensor, whose history is left behind.
        dtype: the type; that of the data where it is not given.
        device: "cpu".
        requires_grad: whether backward shall leave a gradient here.
        pin_memory: of no use here.

    Raises:
        ArgumentError: nested lists of different length.
        OperandError, OperationError: something is no number.
        GraphError: on shapes alone, numbers of a tensor in a list.
    """
    del pin_memory
    usable(device)
    kind = None if dtype is None else supported(dtype)
    if isinstance(data, core.Tensor):
        return _copied(data, kind, requires_grad)
    array = _numbers(data, kind)
    if kind is None and array.dtype == np.float64 and _written_out(data):
        array = array.astype(get_default_dtype())
    return leaf(array, requires_grad)


def _copied(data: core.Tensor, kind: np.dtype[Any] | None, requires_grad: bool) -> core.Tensor:
    """The numbers of a tensor, without their history."""
    with core.no_grad():
        same = data.detach().clone()
        copy = same if kind is None else types.to(same, kind)
    if core.is_abstract():
        return copy
    return leaf(copy.array, requires_grad)


def _numbers(data: Any, kind: np.dtype[Any] | None) -> Array:
    """What is given, as an array that shares nothing with it."""
    try:
        array = np.array(_plain(data), kind)
    except GraphError:
        raise
    except ValueError as error:
        if isinstance(data, str) or "convert" in str(error):
            raise OperandError(
                f"new(): invalid data type '{_first_word(data)}'", "words have to become numbers first"
            ) from None
        raise ArgumentError(
            "expected sequence of equal length at each dimension", "all rows of nested lists must be equally long"
        ) from None
    except OverflowError:
        raise OperationError("Overflow when unpacking long long", "a whole number has 64 bits at most") from None
    except TypeError:
        array = np.array(data, object)
    if array.dtype.kind == "c":
        raise NotSupportedError("complex numbers are not supported", "take .real and .imag apart")
    if array.dtype.kind in "US":
        raise OperandError(f"new(): invalid data type '{_first_word(data)}'", "words have to become numbers first")
    if array.dtype.kind == "O" and _is_whole(array):
        raise OperationError("Overflow when unpacking long long", "a whole number has 64 bits at most")
    if array.dtype.kind not in "buif":
        raise OperationError(
            f"Could not infer dtype of {_first_word(data)}", "it takes numbers, or nested lists of them"
        )
    return array


def _plain(data: Any) -> Any:
    """With arrays in the place of tensors, also deep in lists."""
    if isinstance(data, core.Tensor):
        core.needs_numbers("tensor() of a list with tensors in it")
        return data.array
    if isinstance(data, list | tuple) and not all(type(part) in (int, float, bool) for part in data):
        return [_plain(part) for part in data]
    return data


def _first_word(data: Any) -> str:
    """The name of the type of the first thing in it that is no list."""
    while isinstance(data, list | tuple) and data:
        data = next((part for part in data if not isinstance(part, int | float)), data[0])
    return type(data).__name__


def _is_whole(array: Array) -> bool:
    return bool(array.size) and all(isinstance(part, int) for part in array.reshape(-1))


def _written_out(data: Any) -> bool:
    """Whether numbers come from Python rather than from numpy, which has given them a type already."""
    while isinstance(data, list | tuple) and data:
        data = data[0]
    return not isinstance(data, np.ndarray | np.generic | core.Tensor)


def leaf(array: Array, requires_grad: bool = False) -> core.Tensor:
    """A tensor without history.

    Raises:
        OperationError: whole numbers shall require a gradient.
    """
    if requires_grad and array.dtype.kind != "f":
        raise OperationError(
            "Only Tensors of floating point and complex dtype can require gradients", "give dtype=float32, or write 1.0"
        )
    return core.Tensor(array, requires_grad)


def from_numpy(ndarray: Array) -> core.Tensor:
    """A tensor that shares the memory of an array.

    Raises:
        OperandError: it is no array, or not one of numbers.
        ArgumentError: its bytes lie in the order of another machine.
        NotSupportedError: its numbers are complex.
    """
    if not isinstance(ndarray, np.ndarray):
        raise OperandError(f"expected np.ndarray (got {type(ndarray).__name__})", "tensor() takes numbers and lists")
    if ndarray.dtype.kind == "c":
        raise NotSupportedError("complex numbers are not supported", "take .real and .imag apart")
    if ndarray.dtype.kind not in "buif":
        raise OperandError(
            f"can't convert np.ndarray of type {ndarray.dtype}. The only supported types are those of numbers and "
            "truth values.",
            "make numbers of it with .astype(...) first",
        )
    if not ndarray.dtype.isnative:
        raise ArgumentError(
            "given numpy array has byte order different from the native byte order. Conversion between byte orders is "
            "currently not supported.",
            f"it is {ndarray.dtype.str}: call .astype({ndarray.dtype.newbyteorder('=').str!r}) on it",
        )
    return core.from_numpy(ndarray)


def as_tensor(data: Any, dtype: DTypeLike | None = None, device: str | Device | None = None) -> core.Tensor:
    """A tensor itself, an array with its memory shared, and all else copied; in another type where one is given."""
    usable(device)
    if not isinstance(data, core.Tensor | np.ndarray):
        return tensor(data, dtype)
    found = data if isinstance(data, core.Tensor) else from_numpy(data)
    return found if dtype is None else types.to(found, supported(dtype))


def scalar_tensor(s: float, *, dtype: DTypeLike | None = None, device: str | Device | None = None) -> core.Tensor:
    """A single number, without dimensions; as a float where no type is given."""
    return full((), s, dtype=get_default_dtype() if dtype is None else dtype, device=device)


# --- of a size


def sizes_given(sizes: tuple[Any, ...], name: str = "zeros", size: Any = None) -> Shape:
    """Sizes given one by one, as one sequence, or by the name `size`.

    Raises:
        OperandError: one of them is no whole number.
        OperationError: one of them is below 0.
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
    """The type asked for, or the default; the device has to exist."""
    usable(device)
    return get_default_dtype() if dtype is None else supported(dtype)


def zeros(
    *sizes: Any,
    size: Any = None,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """0 everywhere."""
    return leaf(np.zeros(sizes_given(sizes, "zeros", size), kind_given(dtype, device)), requires_grad)


def ones(
    *sizes: Any,
    size: Any = None,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """1 everywhere."""
    return leaf(np.ones(sizes_given(sizes, "ones", size), kind_given(dtype, device)), requires_grad)


def empty(
    *sizes: Any,
    size: Any = None,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """To be filled later; 0 until then, so that a run can be repeated."""
    return leaf(np.zeros(sizes_given(sizes, "empty", size), kind_given(dtype, device)), requires_grad)


def full(
    size: Any,
    fill_value: Any,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """`fill_value` everywhere; the type is the value's own where none is given."""
    if not isinstance(size, tuple | list):
        raise OperandError(
            f"full(): argument 'size' (position 1) must be tuple of ints, not {type(size).__name__}", "full((2, 3), 1.)"
        )
    if isinstance(fill_value, core.Tensor):
        core.needs_numbers("full() of a tensor's number")
        fill_value = fill_value.item()
    if not isinstance(fill_value, int | float | np.number | np.bool_):
        raise OperandError(
            f"full(): argument 'fill_value' (position 2) must be Number, not {type(fill_value).__name__}"
        )
    kind = kind_given(dtype, device)
    if dtype is None:
        kind = tensor(fill_value).dtype if not isinstance(fill_value, np.floating) else kind
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
    """0 everywhere, in the shape and type of `input`."""
    return _like(input, 0, dtype, device, requires_grad)


def ones_like(
    input: core.Tensor,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """1 everywhere, in the shape and type of `input`."""
    return _like(input, 1, dtype, device, requires_grad)


def empty_like(
    input: core.Tensor,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """To be filled later, in the shape and type of `input`."""
    return _like(input, 0, dtype, device, requires_grad)


def full_like(
    input: core.Tensor,
    fill_value: Any,
    *,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    requires_grad: bool = False,
) -> core.Tensor:
    """`fill_value` everywhere, in the shape and type of `input`."""
    return _like(input, fill_value, dtype, device, requires_grad)


# --- rows of numbers


def _number(value: Any) -> Any:
    """A number that may come as a tensor."""
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
    """start, start + step, ... below end; from 0 where only the end is given."""
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
    # From the start on each time: steps that are added up drift.
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
    """`steps` numbers from start to end, both included, all equally far apart."""
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
        raise OperandError(f"{name}() missing 1 required positional argument: 'steps'", "say how many numbers")
    count = sizes_index(name, "steps", steps)
    if count < 0:
        raise OperationError("number of steps must be non-negative", f"got {count}")
    return np.linspace(_number(start), _number(end), count)


def sizes_index(name: str, argument: str, value: Any) -> int:
    """A whole number.

    Raises:
        OperandError: it is none.
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
    rows = sizes_index("eye", "n", n)
    columns = rows if m is None else sizes_index("eye", "m", m)
    for letter, size in (("n", rows), ("m", columns)):
        if size < 0:
            raise OperationError(f"{letter} must be greater or equal to 0, got {size}")
    return leaf(np.eye(rows, columns, dtype=kind_given(dtype, device)), requires_grad)


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: DTypeLike = int64) -> core.Tensor:
    """The places (rows, columns) on and below a diagonal of a matrix."""
    return leaf(np.stack(np.tril_indices(row, offset, col)).astype(supported(dtype)))


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: DTypeLike = int64) -> core.Tensor:
    """The places (rows, columns) on and above a diagonal of a matrix."""
    return leaf(np.stack(np.triu_indices(row, offset, col)).astype(supported(dtype)))


# --- methods: of the type of a tensor


def new_zeros(
    input: core.Tensor, *sizes: Any, size: Any = None, dtype: DTypeLike | None = None, **more: Any
) -> core.Tensor:
    """0 everywhere, in the type of `input`."""
    return zeros(*sizes, size=size, dtype=input.dtype if dtype is None else dtype, **more)


def new_ones(
    input: core.Tensor, *sizes: Any, size: Any = None, dtype: DTypeLike | None = None, **more: Any
) -> core.Tensor:
    """1 everywhere, in the type of `input`."""
    return ones(*sizes, size=size, dtype=input.dtype if dtype is None else dtype, **more)


def new_full(
    input: core.Tensor, size: Any, fill_value: Any, dtype: DTypeLike | None = None, **more: Any
) -> core.Tensor:
    """`fill_value` everywhere, in the type of `input`."""
    return full(size, fill_value, dtype=input.dtype if dtype is None else dtype, **more)


def new_tensor(input: core.Tensor, data: Any, dtype: DTypeLike | None = None, **more: Any) -> core.Tensor:
    """A copy of data, in the type of `input`."""
    return tensor(data, dtype=input.dtype if dtype is None else dtype, **more)


class TypedTensor:
    """PyTorch's older constructors: `FloatTensor([1, 2])` takes numbers, `FloatTensor(2, 3)` a size.

    Args:
        name: what it is called.
        dtype: the type of what it makes.
    """

    def __init__(self, name: str, dtype: DTypeLike) -> None:
        self.__name__ = name
        self.dtype = np.dtype(dtype)

    def __call__(self, *given: Any, device: str | Device | None = None) -> core.Tensor:
        """Numbers as one list, array or tensor; or sizes one by one, for a tensor that is 0 until it is filled."""
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
__all__ += [
    "BoolTensor", "ByteTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor", "LongTensor", "ShortTensor",
]  # fmt: skip

asarray = as_tensor
