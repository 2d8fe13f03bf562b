"""Conversion of modules to another dtype: the arguments of `Module.to` and `Module.type`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.convert import conversion
from nnviz.autograd.device import Device, usable
from nnviz.autograd.types import type_name
from nnviz.errors import OperandError

Dtype = np.dtype[Any]

TENSOR_TYPES = {
    f"torch.{type_name(np.dtype(name))}Tensor": np.dtype(name)
    for name in ("float16", "float32", "float64", "int64", "int32", "bool")
}


def dtype_for(given: tuple[object, ...], device: str | Device | None, dtype: Any) -> Dtype | None:
    """The dtype requested by the arguments of `to`; None if they request none.

    Args:
        given: a dtype, a device, a tensor of the dtype, or `non_blocking`, in PyTorch's order.
        device: the device as a keyword.
        dtype: the dtype as a keyword.

    Raises:
        DeviceError, NotSupportedError, OperationError: they request a device that does not exist.
        OperandError: they request an integer dtype, or are not arguments of `to`.
    """
    for one in given:
        if isinstance(one, int) and not isinstance(one, bool):
            usable(Device("cuda", one))
    found = conversion("to", given, dtype, device)
    if found is not None and found.kind not in "fc":
        raise OperandError(
            f"nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.{found.name}",
            "parameters are floats: float32 or float64",
        )
    return found


def as_dtype(given: object) -> Dtype:
    """A dtype, given as such or by the name of its tensors, such as torch.DoubleTensor.

    Raises:
        OperandError: it is neither.
    """
    if isinstance(given, str) and given in TENSOR_TYPES:
        return TENSOR_TYPES[given]
    try:
        return np.dtype(given)  # type: ignore[call-overload, no-any-return]
    except TypeError:
        raise OperandError(f"expected a type of numbers, got {given!r}", "write float32 or float64") from None


def cast(tensor: Tensor, dtype: Dtype) -> None:
    """Convert the data and the gradient of a tensor to this dtype, in place."""
    if tensor.dtype != dtype:
        grad, tensor.grad = tensor.grad, None
        tensor.data = Tensor(tensor.array.astype(dtype))
        tensor.grad = None if grad is None else Tensor(grad.array.astype(dtype))
