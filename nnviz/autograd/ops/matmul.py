"""Matrix products."""

from __future__ import annotations

import math

import numpy as np

from nnviz.autograd.formula import products
from nnviz.autograd.operation import Array, Shape, define
from nnviz.autograd.ops.elementwise import broadcast
from nnviz.autograd.sample_inputs import each
from nnviz.errors import ShapeError


def _matmul_shape(a: Shape, b: Shape) -> Shape:
    if not a or not b:
        raise ShapeError(f"both arguments to matmul need to be at least 1D, but they are {len(a)}D and {len(b)}D")
    inner = b[-2] if len(b) > 1 else b[0]
    if a[-1] != inner:
        rows = math.prod(a[:-1])
        right = f"{inner}x{b[-1]}" if len(b) > 1 else f"{inner}"
        raise ShapeError(
            f"mat1 and mat2 shapes cannot be multiplied ({rows}x{a[-1]} and {right})",
            f"the inner sizes must be equal, and they are {a[-1]} and {inner}",
        )
    rows_of_a = a[-2:-1]
    columns_of_b = b[-1:] if len(b) > 1 else ()
    return broadcast(a[:-2], b[:-2]) + rows_of_a + columns_of_b


def _product(a: Array, b: Array) -> Array:
    """The product; of two matrices by the method, which has much less overhead than np.matmul."""
    return np.asarray(a.dot(b) if a.ndim == b.ndim == 2 else np.matmul(a, b))


def _matmul_left(g: Array, out: Array, a: Array, b: Array) -> Array:
    if b.ndim == 1:
        return g[..., None] * b
    if a.ndim == 1:
        return np.asarray(np.matmul(b, g[..., None])[..., 0])
    return _product(g, b.swapaxes(-1, -2))


def _matmul_right(g: Array, _: Array, a: Array, b: Array) -> Array:
    if a.ndim == 1:
        return a * g if b.ndim == 1 else a[:, None] * g[..., None, :]
    if b.ndim == 1:
        return np.asarray(np.matmul(a.swapaxes(-1, -2), g[..., None])[..., 0])
    if a.ndim == b.ndim == 2 and b.flags.f_contiguous:
        # A weight arrives transposed: a gradient of the same memory layout becomes the weight's without a copy.
        out = np.empty(b.shape, g.dtype, order="F")
        g.T.dot(a, out.T)
        return out
    return _product(a.swapaxes(-1, -2), g)


def _matmul_reads(index: Shape, a: Shape, b: Shape) -> list[list[Shape]] | None:
    """Row i of a and column j of b; None for vectors."""
    if len(a) < 2 or len(b) < 2:
        return None
    *batch, i, j = index
    return [
        [(*_of(batch, a), i, k) for k in range(a[-1])],
        [(*_of(batch, b), k, j) for k in range(a[-1])],
    ]


def _matmul_partner(position: int, index: Shape, at: Shape, a: Shape, b: Shape) -> Shape:
    """Of a[i, k] in out[i, j] it is b[k, j], and the other way round."""
    if len(a) == 1 or len(b) == 1:
        # Of a vector, i or j is left out.
        i, j = at[len(at) - 2 + (len(b) == 1) :][: len(a) > 1], at[len(at) - 1 :] if len(b) > 1 else ()
        batch = list(at[: len(at) - len(i) - len(j)])
    else:
        i, j, batch = at[-2:-1], at[-1:], list(at[:-2])
    if position == 0:
        return (*(_of(batch, b) if len(b) > 1 else ()), index[-1], *j)
    return (*(_of(batch, a) if len(a) > 1 else ()), *i, index[-2] if len(b) > 1 else index[0])


def _of(batch: list[int], shape: Shape) -> Shape:
    """The index of a broadcast batch in an input of that shape."""
    lead = shape[:-2]
    return tuple(0 if size == 1 else at for at, size in zip(batch[len(batch) - len(lead) :], lead, strict=True))


matmul = define(
    "matmul",
    forward=_product,
    vjps=(_matmul_left, _matmul_right),
    shape=_matmul_shape,
    formula="Σₖ aᵢₖ bₖⱼ",
    gradients=("upstream · bᵀ", "aᵀ · upstream"),
    written=lambda own, a, b: products(a, b),
    reads=_matmul_reads,
    partner=_matmul_partner,
    saved=(0, 1),
    crosswise=True,
    samples=each(
        [
            ((2, 3), (3, 4)), ((1, 1), (1, 1)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 2, 3), (3, 2)),
            ((2, 1, 2, 3), (3, 3, 1)), ((0, 3), (3, 2)), ((2, 0), (0, 3)), ((0, 1, 2), (0, 2, 3)),
        ],
        extremes=(1e3,),
    ),
)  # fmt: skip
