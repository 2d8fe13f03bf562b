"""Padding with one value around an array; a negative width crops it."""

from __future__ import annotations

import numpy as np

from nnviz.autograd.formula import short
from nnviz.autograd.operation import Array, Shape, define
from nnviz.autograd.sample_inputs import each
from nnviz.errors import ShapeError

Widths = tuple[tuple[int, int], ...]
"""The width added before and after, for every dimension."""

_OPTIONS = [
    {"widths": ((0, 0), (1, 2)), "value": 0.0},
    {"widths": ((1, 0), (0, 3)), "value": -2.5},
    {"widths": ((0, 1), (-1, 1)), "value": 1.0},
    {"widths": ((-1, -1), (0, 0)), "value": 0.0},
]


def _pad_shape(shape: Shape, widths: Widths, value: float = 0.0) -> Shape:
    padded = tuple(size + before + after for size, (before, after) in zip(shape, widths, strict=True))
    if any(size < 0 for size in padded):
        raise ShapeError(
            "narrow(): length must be non-negative.", f"the padding {widths} crops more than the shape {shape}"
        )
    return padded


def _kept(shape: Shape, widths: Widths) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """The part of the input that is kept, and its position in the result."""
    source = tuple(
        slice(max(-before, 0), max(size - max(-after, 0), 0))
        for size, (before, after) in zip(shape, widths, strict=True)
    )
    target = tuple(
        slice(max(before, 0), max(before, 0) + max(part.stop - part.start, 0))
        for part, (before, _) in zip(source, widths, strict=True)
    )
    return source, target


def _pad(x: Array, widths: Widths, value: float) -> Array:
    out = np.full(_pad_shape(x.shape, widths), value, x.dtype)
    source, target = _kept(x.shape, widths)
    out[target] = x[source]
    return out


def _pad_gradient(g: Array, out: Array, x: Array, widths: Widths, value: float) -> Array:
    gradient = np.zeros(x.shape, g.dtype)
    source, target = _kept(x.shape, widths)
    gradient[source] = g[target]
    return gradient


pad = define(
    "pad",
    forward=_pad,
    vjps=(_pad_gradient,),
    shape=_pad_shape,
    formula="a, padded",
    gradients=("upstream without the padding",),
    letters="a",
    written=lambda own, a, value, **_: short(a[0] if a else value),
    saved=(),
    samples=each([((2, 3),), ((3, 2),), ((2, 2),), ((4, 1),)], (), _OPTIONS),
)
