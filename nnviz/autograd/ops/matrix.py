"""Matrix products and the operations that only move numbers."""

from __future__ import annotations

import math

import numpy as np

from nnviz.autograd.operation import Array, Shape, define
from nnviz.autograd.ops.elementwise import broadcast
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


def _matmul_left(g: Array, out: Array, a: Array, b: Array) -> Array:
    if b.ndim == 1:
        return g[..., None] * b
    if a.ndim == 1:
        return np.asarray(np.matmul(b, g[..., None])[..., 0])
    return np.asarray(np.matmul(g, np.swapaxes(b, -1, -2)))


def _matmul_right(g: Array, out: Array, a: Array, b: Array) -> Array:
    if a.ndim == 1:
        return a * g if b.ndim == 1 else a[:, None] * g[..., None, :]
    if b.ndim == 1:
        return np.asarray(np.matmul(np.swapaxes(a, -1, -2), g[..., None])[..., 0])
    return np.asarray(np.matmul(np.swapaxes(a, -1, -2), g))


def _transpose_shape(shape: Shape, dim0: int, dim1: int) -> Shape:
    sizes = list(shape)
    sizes[dim0], sizes[dim1] = sizes[dim1], sizes[dim0]
    return tuple(sizes)


def _reshape_shape(old: Shape, shape: Shape) -> Shape:
    count, known = math.prod(old), math.prod(size for size in shape if size != -1)
    open_sizes = shape.count(-1)
    fits = count == known if not open_sizes else open_sizes == 1 and known > 0 and count % known == 0
    if not fits:
        raise ShapeError(f"shape '{list(shape)}' is invalid for input of size {count}")
    return tuple(count // known if size == -1 else size for size in shape)


matmul = define(
    "matmul",
    forward=np.matmul,
    gradients=(_matmul_left, _matmul_right),
    shape=_matmul_shape,
    formula="Σₖ aᵢₖ bₖⱼ",
)
transpose = define(
    "transpose",
    forward=lambda a, dim0, dim1: np.swapaxes(a, dim0, dim1),
    gradients=(lambda g, out, a, dim0, dim1: np.swapaxes(g, dim0, dim1),),
    shape=_transpose_shape,
    formula="aᵀ",
)
reshape = define(
    "reshape",
    forward=lambda a, shape: a.reshape(shape),
    gradients=(lambda g, out, a, shape: g.reshape(a.shape),),
    shape=_reshape_shape,
    formula="the same numbers, another shape",
)
