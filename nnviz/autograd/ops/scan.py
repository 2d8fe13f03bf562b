"""More reductions, and cumulative sums and products along a dimension."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nnviz.autograd.formula import joined
from nnviz.autograd.operation import OUT, Array, Operation, Shape, define
from nnviz.autograd.ops.reduce import ALONG, Dim, along_shape, axes_of, opened, reduced, reduced_reads
from nnviz.autograd.sample_inputs import Domain, Sample, distinct, each
from nnviz.errors import OperationError

AWAY = Domain(away=(0.0,))


# --- products


def _flat(array: Array, dim: int | None) -> tuple[Array, int]:
    """The array and the dimension of a product: the flattened array if `dim` is None."""
    return (array.reshape(-1), 0) if dim is None or not array.ndim else (array, dim)


def _products_before(a: Array, dim: int) -> Array:
    """The exclusive cumulative product along `dim`."""
    moved = np.moveaxis(a, dim, 0)
    before = np.ones_like(moved)
    np.cumprod(moved[:-1], axis=0, out=before[1:])
    return np.moveaxis(before, 0, dim)


def _prod(a: Array, dim: int | None, keepdim: bool) -> Array:
    return np.asarray(np.prod(a, axis=axes_of(dim, a.ndim), keepdims=keepdim, dtype=a.dtype))


def _prod_gradient(g: Array, out: Array, a: Array, dim: int | None, keepdim: bool) -> Array:
    # The product of all others, without dividing: an element may be 0.
    flat, along_dim = _flat(a, dim)
    before = _products_before(flat, along_dim)
    after = np.flip(_products_before(np.flip(flat, along_dim), along_dim), along_dim)
    return np.asarray(opened(g, a.shape, dim, keepdim) * (before * after).reshape(a.shape))


def _cumprod_gradient(g: Array, out: Array, a: Array, dim: int) -> Array:
    """d/da_i = Π(k<i) a_k · S_i, with S_i = g_i + a_(i+1) · S_(i+1): no division, so an element may be 0."""
    flat, along_dim = _flat(a, dim)
    values, upstream = np.moveaxis(flat, along_dim, 0), np.moveaxis(g.reshape(flat.shape), along_dim, 0)
    sums = np.array(upstream)
    for i in range(len(sums) - 2, -1, -1):
        sums[i] += values[i + 1] * sums[i + 1]
    return np.asarray(_products_before(flat, along_dim) * np.moveaxis(sums, 0, along_dim)).reshape(a.shape)


def _cumsum(a: Array, dim: int) -> Array:
    along_shape(a.shape, dim)
    # A cumulative sum of float32 is computed in float64, as in PyTorch.
    wide = np.float64 if a.dtype.kind == "f" else a.dtype
    return np.cumsum(a, axis=dim, dtype=wide).astype(a.dtype, copy=False) if a.ndim else a.copy()


def _cumprod(a: Array, dim: int) -> Array:
    along_shape(a.shape, dim)
    return np.cumprod(a, axis=dim, dtype=a.dtype) if a.ndim else a.copy()


def _cumsum_gradient(g: Array, out: Array, a: Array, dim: int) -> Array:
    return np.flip(np.cumsum(np.flip(g, dim), axis=dim), dim) if g.ndim else g


def _up_to(index: Shape, shape: Shape, dim: int) -> list[list[Shape]]:
    if not shape:
        return [[()]]
    at = dim % len(shape)
    return [[(*index[:at], i, *index[at + 1 :]) for i in range(index[at] + 1)]]


prod = define(
    "prod",
    forward=_prod,
    vjps=(_prod_gradient,),
    shape=reduced,
    formula="Π a",
    gradients=("upstream · Π of all others",),
    reads=reduced_reads,
    written=lambda own, a, **_: joined(a, " · ") if a else "1",
    saved=(0,),
    samples=each(
        [*ALONG, ((),)],
        (AWAY,),
        ({"dim": None, "keepdim": False}, {"dim": 0, "keepdim": False}, {"dim": -1, "keepdim": True}),
        (0.0,),
    ),
)
cumsum = define(
    "cumsum",
    forward=_cumsum,
    vjps=(_cumsum_gradient,),
    shape=along_shape,
    formula="Σ a, up to each",
    gradients=("Σ of upstream, from each on",),
    reads=_up_to,
    written=lambda own, a, **_: joined(a, " + "),
    saved=(),
    samples=each([*ALONG, ((),)], (), ({"dim": 0}, {"dim": -1})),
)
cumprod = define(
    "cumprod",
    forward=_cumprod,
    vjps=(_cumprod_gradient,),
    shape=along_shape,
    formula="Π a, up to each",
    gradients=("Σ of upstream · Π of all others, from each on",),
    reads=_up_to,
    written=lambda own, a, **_: joined(a, " · "),
    saved=(0,),
    samples=each([*ALONG, ((),)], (AWAY,), ({"dim": 0}, {"dim": -1}), (0.0,)),
)


# --- norms


def _norm(a: Array, p: float, dim: Dim, keepdim: bool) -> Array:
    axes = axes_of(dim, a.ndim)
    size = np.abs(a)
    if p == 0:
        return np.asarray((a != 0).sum(axis=axes, keepdims=keepdim)).astype(a.dtype)
    if math.isinf(p):
        if not size.size:
            raise OperationError(
                "linalg.vector_norm cannot compute the infinity norm on an empty dimension because the operation does "
                "not have an identity",
                "an empty tensor has no maximum or minimum",
            )
        return np.asarray((size.max if p > 0 else size.min)(axis=axes, keepdims=keepdim))
    if p == 2:
        # Divided by the largest first, so that no square overflows or vanishes.
        top = np.asarray(size.max(axis=axes, keepdims=True, initial=0))
        safe = np.where((top == 0) | ~np.isfinite(top), 1, top).astype(a.dtype, copy=False)
        total = safe * np.sqrt(np.square(size / safe).sum(axis=axes, keepdims=True))
        return np.asarray(total.reshape(reduced(a.shape, dim, keepdim)))
    if p == 1:
        return np.asarray(size.sum(axis=axes, keepdims=keepdim))
    return np.asarray((size**p).sum(axis=axes, keepdims=keepdim) ** a.dtype.type(1 / p))


def _norm_gradient(g: Array, out: Array, a: Array, p: float, dim: Dim, keepdim: bool) -> Array:
    if p == 0:
        return np.zeros_like(a)
    total, upstream = opened(out, a.shape, dim, keepdim), opened(g, a.shape, dim, keepdim)
    if p == 1:
        return np.asarray(upstream * np.sign(a))
    if math.isinf(p):
        equal = np.abs(a) == total
        count = np.maximum(equal.sum(axis=axes_of(dim, a.ndim), keepdims=True), 1)
        return np.asarray(upstream * np.sign(a) * (equal / count)).astype(g.dtype, copy=False)
    # 0 where the norm is 0: it has a kink there.
    safe = np.where(total == 0, 1, total)
    share = a / safe if p == 2 else np.sign(a) * (np.abs(a) / safe) ** (p - 1)
    return np.where(total == 0, 0, upstream * share).astype(g.dtype, copy=False)


def _norm_samples() -> list[Sample]:
    """Magnitudes far enough apart that a finite difference changes neither a sign nor which is the largest."""
    options = [
        {"p": p, "dim": dim, "keepdim": keepdim}
        for p in (2.0, 1.0, 3.0, math.inf, -math.inf, 0.5)
        for dim, keepdim in ((None, False), (0, False), (-1, True))
    ]
    found = []
    for number, sample in enumerate(each(ALONG[:-1], (), options)()):
        (a,) = sample.arrays
        drawn = np.random.default_rng(number)
        sizes = (drawn.permutation(a.size).reshape(a.shape) + 1) * 0.37
        found.append(Sample((sizes * drawn.choice([-1.0, 1.0], a.shape),), sample.attributes))
    return [*found, Sample((np.full((2, 3), 1e3),), {"p": 2.0, "dim": 1, "keepdim": False})]


norm = define(
    "norm",
    forward=_norm,
    vjps=(_norm_gradient,),
    shape=reduced,
    formula="(Σ |a|ᵖ)^(1/p)",
    gradients=("upstream · sign(a) · (|a| / out)^(p − 1)",),
    reads=reduced_reads,
    saved=(0, OUT),
    samples=_norm_samples,
    analytic=False,
)


# --- maximum and minimum over several dimensions


def _shared(g: Array, out: Array, a: Array, dim: Dim, keepdim: bool) -> Array:
    """The gradient is shared evenly by all elements equal to the extreme one."""
    equal = a == opened(out, a.shape, dim, keepdim)
    count = equal.sum(axis=axes_of(dim, a.ndim), keepdims=True)
    return np.asarray(opened(g, a.shape, dim, keepdim) * (equal / np.maximum(count, 1))).astype(g.dtype, copy=False)


def _some(name: str) -> Callable[..., Shape]:
    def shape(shape: Shape, dim: Dim, keepdim: bool) -> Shape:
        result = reduced(shape, dim, keepdim)
        if any(shape[i] == 0 for i in axes_of(dim, len(shape))):
            raise OperationError(
                f"{name}(): Expected reduction dim to have non-zero size.",
                "an empty tensor has no maximum or minimum",
            )
        return result

    return shape


def _most(name: str, formula: str) -> Operation:
    return define(
        name,
        forward=lambda a, dim, keepdim: getattr(np, name)(a, axis=axes_of(dim, a.ndim), keepdims=keepdim),
        vjps=(_shared,),
        shape=_some(name),
        formula=formula,
        gradients=(f"upstream / n at {formula}, where n are equal; 0 elsewhere",),
        reads=reduced_reads,
        written=lambda own, a, **_: f"{name[1:]}({joined(a, ', ')})",
        saved=(0, OUT),
        samples=distinct(
            each(
                [((3, 2),), ((2, 3, 2),), ((1, 4),), ((2, 1),)],
                (),
                [{"dim": dim, "keepdim": keepdim} for dim, keepdim in ((None, False), (0, False), ((0, -1), True))],
            )
        ),
        analytic=False,
    )


amax = _most("amax", "the largest")
amin = _most("amin", "the smallest")
