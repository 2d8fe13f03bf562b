"""The device and dtype of a new layer."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd.dtypes import get_default_dtype
from nnviz.errors import DtypeError
from nnviz.nn.functional.checks import on_cpu
from nnviz.nn.module import Module
from nnviz.registry import CodeOnly

Device = Annotated[object, CodeOnly()]
Dtype = Annotated[DTypeLike | None, CodeOnly()]


def to_device_and_dtype(layer: Module, device: object, dtype: DTypeLike | None) -> None:
    """Convert the parameters and buffers of a new layer to the requested dtype, or to the default one.

    Raises:
        NotSupportedError: a device that is not the CPU.
        DtypeError: a type that is neither float32 nor float64.
    """
    on_cpu(device)
    kind = get_default_dtype() if dtype is None else np.dtype(dtype)
    if kind == np.float64:
        layer.double()
    elif kind != np.float32:
        raise DtypeError(
            f"a layer's parameters are float32 or float64, not {kind.name}",
            "leave dtype out" if dtype is not None else "call set_default_dtype() with one of them",
        )
