"""Reductions, and the softmax family along one dimension."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np

from nnviz.autograd.formula import factor, joined, powers, short
from nnviz.autograd.operation import OUT, Array, Shape, define
from nnviz.autograd.ops.shape import dimension
from nnviz.autograd.sample_inputs import Domain, distinct, each, unary
from nnviz.autograd.sums import total
from nnviz.errors import PositionError, ShapeError

Dim = int | tuple[int, ...] | None
"""The dimensions to reduce: one, several, or None for all."""

ALONG = [((3,),), ((2, 3),), ((2, 3, 2),), ((1, 4),), ((0, 3),)]
REDUCTIONS: tuple[dict[str, Any], ...] = (
    {"dim": None, "keepdim": False}, {"dim": 0, "keepdim": False}, {"dim": -1, "keepdim": True},
    {"dim": (0,), "keepdim": True},
)  # fmt: skip


def axes_of(dim: Dim, ndim: int) -> tuple[int, ...]:
    """The reduced dimensions, counted from 0."""
    if dim is None or dim == ():
        return tuple(range(ndim))
    found = tuple(dimension(d, ndim) for d in (dim if isinstance(dim, tuple) else (dim,)))
    if len(set(found)) != len(found):
        raise ShapeError(f"dim {found[0]} appears multiple times in the list of dims")
    return tuple(d for d in found if d < ndim)


def reduced(shape: Shape, dim: Dim = None, keepdim: bool = False, **_: Any) -> Shape:
    """The shape rule of every reduction."""
    dims = axes_of(dim, len(shape))
    if keepdim:
        return tuple(1 if i in dims else size for i, size in enumerate(shape))
    return tuple(size for i, size in enumerate(shape) if i not in dims)


def opened(g: Array, shape: Shape, dim: Dim, keepdim: bool) -> Array:
    """A reduction's gradient with the reduced dimensions restored, as size 1."""
    return g if keepdim or dim is None else g.reshape(reduced(shape, dim, True))


def _count(shape: Shape, dim: Dim) -> int:
    return math.prod(shape) if dim is None else math.prod(shape[i] for i in axes_of(dim, len(shape)))


def _sum(a: Array, dim: Dim = None, keepdim: bool = False) -> Array:
    return total(a, None if dim is None else axes_of(dim, a.ndim), keepdim)


def _spread(g: Array, shape: Shape) -> Array:
    """A reduction's gradient, broadcast to its input."""
    wide = np.empty(shape, g.dtype)
    wide[...] = g
    return wide


def _sum_gradient(g: Array, out: Array, a: Array, dim: Dim = None, keepdim: bool = False) -> Array:
    return _spread(opened(g, a.shape, dim, keepdim), a.shape)


def _mean(a: Array, dim: Dim = None, keepdim: bool = False) -> Array:
    count = _count(a.shape, dim)
    # The mean of nothing is NaN, as in PyTorch, without numpy's warning.
    return np.asarray(_sum(a, dim, keepdim) / a.dtype.type(count or np.nan))


def _mean_gradient(g: Array, out: Array, a: Array, dim: Dim = None, keepdim: bool = False) -> Array:
    return _spread(opened(g / (_count(a.shape, dim) or 1), a.shape, dim, keepdim), a.shape)


def _centered(a: Array, dim: Dim) -> Array:
    """a − mean, in float64 where a is shorter: the mean of large numbers that differ little does not fit in float32."""
    if a.dtype.kind == "f" and a.dtype.itemsize < 8:
        a = a.astype(np.float64)
    return np.asarray(a - _mean(a, dim, True))


def _wide_var(a: Array, dim: Dim, keepdim: bool, correction: int) -> Array:
    """The variance in the dtype that it is summed in."""
    centered = _centered(a, dim)
    free = _count(a.shape, dim) - correction
    return np.asarray(_sum(centered * centered, dim, keepdim) / (free if free > 0 else np.nan))


def _var(a: Array, dim: Dim, keepdim: bool, correction: int) -> Array:
    return _wide_var(a, dim, keepdim, correction).astype(a.dtype, copy=False)


def _var_gradient(g: Array, out: Array, a: Array, dim: Dim, keepdim: bool, correction: int) -> Array:
    free = _count(a.shape, dim) - correction
    wide = opened(g, a.shape, dim, keepdim)
    centered = _centered(a, dim).astype(a.dtype, copy=False)
    return np.asarray(wide * (2 / free if free > 0 else np.nan) * centered)


def _std(a: Array, dim: Dim, keepdim: bool, correction: int) -> Array:
    return np.asarray(np.sqrt(_wide_var(a, dim, keepdim, correction))).astype(a.dtype, copy=False)


