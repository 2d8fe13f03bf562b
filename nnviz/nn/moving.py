"""Where a module is moved, and to which type: the arguments of `Module.to` and `Module.type`."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.types import type_name
from nnviz.errors import NotSupportedError, OperandError, OperationError

Dtype = np.dtype[Any]

ELSEWHERE = ("cuda", "mps", "xpu", "xla", "mtia", "hpu", "hip", "ipu", "vulkan", "meta")
"""Devices that PyTorch knows and that are not there."""

TENSOR_TYPES = {
    f"torch.{type_name(np.dtype(name))}Tensor": np.dtype(name)
    for name in ("float16", "float32", "float64", "int64", "int32", "bool")
}


def only_cpu(device: object) -> None:
    """Refuse every device but the processor.

    Args:
        device: a name such as "cpu", the number of an accelerator, or an object with the name as its `type`.

    Raises:
        NotSupportedError: PyTorch would compute there, nnviz does not.
        OperationError: there is no such device.
    """
    name = str(getattr(device, "type", device)) if not isinstance(device, int) else "cuda"
    kind = name.partition(":")[0]
    if re.fullmatch(r"cpu(:\d+)?", name):
        return
    if kind in ELSEWHERE:
        words = "Torch not compiled with CUDA enabled" if kind == "cuda" else f"there is no device of type {kind}"
        raise NotSupportedError(
            words, 'nnviz computes on the processor: leave it out, or write "cuda" if cuda.is_available() else "cpu"'
        )
    raise OperationError(
        "Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, hip, ve, fpga, maia, xla, lazy, vulkan, "
        f"mps, meta, hpu, mtia, privateuseone device type at start of device string: {kind}",
        'write "cpu"',
    )


def dtype_for(given: tuple[object, ...], device: object, dtype: object) -> Dtype | None:
    """The type that the arguments of `to` ask for; None where they ask for none.

    Raises:
        NotSupportedError, OperationError: they ask for a device that is not there.
        OperandError: they ask for whole numbers, or are nothing that `to` takes.
    """
    found = None if dtype is None else as_dtype(dtype)
    for one in (*given, *(() if device is None else (device,))):
        if isinstance(one, Tensor):
            found = one.dtype
        elif isinstance(one, str) or (isinstance(one, int) and not isinstance(one, bool)) or hasattr(one, "index"):
            only_cpu(one)
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
