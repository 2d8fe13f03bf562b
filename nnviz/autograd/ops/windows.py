"""Windows over images: their places, their taps, and the padding.

All loops run over the taps of the window, not over its places, and process a slice of the whole batch for each tap. The
size of a result is floor((size + 2 padding − dilation (kernel − 1) − 1) / stride) + 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.autograd.operation import Array

Pair = tuple[int, int]
"""One number for the height, one for the width."""

CLOSE: Pair = (1, 1)
"""The dilation of a window with adjacent taps."""


def span(kernel: Pair, dilation: Pair = CLOSE) -> Pair:
    """The extent of a window whose taps are `dilation` apart."""
    height, width = (d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    return height, width


def places_of(size: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE) -> Pair:
    """The number of places of the kernel in each direction."""
    reach = span(kernel, dilation)
    height, width = ((n + 2 * p - k) // s + 1 for n, k, s, p in zip(size, reach, stride, padding, strict=True))
    return height, width


def taps(places: Pair, kernel: Pair, stride: Pair, dilation: Pair = CLOSE) -> Iterator[tuple[int, int, slice, slice]]:
    """Each tap with the rows and columns of the padded image that it covers, one pixel per place."""
    for i in range(kernel[0]):
        top = i * dilation[0]
        rows = slice(top, top + stride[0] * (places[0] - 1) + 1, stride[0])
        for j in range(kernel[1]):
            left = j * dilation[1]
            yield i, j, rows, slice(left, left + stride[1] * (places[1] - 1) + 1, stride[1])


def padded(x: Array, padding: Pair, value: float = 0.0) -> Array:
    """Images (..., H, W) with `value` on every side."""
    if padding == (0, 0):
        return x
    sides = ((0, 0),) * (x.ndim - 2) + ((padding[0], padding[0]), (padding[1], padding[1]))
    return np.pad(x, sides, constant_values=value)


def cropped(x: Array, padding: Pair) -> Array:
    """Images (..., H, W) without the padding."""
    (p, q), (height, width) = padding, x.shape[-2:]
    return x[..., p : height - p, q : width - q]


def lowest(dtype: np.dtype[Any]) -> float:
    """The smallest number of this dtype, which is never the maximum of a window."""
    return int(np.iinfo(dtype).min) if dtype.kind in "iu" else -np.inf


def shared(sums: Array, kernel: Pair, out: Array | None = None) -> Array:
    """Sums over all taps, divided by their number; integers are rounded toward 0, as in PyTorch."""
    area = kernel[0] * kernel[1]
    if sums.dtype.kind not in "iu":
        return np.asarray(np.divide(sums, sums.dtype.type(area), out=out))
    parts = np.sign(sums) * (np.abs(sums) // area)
    if out is None:
        return np.asarray(parts)
    out[...] = parts
    return out


@dataclass(frozen=True)
class Tap:
    """One tap of a window over images that were not padded.

    Attributes:
        row: its row in the window.
        column: its column in the window.
        seen: the rows and columns of the image that it covers.
        places: the places of the window at which it covers them; at all others it is outside the image.
        everywhere: whether it is within the image at all places.
    """

    row: int
    column: int
    seen: tuple[slice, slice]
    places: tuple[slice, slice]
    everywhere: bool


def taps_within(size: Pair, kernel: Pair, stride: Pair, padding: Pair, dilation: Pair = CLOSE) -> list[Tap]:
    """The taps, each with the part of the image that it covers; taps that cover only padding are left out."""
    places = places_of(size, kernel, stride, padding, dilation)
    found = []
    for row in range(kernel[0]):
        for column in range(kernel[1]):
            parts = [
                _within(tap * apart, n, count, step, pad)
                for tap, apart, n, count, step, pad in zip(
                    (row, column), dilation, size, places, stride, padding, strict=True
                )
            ]
            (rows, tall), (across, wide) = parts
            if tall.start < tall.stop and wide.start < wide.stop:
                full = (tall, wide) == (slice(0, places[0]), slice(0, places[1]))
                found.append(Tap(row, column, (rows, across), (tall, wide), full))
    return found


def _within(tap: int, size: int, count: int, stride: int, padding: int) -> tuple[slice, slice]:
    """Along one side: the pixels that the tap covers, and the places; place n covers n · stride + tap − padding."""
    first = max(-((tap - padding) // stride), 0)
    last = min((size - 1 + padding - tap) // stride, count - 1)
    start = first * stride + tap - padding
    return slice(start, start + (last - first) * stride + 1, stride), slice(first, last + 1)
