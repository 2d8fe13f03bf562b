"""Dtypes under PyTorch's names, and the default dtype.

A dtype is numpy's own: it is what arrays carry and what every numpy function takes, so nothing has to be translated. It
prints as `float32` where PyTorch prints `torch.float32`.
"""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nnviz.errors import NotSupportedError, OperandError

__all__ = [
    "bool", "double", "dtype", "finfo", "float", "float16", "float32", "float64", "get_default_dtype", "half", "iinfo",
    "int", "int8", "int16", "int32", "int64", "long", "set_default_dtype", "short", "uint8",
]  # fmt: skip

dtype = np.dtype
finfo = np.finfo
iinfo = np.iinfo

float16, float32, float64 = (np.dtype(name) for name in ("float16", "float32", "float64"))
int8, int16, int32, int64 = (np.dtype(name) for name in ("int8", "int16", "int32", "int64"))
uint8 = np.dtype("uint8")

_default: np.dtype[Any] = float32

NAMES = {
    "float16": "Half",
    "float32": "Float",
    "float64": "Double",
    "int8": "Char",
    "int16": "Short",
    "int32": "Int",
    "int64": "Long",
    "uint8": "Byte",
    "bool": "Bool",
}
"""PyTorch's name for each dtype in its messages and tensor classes."""


def get_default_dtype() -> np.dtype[Any]:
    """The default floating-point dtype: float32 unless changed by `set_default_dtype`."""
    return _default


def set_default_dtype(d: DTypeLike) -> None:
    """Set the default floating-point dtype.

    Raises:
        OperandError: it is not a floating-point dtype.
    """
    global _default
    kind = np.dtype(d)
    if kind.kind != "f":
        raise OperandError(
            f"only floating-point types are supported as the default type, got {kind}", "float32 or float64"
        )
    _default = kind


def supported(wanted: DTypeLike) -> np.dtype[Any]:
    """A dtype as numpy's.

    Raises:
        OperandError: it is not a dtype.
        NotSupportedError: it is a complex dtype.
    """
    try:
        # Of numpy's many names for dtypes only the full ones are accepted.
        if isinstance(wanted, str) and wanted not in NAMES:
            raise TypeError
        kind: np.dtype[Any] = np.dtype(wanted)
    except TypeError:
        raise OperandError(
            f"argument 'dtype' must be torch.dtype, not {type(wanted).__name__}", "for example dtype=float32"
        ) from None
    if kind.kind == "c":
        raise NotSupportedError(f"complex numbers are not supported: {kind}", "use float32 or float64")
    if kind.kind not in "buif":
        raise OperandError(f"a tensor cannot hold elements of type {kind}", "for example dtype=float32")
    return kind


def type_name(kind: np.dtype[Any]) -> str:
    """PyTorch's name for a type in its messages: Float, Double, Long; with the byte order if it is not native."""
    foreign = "" if kind.isnative else f" of foreign byte order ({kind.str})"
    return NAMES.get(kind.name, kind.name) + foreign


bool = np.dtype(builtins.bool)
double, float, half = float64, float32, float16
long, int, short = int64, int32, int16
