"""The normal distribution function Φ of arrays, which the standard library has only for single numbers.

Φ is tabulated at equally spaced nodes. With the node k nearest to z, and the distance d = z − k,

    ∫ φ(t) dt from k to z = d · φ(m) · (1 + d² (m² − 1) / 24 + …),  m = (z + k) / 2,  m² = z·k + d² / 4,

where the bracket equals e to the power of d² (m² − 1) / 24 up to d⁴, so that a single exponential suffices:

    Φ(z) = Φ(k) + d · φ(2) · e^((z·k − 4) · (d²/24 − 1/2))

The derivative of z · Φ(z) is S(z) = Φ(z) + z · φ(z), with S′(z) = φ(z) (2 − z²); in the same way,

    S(z) = S(k) + d · φ(√8) · (2 − z·k) · e^((z·k − 8) · (d²/24 − 1/2))

There is no cancellation on the left, where Φ is small: z − k is exact, and a rounding error of the exponential affects
only the distance from the node. In float32, the nodes are close enough to omit d².
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from nnviz.autograd.operation import Array

BLOCK = 19_968
"""The number of elements that are computed at once: with all temporary arrays they fit into the cache."""

LINE = 64
"""Bytes added to the rows of the buffers, since accesses at distances of a power of 2 delay each other."""

REACH = 1e9
"""The largest absolute value for which the nearest node is found by rounding; others are clipped first."""

DENSITY = 1 / math.sqrt(2 * math.pi)


class Table(NamedTuple):
    """A function at equally spaced nodes, and the constants to find the node nearest to a number.

    Adding `magic` to a number rounds it to a multiple of the spacing; `first` is the sum of `magic` and the first node,
    with its bits read as an integer.
    """

    nodes: Array
    magic: Array
    first: Array
    whole: np.dtype[Any]
    left: Array
    right: Array


def gelu_of(z: Array) -> Array:
    """z · Φ(z), accurate to the last digits even on the left, where Φ is small."""
    return _by_blocks(z, slope=False)


def gelu_slope(z: Array) -> Array:
    """Φ(z) + z · φ(z), with φ the density."""
    return _by_blocks(z, slope=True)


def _by_blocks(z: Array, slope: bool) -> Array:
    flat = z.reshape(-1)
    found = np.empty(flat.shape, flat.dtype)
    table, work = _table(flat.dtype, slope), (_short if flat.dtype.itemsize < 8 else _long)
    size = min(BLOCK, flat.size)
    buffers = np.empty((3, size + LINE // flat.dtype.itemsize), flat.dtype)[:, :size]
    index = buffers[2].view(np.int64) if flat.dtype.itemsize == 8 else np.empty(size, np.int64)
    for start in range(0, flat.size, BLOCK):
        part, out = flat[start : start + BLOCK], found[start : start + BLOCK]
        if part.size < size:
            buffers, index = buffers[:, : part.size], index[: part.size]
        if _are_near(part):
            work(part, out, buffers, index, table, slope)
            continue
        near = np.minimum(np.maximum(part, table.left), table.right)
        work(near, out, buffers, index, table, slope)
        if not slope:
            np.copyto(out, part, where=part > table.right)
    return found.reshape(z.shape)


def _are_near(z: Array) -> bool:
    """Whether all numbers are finite and at most about REACH, judged by their sum of squares.

    It is computed in two halves, since OpenBLAS uses threads for more than 10,000 numbers, which takes longer.
    """
    half = z.size // 2
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.dot(z[:half], z[:half]) + np.dot(z[half:], z[half:]) < REACH * REACH)


def _long(z: Array, out: Array, buffers: Array, index: Array, table: Table, slope: bool) -> None:
    """Compute a block in float64."""
    node, way, power = buffers
    _nearest(z, out, node, way, index, table)
    np.multiply(node, z, out=node)
    if slope:
        np.subtract(node, _TWO, out=node)
        np.multiply(way, node, out=power)
        np.multiply(power, _FACTOR_SLOPE, out=power)
        np.subtract(node, _SIX, out=node)
    else:
        np.multiply(way, _FACTOR, out=power)
        np.subtract(node, _FOUR, out=node)
    np.square(way, out=way)
    np.multiply(way, _TWENTY_FOURTH, out=way)
    np.subtract(way, _HALF, out=way)
    np.multiply(way, node, out=way)
    np.exp(way, out=way)
    np.multiply(way, power, out=way)
    np.add(out, way, out=out)
    if not slope:
        np.multiply(out, z, out=out)


def _short(z: Array, out: Array, buffers: Array, index: Array, table: Table, slope: bool) -> None:
    """Compute a block in float32."""
    node, way, power = buffers
    _nearest(z, out, node, way, index, table)
    np.multiply(node, z, out=node)
    np.multiply(node, _SHORT_HALF, out=power)
    np.exp(power, out=power)
    np.multiply(way, _SHORT_DENSITY, out=way)
    np.multiply(way, power, out=way)
    if slope:
        np.subtract(_SHORT_TWO, node, out=node)
        np.multiply(way, node, out=way)
    np.add(out, way, out=out)
    if not slope:
        np.multiply(out, z, out=out)


def _nearest(z: Array, out: Array, node: Array, way: Array, index: Array, table: Table) -> None:
    """Compute the nearest node, the distance from it, and in `out` the value of the table there."""
    np.add(z, table.magic, out=node)
    np.subtract(node.view(table.whole), table.first, out=index)
    table.nodes.take(index, out=out, mode="clip")
    np.subtract(node, table.magic, out=node)
    np.subtract(z, node, out=way)


_TWO, _FOUR, _SIX, _HALF, _TWENTY_FOURTH = (np.array(number) for number in (2.0, 4.0, 6.0, 0.5, 1 / 24))
_FACTOR, _FACTOR_SLOPE = np.array(DENSITY * math.exp(-2)), np.array(-DENSITY * math.exp(-4))
_SHORT_TWO, _SHORT_HALF, _SHORT_DENSITY = (np.array(number, np.float32) for number in (2, -0.5, DENSITY))
"""Arrays without dimensions, since a Python number would be converted to one at every call."""


@cache
def _table(dtype: np.dtype[Any], slope: bool) -> Table:
    """The table from where z · Φ(z) is rounded to 0 to where it is rounded to z; computed on first use, in 10 ms."""
    # The bits of the mantissa and of the spacing, the first and last node, and the integer type.
    digits, fine, left, right, whole = (52, 11, -40, 9, "i8") if dtype.itemsize == 8 else (23, 9, -16, 7, "i4")
    x = np.arange(left << fine, (right << fine) + 1) / (1 << fine)
    density = DENSITY * np.exp(-0.5 * x * x)
    nodes = _share(x, density)
    if slope:
        nodes += x * density
    magic = np.array(1.5 * 2.0 ** (digits - fine), dtype)
    first = np.asarray(magic.view(whole), np.int64) + (left << fine)
    return Table(
        nodes.astype(dtype), magic, np.asarray(first), np.dtype(whole), np.array(left, dtype), np.array(right, dtype)
    )


def _share(x: Array, density: Array) -> Array:
    """Φ at the nodes, by the error function of the standard library."""
    root = math.sqrt(0.5)
    y = x * -root
    # The rounding error of y, from exact products: far from 0, it would affect many digits of Φ.
    high = float(np.float32(root))
    off = (y + x * high) + x * (root - high) + x * _ROOT_REST
    return np.array([math.erfc(each) for each in y.tolist()]) / 2 + math.sqrt(2) * density * off


_ROOT_REST = -4.833646656726457e-17
"""√½ minus its float64 value."""
