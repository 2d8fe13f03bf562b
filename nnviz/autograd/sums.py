"""Sums whose rounding error does not grow with the number of terms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

FEW = 128
"""The number of terms that can be added sequentially before rounding affects the last digit of a float32."""

ROW = 1_024
"""The number of terms that are added in pairs at a time."""


def total(a: Array, axes: tuple[int, ...] | None = None, keepdims: bool = False) -> Array:
    """The sum along `axes`, or over all, with a rounding error that does not grow with the number of terms.

    numpy adds in pairs only along contiguous memory; along other axes, such as the columns of a matrix, it keeps a
    running sum, which loses three digits over a million rows. There, sums of float32 are computed in float64.
    """
    if a.size > FEW and a.dtype.itemsize < 8 and a.dtype.kind == "f":
        if (axes is None or len(axes) == a.ndim) and (a.flags.c_contiguous or a.flags.f_contiguous):
            sum_of_all = _of_vector(a.ravel(order="K"))
            return sum_of_all.reshape((1,) * a.ndim) if keepdims else sum_of_all
        if not _lies_in_pairs(a, axes):
            return np.asarray(a.sum(axis=axes, keepdims=keepdims, dtype=np.float64)).astype(a.dtype)
    # As a.sum(), without the overhead of the method.
    return np.asarray(np.add.reduce(a, axis=axes, keepdims=keepdims))  # type: ignore[call-overload]


def _of_vector(line: Array) -> Array:
    """The sum of a vector: rows are added in pairs by numpy, and the sums of the rows in float64."""
    whole = line.size // ROW * ROW
    rows = np.add.reduce(line[:whole].reshape(-1, ROW), axis=1)
    return np.asarray(rows.sum(dtype=np.float64) + line[whole:].sum(dtype=np.float64)).astype(line.dtype)


def _lies_in_pairs(a: Array, axes: tuple[int, ...] | None) -> bool:
    """Whether the terms are contiguous in memory, or few."""
    if axes is None or len(axes) == a.ndim:
        return False
    return math.prod(a.shape[axis] for axis in axes) <= FEW or (axes in ((-1,), (a.ndim - 1,)) and a.flags.c_contiguous)
