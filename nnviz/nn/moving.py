"""Where a module is moved, and to which type: the arguments of `Module.to` and `Module.type`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.device import Device, usable
from nnviz.autograd.types import type_name
from nnviz.errors import OperandError

Dtype = np.dtype[Any]

TENSOR_TYPES = {
    f"torch.{type_name(np.dtype(name))}Tensor": np.dtype(name)
    for name in ("float16", "float32", "float64", "int64", "int32", "bool")
}


def dtype_for(given: tuple[object, ...], device: str | Device | None, dtype: object) -> Dtype | None:
    """The type that the arguments of `to` ask for; None where they ask for none.

    Args:
        given: a type, a device, a tensor whose type is meant, or `non_blocking`, in PyTorch's order.
        device: the device by its own name.
        dtype: the type by its own name.

    Raises:
        DeviceError, NotSupportedError, OperationError: they ask for a device that is not there.
        OperandError: they ask for whole numbers, or are nothing that `to` takes.
    """
    usable(device)
    found = None if dtype is None else as_dtype(dtype)
    for one in given:
        if isinstance(one, Tensor):
            found = one.dtype
        elif isinstance(one, str | Device):
            usable(one)
        elif isinstance(one, int) and not isinstance(one, bool):
            usable(Device("cuda", one))
        elif one is not None and not isinstance(one, bool):
            found = as_dtype(one)
    if found is not None and found.kind not in "fc":
        raise OperandError(
            f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.{found.name}",
            "parameters are floats: float32 or float64",
        )
    return found


def as_dtype(given: object) -> Dtype:
    """A type by itself or by the name of its tensors, such as torch.DoubleTensor.

    Raises:
        OperandError: it is none.
    """
    if isinstance(given, str) and given in TENSOR_TYPES:
        return TENSOR_TYPES[given]
    try:
        return np.dtype(given)  # type: ignore[call-overload, no-any-return]
    except TypeError:
        raise OperandError(f"expected a type of numbers, got {given!r}", "write float32 or float64") from None
