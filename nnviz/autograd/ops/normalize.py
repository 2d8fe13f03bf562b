"""Normalization to mean 0 and variance 1 over some dimensions, as in batch and layer normalization."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np

from nnviz.autograd.formula import factor, short
from nnviz.autograd.operation import OUT, Array, define
from nnviz.autograd.ops.elementwise import same
from nnviz.autograd.ops.reduce import along
from nnviz.autograd.sample_inputs import each
from nnviz.autograd.sums import total

Dims = tuple[int, ...]


FAR = 1e4
"""The ratio of mean² to variance above which the rounding error of the mean matters."""


def _moments(x: Array, dims: Dims) -> tuple[Array, Array, Array]:
    """x − mean, the mean and the variance along `dims`.

    The mean of large numbers that differ little is rounded in their dtype. The mean of the differences, which is that
    rounding error, is then subtracted as well.
    """
    count = x.dtype.type(math.prod(x.shape[dim] for dim in dims))
    mean = total(x, dims, keepdims=True) / count
    centered = x - mean
    variance = np.asarray(total(centered * centered, dims, keepdims=True) / count)
    if (np.abs(mean * mean) > FAR * np.abs(variance)).any():
        rest = total(centered, dims, keepdims=True) / count
        centered -= rest
        mean = mean + rest
        variance = np.asarray(total(centered * centered, dims, keepdims=True) / count)
    return centered, mean, variance


class Watcher(Protocol):
    """Receives mean and variance, for example a layer that keeps running averages of them."""

    def seen(self, mean: Array, variance: Array, count: int) -> None:
        """Receive mean and biased variance, each of `count` numbers."""


def _normalize(x: Array, dims: Dims, eps: float, watcher: Watcher | None = None) -> Array:
    if not x.size:
        return x.copy()
    centered, mean, variance = _moments(x, dims)
    if watcher is not None:
        watcher.seen(mean.ravel(), variance.ravel(), x.size // variance.size)
    return np.asarray(centered * (1 / np.sqrt(variance + x.dtype.type(eps))))


def _normalize_vjp(g: Array, out: Array, x: Array, dims: Dims, eps: float, watcher: Watcher | None = None) -> Array:
    if not x.size:
        return g
    # Mean and variance depend on every number: their two terms are subtracted from the gradient.
    count = x.dtype.type(math.prod(x.shape[dim] for dim in dims))
    along = (total(g, dims, keepdims=True) + out * total(g * out, dims, keepdims=True)) / count
    _, _, variance = _moments(x, dims)
    return np.asarray((g - along) * (1 / np.sqrt(variance + x.dtype.type(eps))))


def _normalize_written(own: float, x: list[float], eps: float, **_: object) -> str:
    mean, variance = float(np.mean(x)), float(np.var(x))
    return f"({short(own)} − {factor(mean)}) / √({short(variance)} + {eps:g})"


normalize = define(
    "normalize",
    forward=_normalize,
    vjps=(_normalize_vjp,),
    shape=same,
    formula="(x − mean) / √(variance + ε)",
    gradients=("(upstream − mean(upstream) − out · mean(upstream · out)) / √(variance + ε)",),
    letters="x",
    reads=lambda index, x, dims, **_: [along(index, x, dims, True)],
    written=_normalize_written,
    saved=(0, OUT),
    samples=each(
        [((4, 3),), ((3, 2, 2),), ((2, 3, 2, 2),), ((0, 3),), ((5, 1),)],
        (),
        [{"dims": (0,), "eps": 1e-2}, {"dims": (-1,), "eps": 1e-2}, {"dims": (0, 1), "eps": 1e-1}],
    ),
)
