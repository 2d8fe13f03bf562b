"""More shape operations: flip, roll, repeat, diagonals and triangles."""

from __future__ import annotations

import numpy as np

from nnviz.autograd.operation import Array, Operation, Shape, define
from nnviz.autograd.ops.shape import dimension
from nnviz.autograd.sample_inputs import each
from nnviz.errors import OperationError, ShapeError

MATRICES = [((3, 3),), ((2, 4),), ((4, 2),), ((2, 3, 3),), ((0, 3),)]


def _flip_shape(shape: Shape, dims: Shape) -> Shape:
    found = [dimension(dim, len(shape)) for dim in dims]
    if len(set(found)) != len(found):
        raise OperationError(f"dim {found[0]} appears multiple times in the list of dims")
    return shape


def _flip(a: Array, dims: Shape) -> Array:
    _flip_shape(a.shape, dims)
    return np.array(np.flip(a, dims), order="C") if a.ndim else a.copy()


def _roll_shape(shape: Shape, shifts: int | Shape, dims: int | Shape | None) -> Shape:
    for dim in () if dims is None else dims if isinstance(dims, tuple) else (dims,):
        dimension(dim, len(shape))
    if isinstance(shifts, tuple) and (not isinstance(dims, tuple) or len(dims) != len(shifts)):
        count = len(dims) if isinstance(dims, tuple) else 0 if dims is None else 1
        raise OperationError(f"shifts and dimensions must align. shifts: {len(shifts)}, dims:{count}")
    return shape


def _roll(a: Array, shifts: int | Shape, dims: int | Shape | None) -> Array:
    _roll_shape(a.shape, shifts, dims)
    return np.roll(a, shifts, dims)


def _back(shifts: int | Shape) -> int | Shape:
    return tuple(-shift for shift in shifts) if isinstance(shifts, tuple) else -shifts


def _repeat_shape(shape: Shape, sizes: Shape) -> Shape:
    if len(sizes) < len(shape):
        raise ShapeError(
            "Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor",
            f"the tensor has {len(shape)}: give a number of repetitions per dimension, 1 for none",
        )
    if any(size < 0 for size in sizes):
        raise OperationError(f"Trying to create tensor with negative dimension {min(sizes)}: {list(sizes)}")
    wide = (1,) * (len(sizes) - len(shape)) + shape
    return tuple(often * size for often, size in zip(sizes, wide, strict=True))


def _repeat(a: Array, sizes: Shape) -> Array:
    _repeat_shape(a.shape, sizes)
    return np.tile(a, sizes)


def _repeat_gradient(g: Array, out: Array, a: Array, sizes: Shape) -> Array:
    wide = (1,) * (len(sizes) - a.ndim) + a.shape
    apart = g.reshape([n for often, size in zip(sizes, wide, strict=True) for n in (often, size)])
    return np.asarray(apart.sum(axis=tuple(range(0, 2 * len(sizes), 2)))).reshape(a.shape)


def _matrix(shape: Shape, diagonal: int) -> Shape:
    if len(shape) < 2:
        raise OperationError("tril/triu: input tensor must have at least 2 dimensions", f"its shape is {list(shape)}")
    return shape


def _triangle(name: str) -> Operation:
    part = getattr(np, name)

    def keep(a: Array, diagonal: int) -> Array:
        _matrix(a.shape, diagonal)
        return np.asarray(part(a, diagonal))

    return define(
        name,
        forward=keep,
        vjps=(lambda g, out, a, diagonal: keep(g, diagonal),),
        shape=_matrix,
        formula="a, and 0 above the diagonal" if name == "tril" else "a, and 0 below the diagonal",
        gradients=(f"upstream, and 0 {'above' if name == 'tril' else 'below'} the diagonal",),
        letters="a",
        saved=(),
        samples=each(MATRICES, (), ({"diagonal": 0}, {"diagonal": 1}, {"diagonal": -1})),
    )