def _std_gradient(g: Array, out: Array, a: Array, dim: Dim, keepdim: bool, correction: int) -> Array:
    # 0 where all elements are equal: |a − mean| has a kink there.
    safe = np.where(out == 0, 1, out)
    return _var_gradient(np.where(out == 0, 0, g / (2 * safe)), out, a, dim, keepdim, correction)


def _extreme_shape(shape: Shape, dim: int | None, keepdim: bool) -> Shape:
    dims = range(len(shape)) if dim is None else (dimension(dim, len(shape)),)
    if any(shape[i : i + 1] == (0,) for i in dims):
        hint = "an empty tensor has no maximum or minimum"
        if dim is not None:
            raise PositionError(f"max(): Expected reduction dim {dim} to have non-zero size.", hint)
        raise ShapeError(
            "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the "
            "'dim' argument.",
            hint,
        )
    return reduced(shape, dim, keepdim)


def _extreme_gradient(g: Array, out: Array, a: Array, dim: int | None, keepdim: bool) -> Array:
    """The gradient goes to the extreme element; ties share it evenly, or along a dimension the first gets all of it."""
    equal = a == opened(out, a.shape, dim, keepdim)
    share = equal / equal.sum() if dim is None or not a.ndim else equal & (np.cumsum(equal, axis=dim) == 1)
    return np.asarray((opened(g, a.shape, dim, keepdim) * share).astype(g.dtype, copy=False))


def _softmax(z: Array, dim: int) -> Array:
    if not z.size or not z.ndim:
        return np.ones_like(z)
    # Subtracting the largest does not change the result, and no exponential exceeds 1.
    powers = np.exp(z - z.max(axis=dim, keepdims=True))
    return np.asarray(powers / total(powers, (dim,), keepdims=True))


def _top(z: Array, dim: Dim) -> Array:
    """The largest along `dim`; 0 where that is infinite or there is none, so that it can be subtracted."""
    top = np.asarray(z.max(axis=axes_of(dim, z.ndim), keepdims=True, initial=-np.inf))
    return np.where(np.isfinite(top), top, 0).astype(z.dtype, copy=False)


def _logsumexp(z: Array, dim: Dim, keepdim: bool) -> Array:
    top = _top(z, dim)
    found = np.log(total(np.exp(z - top), axes_of(dim, z.ndim), keepdims=True)) + top
    return np.asarray(found.reshape(reduced(z.shape, dim, keepdim)))


def _logsumexp_gradient(g: Array, out: Array, z: Array, dim: Dim, keepdim: bool) -> Array:
    wide = opened(out, z.shape, dim, keepdim)
    share = np.exp(z - np.where(np.isfinite(wide), wide, 0))
    return np.asarray(opened(g, z.shape, dim, keepdim) * share)


def _log_softmax(z: Array, dim: int) -> Array:
    if not z.size or not z.ndim:
        return np.zeros_like(z)
    shifted = z - z.max(axis=dim, keepdims=True)
    return np.asarray(shifted - np.log(total(np.exp(shifted), (dim,), keepdims=True)))


def _softmax_gradient(g: Array, out: Array, z: Array, dim: int) -> Array:
    return np.asarray(out * (g - total(g * out, axes_of(dim, z.ndim), keepdims=True)))


def _log_softmax_gradient(g: Array, out: Array, z: Array, dim: int) -> Array:
    return np.asarray(g - np.exp(out) * total(g, axes_of(dim, z.ndim), keepdims=True))


def along_shape(shape: Shape, dim: int) -> Shape:
    """The shape rule of operations along one dimension that keep the shape."""
    dimension(dim, len(shape))
    return shape


def along(index: Shape, shape: Shape, dims: Dim, kept: bool) -> list[Shape]:
    """The elements along `dims` that the result's element at `index` depends on; `kept` if the result keeps `dims`."""
    swept = {dim % len(shape) for dim in axes_of(dims, len(shape)) or range(len(shape))} if shape else set()
    fixed = iter(index)
    ranges = []
    for at, size in enumerate(shape):
        if at in swept:
            ranges.append(range(size))
            if kept:
                next(fixed)
        else:
            ranges.append(range((place := next(fixed)), place + 1))
    return list(itertools.product(*ranges))


def reduced_reads(index: Shape, shape: Shape, dim: Dim = None, keepdim: bool = False, **_: object) -> list[list[Shape]]:
    """The elements that an element of a reduction depends on."""
    return [along(index, shape, dim, keepdim)]


def _row_reads(index: Shape, shape: Shape, dim: int) -> list[list[Shape]]:
    return [along(index, shape, dim, True)]


def _spread_written(numbers: list[float], correction: int) -> str:
    mean = float(np.mean(numbers))
    squares = "(aᵢ − mean)²" if len(numbers) > 3 else " + ".join(f"({factor(a)} − {factor(mean)})²" for a in numbers)
    many = f"Σ {squares}, mean {short(mean)}, " if len(numbers) > 3 else ""
    return f"{many}{len(numbers):,} numbers" if many else f"({squares}) / {len(numbers) - correction}"


