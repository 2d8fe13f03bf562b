"""Where a layer's numbers lie and of which type they are, when it is built."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd.dtypes import get_default_dtype
from nnviz.catalogue import CodeOnly
from nnviz.errors import DtypeError
from nnviz.nn.functional.checks import on_cpu
from nnviz.nn.module import Module

Device = Annotated[object, CodeOnly()]
Dtype = Annotated[DTypeLike | None, CodeOnly()]


def settled(layer: Module, device: object, dtype: DTypeLike | None) -> None:
    """Bring the parameters and buffers of a new layer to the type that was asked for, or to the default type.

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