def _diagonal_shape(shape: Shape, offset: int, dim1: int, dim2: int) -> Shape:
    first, second = dimension(dim1, len(shape)), dimension(dim2, len(shape))
    if first == second:
        raise OperationError(f"diagonal dimensions cannot be identical {dim1}, {dim2}")
    length = min(shape[first] + min(offset, 0), shape[second] - max(offset, 0))
    return (*(n for i, n in enumerate(shape) if i not in (first, second)), max(length, 0))


def _diagonal(a: Array, offset: int, dim1: int, dim2: int) -> Array:
    """As a writable view, which numpy's own is not."""
    matrix = np.moveaxis(a, (dim1, dim2), (-2, -1))[..., max(-offset, 0) :, max(offset, 0) :]
    length = min(matrix.shape[-2:])
    return np.asarray(np.einsum("...ii->...i", matrix[..., :length, :length]))


def _diagonal_gradient(g: Array, out: Array, a: Array, offset: int, dim1: int, dim2: int) -> Array:
    gradient = np.zeros(a.shape, g.dtype)
    _diagonal(gradient, offset, dim1, dim2)[...] = g
    return gradient


def _onto_shape(shape: Shape, offset: int) -> Shape:
    side = shape[-1] + abs(offset)
    return (*shape[:-1], side, side)


def _onto(a: Array, offset: int) -> Array:
    matrix = np.zeros(_onto_shape(a.shape, offset), a.dtype)
    _diagonal(matrix, offset, -2, -1)[...] = a
    return matrix


flip = define(
    "flip",
    forward=_flip,
    vjps=(lambda g, out, a, dims: _flip(g, dims),),
    shape=_flip_shape,
    formula="a, reversed",
    gradients=("upstream, reversed",),
    letters="a",
    saved=(),
    samples=each([((3,),), ((2, 3),), ((2, 2, 3),), ((0, 2),)], (), ({"dims": (0,)}, {"dims": (-1,)}, {"dims": ()})),
)
roll = define(
    "roll",
    forward=_roll,
    vjps=(lambda g, out, a, shifts, dims: np.roll(g, _back(shifts), dims),),
    shape=_roll_shape,
    formula="a, shifted along a dimension",
    gradients=("upstream, shifted back",),
    letters="a",
    saved=(),
    samples=each(
        [((3, 2),), ((2, 4),), ((2, 3, 2),), ((0, 2),)],
        (),
        ({"shifts": 1, "dims": None}, {"shifts": -1, "dims": 0}, {"shifts": (1, 2), "dims": (0, 1)}),
    ),
)
repeat = define(
    "repeat",
    forward=_repeat,
    vjps=(_repeat_gradient,),
    shape=_repeat_shape,
    formula="a, repeated",
    gradients=("Σ of upstream over the copies",),
    letters="a",
    saved=(),
    samples=each([((3,),), ((2, 3),), ((1, 2),), ((),), ((0, 2),)], (), ({"sizes": (2, 3)}, {"sizes": (1, 2, 1)})),
)
tril = _triangle("tril")
triu = _triangle("triu")
diagonal = define(
    "diagonal",
    forward=_diagonal,
    vjps=(_diagonal_gradient,),
    shape=_diagonal_shape,
    formula="the diagonal of a",
    gradients=("upstream on the diagonal, 0 elsewhere",),
    letters="a",
    saved=(),
    samples=each(
        MATRICES,
        (),
        [{"offset": offset, "dim1": dim1, "dim2": dim2} for offset in (0, 1, -1) for dim1, dim2 in ((0, 1), (-1, 0))],
    ),
    view=True,
)
diagonal_matrix = define(
    "diagonal_matrix",
    forward=_onto,
    vjps=(lambda g, out, a, offset: _diagonal(g, offset, -2, -1),),
    shape=_onto_shape,
    formula="a on the diagonal, 0 elsewhere",
    gradients=("the diagonal of upstream",),
    letters="a",
    saved=(),
    samples=each([((3,),), ((1,),), ((2, 3),), ((0,),)], (), ({"offset": 0}, {"offset": 1}, {"offset": -2})),
)
