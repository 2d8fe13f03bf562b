"""The normal distribution: its share below z, for whole arrays at once, which the standard library has for one number.

The share Φ is kept in a table at equally spaced nodes. From the node k nearest to z it is a short way d = z − k, and

    ∫ φ(t) dt from k to z = d · φ(m) · (1 + d² (m² − 1) / 24 + …),  m = (z + k) / 2,  m² = z·k + d² / 4,

where the bracket is e to the power of d² (m² − 1) / 24 up to d⁴, so that one exponential holds all of it:

    Φ(z) = Φ(k) + d · φ(2) · e^((z·k − 4) · (d²/24 − 1/2))

The slope of z · Φ(z), S(z) = Φ(z) + z · φ(z), is φ(z) (2 − z²) steep, and the same steps give

    S(z) = S(k) + d · φ(√8) · (2 − z·k) · e^((z·k − 8) · (d²/24 − 1/2))

Nothing cancels on the left, where Φ is small: z − k is exact, and what is rounded in the exponential counts only as
much as the way from the node. In float32 the nodes are so near, beside its last digit, that d² can be left out.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from nnviz.autograd.operation import Array

BLOCK = 19_968
"""Numbers that are worked on at once: with what is computed on the way they stay near the processor."""

LINE = 64
"""Bytes that rows of the room are apart beyond a power of 2, where the processor takes them for one another."""

REACH = 1e9
"""As far as this the nearest node is found by rounding; what is farther out is brought nearer first."""

DENSITY = 1 / math.sqrt(2 * math.pi)


class Table(NamedTuple):
    """A function at equally spaced nodes, and how the node nearest to a number is found.

    `magic` is so large that a number added to it loses what it has beyond a multiple of the spacing; `first` is what
    `magic` and the first node add up to, its bits read as a whole number.
    """

    nodes: Array
    magic: Array
    first: Array
    whole: np.dtype[Any]
    left: Array
    right: Array


def gelu_of(z: Array) -> Array:
    """z · Φ(z), to the last digits also on the left, where Φ is small."""
    return _by_blocks(z, slope=False)


def gelu_slope(z: Array) -> Array:
    """Φ(z) + z · φ(z), with φ the density."""
    return _by_blocks(z, slope=True)


def _by_blocks(z: Array, slope: bool) -> Array:
    flat = z.reshape(-1)
    found = np.empty(flat.shape, flat.dtype)
    table, work = _table(flat.dtype, slope), (_short if flat.dtype.itemsize < 8 else _long)
    size = min(BLOCK, flat.size)
    room = np.empty((3, size + LINE // flat.dtype.itemsize), flat.dtype)[:, :size]
    index = room[2].view(np.int64) if flat.dtype.itemsize == 8 else np.empty(size, np.int64)
    for start in range(0, flat.size, BLOCK):
        part, out = flat[start : start + BLOCK], found[start : start + BLOCK]
        if part.size < size:
            room, index = room[:, : part.size], index[: part.size]
        if _are_near(part):
            work(part, out, room, index, table, slope)
            continue
        near = np.minimum(np.maximum(part, table.left), table.right)
        work(near, out, room, index, table, slope)
        if not slope:
            np.copyto(out, part, where=part > table.right)
    return found.reshape(z.shape)


def _are_near(z: Array) -> bool:
    """Whether no number is beyond REACH, infinite or NaN, by their sum of squares, which then is so, too.

    Of more than 10,000 numbers at once OpenBLAS would wake its other threads, which takes longer than the sum.
    """
    half = z.size // 2
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.dot(z[:half], z[:half]) + np.dot(z[half:], z[half:]) < REACH * REACH)


def _long(z: Array, out: Array, room: Array, index: Array, table: Table, slope: bool) -> None:
    """In float64, from the nearest node."""
    node, way, power = room
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


def _short(z: Array, out: Array, room: Array, index: Array, table: Table, slope: bool) -> None:
    """In float32, from the nearest node."""
    node, way, power = room
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
    """The nearest node, the way from it, and in `out` what the table holds there."""
    np.add(z, table.magic, out=node)
    np.subtract(node.view(table.whole), table.first, out=index)
    table.nodes.take(index, out=out, mode="clip")
    np.subtract(node, table.magic, out=node)
    np.subtract(z, node, out=way)


_TWO, _FOUR, _SIX, _HALF, _TWENTY_FOURTH = (np.array(number) for number in (2.0, 4.0, 6.0, 0.5, 1 / 24))
_FACTOR, _FACTOR_SLOPE = np.array(DENSITY * math.exp(-2)), np.array(-DENSITY * math.exp(-4))
_SHORT_TWO, _SHORT_HALF, _SHORT_DENSITY = (np.array(number, np.float32) for number in (2, -0.5, DENSITY))
"""Arrays without a dimension: a plain number would be turned into one at every call."""


@cache
def _table(dtype: np.dtype[Any], slope: bool) -> Table:
    """Nodes from where z · Φ(z) is 0 in the type to where it is z; made when first asked for, in about 10 ms."""
    # Digits of the type, of the spacing, and the ends.
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
    """Φ at numbers of few digits, by the error function of the standard library."""
    root = math.sqrt(0.5)
    y = x * -root
    # What y is off by, from products that are exact: far out it moves the share by many last digits.
    high = float(np.float32(root))
    off = (y + x * high) + x * (root - high) + x * _ROOT_REST
    return np.array([math.erfc(each) for each in y.tolist()]) / 2 + math.sqrt(2) * density * off


_ROOT_REST = -4.833646656726457e-17
"""What √½ is beyond its float64."""
