"""The types of numbers under PyTorch's names, and the default type of what is made without one.

A type is numpy's own: it is what arrays carry and what every numpy function takes, so nothing has to be translated. It
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
"""PyTorch's word for each type, as its messages and its tensor classes use it."""


def get_default_dtype() -> np.dtype[Any]:
    """The type of floats that are made without one: float32 unless `set_default_dtype` changed it."""
    return _default


def set_default_dtype(d: DTypeLike) -> None:
    """Make `d` the type of floats that are made without one.

    Raises:
        OperandError: it is no floating-point type.
    """
    global _default
    kind = np.dtype(d)
    if kind.kind != "f":
        raise OperandError(
            f"only floating-point types are supported as the default type, got {kind}", "float32 or float64"
        )
    _default = kind


def supported(wanted: DTypeLike) -> np.dtype[Any]:
    """A type as numpy's own.

    Raises:
        OperandError: it is no type at all.
        NotSupportedError: it is a type of complex numbers.
    """
    try:
        # Of numpy's many names for types the full ones alone are taken.
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
    """PyTorch's name for a type in its messages: Float, Double, Long; with the byte order where that is not ours."""
    foreign = "" if kind.isnative else f" of foreign byte order ({kind.str})"
    return NAMES.get(kind.name, kind.name) + foreign


bool = np.dtype(builtins.bool)
double, float, half = float64, float32, float16
long, int, short = int64, int32, int16
