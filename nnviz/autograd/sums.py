"""Sums whose rounding error does not grow with the number of terms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

FEW = 128
"""How many numbers can be added one after the other before rounding affects the last digit of a float32."""

ROW = 1_024
"""Numbers of a line that are added at a time."""


def total(a: Array, axes: tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    """The sum along `axes`, or over all, with the rounding of a few terms however many there are.

    numpy adds in pairs along memory alone; across it, down the columns of a matrix, it keeps a plain running sum, which
    loses three digits over a million rows. There a sum of float32 is kept in float64, as PyTorch's are.
    """
    if a.size > FEW and a.dtype.itemsize < 8 and a.dtype.kind == "f":
        if (axes is None or len(axes) == a.ndim) and (a.flags.c_contiguous or a.flags.f_contiguous):
            sum_of_all = _of_line(a.ravel(order="K"))
            return sum_of_all.reshape((1,) * a.ndim) if keepdims else sum_of_all
        if not _lies_in_pairs(a, axes):
            return np.asarray(a.sum(axis=axes, keepdims=keepdims, dtype=np.float64)).astype(a.dtype)
    # What the method does, without its overhead.
    return np.asarray(np.add.reduce(a, axis=axes, keepdims=keepdims))  # type: ignore[call-overload]


def _of_line(line: Array) -> Array:
    """The sum of numbers in a line, by rows that numpy adds in pairs, and of the rows in float64."""
    whole = line.size // ROW * ROW
    rows = np.add.reduce(line[:whole].reshape(-1, ROW), axis=1)
    return np.asarray(rows.sum(dtype=np.float64) + line[whole:].sum(dtype=np.float64)).astype(line.dtype)


def _lies_in_pairs(a: Array, axes: tuple[int, ...] | None) -> bool:
    """Whether the terms are contiguous in memory, or few."""
    if axes is None or len(axes) == a.ndim:
        return False
    return math.prod(a.shape[axis] for axis in axes) <= FEW or (axes in ((-1,), (a.ndim - 1,)) and a.flags.c_contiguous)
