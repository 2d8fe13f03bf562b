"""Conversions to other dtypes and devices, and queries of a tensor's properties, under PyTorch's names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import nnviz.autograd.tensor as core
from nnviz.autograd import ops, types
from nnviz.autograd.device import CPU, Device, usable
from nnviz.autograd.dtypes import NAMES, supported
from nnviz.autograd.modes import is_abstract, needs_numbers
from nnviz.autograd.types import Unary, kind_of, named, only_tensors
from nnviz.errors import ArgumentError, NotSupportedError, OperandError, OperationError

__all__ = ["is_floating_point", "is_nonzero", "is_tensor", "numel", "set_printoptions"]


def conversion(
    name: str,
    args: Sequence[Any],
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
) -> np.dtype[Any] | None:
    """The dtype requested by the arguments of `.to(...)`, None for any; a requested device must exist.

    Args:
        name: the name of the function, for the message.
        args: a dtype, a device, a tensor of the dtype, or `non_blocking`, in PyTorch's order.
        dtype: the dtype as a keyword.
        device: the device as a keyword.

    Raises:
        DeviceError: the device does not exist here.
        OperationError: an argument is of another type.
    """
    usable(device)
    wanted = None if dtype is None else supported(dtype)
    for arg in args:
        if isinstance(arg, core.Tensor):
            wanted = arg.dtype
        elif isinstance(arg, str | Device):
            usable(arg)
        elif not isinstance(arg, bool) and arg is not None:
            if isinstance(arg, int | float | list | tuple):
                raise OperationError(
                    f"{name}() received an invalid combination of arguments - got ({type(arg).__name__})",
                    'it takes a type, a device ("cpu") or another tensor',
                )
            wanted = supported(arg)
    return wanted


def to(
    input: core.Tensor,
    *args: Any,
    dtype: DTypeLike | None = None,
    device: str | Device | None = None,
    non_blocking: bool = False,
    copy: bool = False,
    memory_format: object = None,
) -> core.Tensor:
    """The same numbers in another dtype or on another device; the tensor itself if nothing changes.

    Args:
        input: the tensor.
        args: a dtype, a device, or a tensor of the dtype.
        dtype: the dtype.
        device: "cpu".
        non_blocking: without effect.
        copy: return a copy even if nothing changes.
        memory_format: without effect.
    """
    del non_blocking, memory_format
    wanted = conversion("to", args, dtype, device)
    result = input if wanted is None else types.to(input, wanted)
    return ops.clone(result) if copy and result is input else result


def cpu(input: core.Tensor) -> core.Tensor:
    """The tensor itself, which is on the CPU."""
    return input


def cuda(input: core.Tensor, device: object = None) -> core.Tensor:
    """Not supported: there is no CUDA device.

    Raises:
        DeviceError: always.
    """
    del input, device
    usable("cuda")
    raise AssertionError  # pragma: no cover (usable has refused)


def device_of(input: core.Tensor) -> Device:
    """Its device, the CPU."""
    del input
    return CPU


def _conversion(name: str, dtype: DTypeLike) -> Unary:
    """The method that converts a tensor to `dtype`, which truncates floats to integers."""

    def convert(input: core.Tensor) -> core.Tensor:
        return types.to(input, dtype)

    return named(convert, name, f"The tensor converted to {np.dtype(dtype)}.")


double: Unary = _conversion("double", np.float64)
float_: Unary = _conversion("float", np.float32)
half: Unary = _conversion("half", np.float16)
long: Unary = _conversion("long", np.int64)
int_: Unary = _conversion("int", np.int32)
short: Unary = _conversion("short", np.int16)
char: Unary = _conversion("char", np.int8)
byte: Unary = _conversion("byte", np.uint8)
bool_: Unary = _conversion("bool", bool)


def type_(input: core.Tensor, dtype: Any = None, non_blocking: bool = False) -> Any:
    """The tensor converted to a dtype, given as such or as "torch.LongTensor"; without one, the name of its own."""
    del non_blocking
    if dtype is None:
        return f"torch.{types.type_name(input.dtype)}Tensor"
    if isinstance(dtype, str):
        by_name = {f"{word}Tensor": name for name, word in NAMES.items()}
        word = dtype.removeprefix("torch.").removeprefix("nnviz.")
        if word not in by_name:
            raise ArgumentError(f"invalid type: '{dtype}'", f"for example 'torch.{next(iter(by_name))}'")
        return types.to(input, by_name[word])
    return types.to(input, supported(getattr(dtype, "dtype", dtype) if not isinstance(dtype, type) else dtype))


def type_as(input: core.Tensor, other: core.Tensor) -> core.Tensor:
    """The tensor converted to the dtype of another one."""
    only_tensors("type_as", (input, other))
    return types.to(input, other.dtype)


# --- properties


def numel(input: core.Tensor) -> int:
    """The number of elements."""
    only_tensors("numel", (input,))
    return math.prod(input.shape)


def is_tensor(obj: object) -> bool:
    """Whether `obj` is a tensor."""
    return isinstance(obj, core.Tensor)


def is_floating_point(input: core.Tensor) -> bool:
    """Whether it is a floating-point tensor."""
    return kind_of(input) == "f"


def is_nonzero(input: core.Tensor) -> bool:
    """Whether its single element is not 0."""
    only_tensors("is_nonzero", (input,))
    return bool(input)


def element_size(input: core.Tensor) -> int:
    """The size of an element in bytes."""
    return input.dtype.itemsize


def bytes_of(input: core.Tensor) -> int:
    """The size of all elements in bytes."""
    return input.array.size * input.dtype.itemsize


def stride(input: core.Tensor, dim: int | None = None) -> Any:
    """The stride in elements along each dimension, or along one."""
    needs_numbers("stride()")
    steps = tuple(step // input.dtype.itemsize for step in input.array.strides)
    return steps if dim is None else steps[dim]


# --- as a number, and as text


def as_index(input: core.Tensor) -> int:
    """The value as an int, for range() and list indices.

    Raises:
        OperandError: it is not an integer tensor with exactly one element.
    """
    needs_numbers("a tensor as an index")
    if kind_of(input) not in "bui" or input.array.size != 1:
        raise OperandError(
            "only integer tensors of a single element can be converted to an index",
            "int(t) cuts a float off; t.tolist() gives all numbers",
        )
    return int(input.array.item())


def no_complex(_: core.Tensor) -> complex:
    """Not supported.

    Raises:
        NotSupportedError: always.
    """
    raise NotSupportedError("complex numbers are not supported", "float(t) gives a real number")


def formatted(input: core.Tensor, spec: str) -> str:
    """f"{t:.2f}" formats a single number as in Python; other tensors accept no format."""
    if not input.ndim and (spec or (type(input) is core.Tensor and not is_abstract())):
        return format(input.item(), spec)
    if spec:
        raise OperandError(
            f"unsupported format string passed to {type(input).__name__}.__format__",
            "a single number can be formatted: take one with .item(), or reduce with .mean()",
        )
    return str(input)


PRINTING: dict[str, Any] = {}
"""How tensors are printed, as set by `set_printoptions`."""


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Set how tensors are printed; options that are left out keep their values.

    Args:
        precision: the number of decimals.
        threshold: the number of elements above which a summary is shown.
        edgeitems: the number of elements at each end of a summary.
        linewidth: the number of characters per line.
        profile: "default", "short" or "full".
        sci_mode: whether to use scientific notation.
    """
    profiles: dict[str, dict[str, float]] = {
        "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
        "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
        "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
    }
    if profile is not None:
        if profile not in profiles:
            raise ArgumentError(f"no profile is called {profile!r}", f"there are {', '.join(profiles)}")
        PRINTING.clear()
        PRINTING.update(profiles[profile])
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
        "sci_mode": sci_mode,
    }
    PRINTING.update({name: value for name, value in given.items() if value is not None})