sum = define(  # noqa: A001 (the operation's own name)
    "sum",
    forward=_sum,
    vjps=(_sum_gradient,),
    shape=reduced,
    formula="Σ a",
    gradients=("upstream",),
    reads=reduced_reads,
    written=lambda own, a, **_: joined(a, " + "),
    saved=(),
    samples=unary(Domain(), *REDUCTIONS),
)
mean = define(
    "mean",
    forward=_mean,
    vjps=(_mean_gradient,),
    shape=reduced,
    formula="Σ a / n",
    gradients=("upstream / n",),
    reads=reduced_reads,
    written=lambda own, a, **_: f"({joined(a, ' + ')}) / {len(a):,}",
    saved=(),
    samples=each([*ALONG[:-1], ((),)], (), REDUCTIONS),
)
var = define(
    "var",
    forward=_var,
    vjps=(_var_gradient,),
    shape=reduced,
    formula="Σ (a − mean)² / (n − correction)",
    gradients=("upstream · 2 · (a − mean) / (n − correction)",),
    reads=reduced_reads,
    written=lambda own, a, **o: _spread_written(a, o["correction"]),
    saved=(0,),
    samples=each(
        [((3,),), ((4, 3),), ((2, 3, 2),)], (), [{**o, "correction": c} for o in REDUCTIONS for c in (0, 1)], (0.5,)
    ),
)
std = define(
    "std",
    forward=_std,
    vjps=(_std_gradient,),
    shape=reduced,
    formula="√(Σ (a − mean)² / (n − correction))",
    gradients=("upstream · (a − mean) / (out · (n − correction))",),
    reads=reduced_reads,
    written=lambda own, a, **o: f"√({_spread_written(a, o['correction'])})",
    saved=(0, OUT),
    samples=distinct(lambda: var.samples()[:-1]),
)
max = define(  # noqa: A001 (the operation's own name)
    "max",
    forward=lambda a, dim, keepdim: a.max(axis=axes_of(dim, a.ndim), keepdims=keepdim),
    vjps=(_extreme_gradient,),
    shape=_extreme_shape,
    formula="the largest",
    gradients=("upstream at the largest, 0 elsewhere",),
    reads=reduced_reads,
    written=lambda own, a, **_: f"max({joined(a, ', ')})",
    saved=(0, OUT),
    samples=distinct(each(ALONG[:-1], (), REDUCTIONS[:3])),
    analytic=False,
)
min = define(  # noqa: A001 (the operation's own name)
    "min",
    forward=lambda a, dim, keepdim: a.min(axis=axes_of(dim, a.ndim), keepdims=keepdim),
    vjps=(_extreme_gradient,),
    shape=_extreme_shape,
    formula="the smallest",
    gradients=("upstream at the smallest, 0 elsewhere",),
    reads=reduced_reads,
    written=lambda own, a, **_: f"min({joined(a, ', ')})",
    saved=(0, OUT),
    samples=distinct(each(ALONG[:-1], (), REDUCTIONS[:3])),
    analytic=False,
)
logsumexp = define(
    "logsumexp",
    forward=_logsumexp,
    vjps=(_logsumexp_gradient,),
    shape=reduced,
    formula="ln Σ eᶻ",
    gradients=("upstream · e^(z − out)",),
    letters="z",
    reads=reduced_reads,
    written=lambda own, z, **_: f"ln({powers(z)})",
    saved=(0, OUT),
    samples=each(ALONG[:-1], (), REDUCTIONS, (-1e4, 1e4)),
)
softmax = define(
    "softmax",
    forward=_softmax,
    vjps=(_softmax_gradient,),
    shape=along_shape,
    formula="eᶻⁱ / Σⱼ eᶻʲ",
    gradients=("out · (upstream − Σ upstream · out)",),
    letters="z",
    reads=_row_reads,
    written=lambda own, z, **_: f"e^{factor(own)} / ({powers(z)})",
    saved=(OUT,),
    samples=each(ALONG, (), ({"dim": -1}, {"dim": 0}), (-1e4, 1e4)),
)
log_softmax = define(
    "log_softmax",
    forward=_log_softmax,
    vjps=(_log_softmax_gradient,),
    shape=along_shape,
    formula="zᵢ − ln Σⱼ eᶻʲ",
    gradients=("upstream − e^out · Σ upstream",),
    letters="z",
    reads=_row_reads,
    written=lambda own, z, **_: f"{short(own)} − ln({powers(z)})",
    saved=(OUT,),
    samples=each(ALONG, (), ({"dim": -1}, {"dim": 0}), (-1e4, 1e4)),
)
