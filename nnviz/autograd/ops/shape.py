"""Shape operations: reshape, transpose and permute, expand, concatenate and stack, embedding, copies."""

from __future__ import annotations

import math

import numpy as np

from nnviz.autograd.operation import Array, Rule, Shape, define
from nnviz.autograd.sample_inputs import Sample, each
from nnviz.errors import OperandError, PositionError, ShapeError


def dimension(dim: int, ndim: int) -> int:
    """`dim` counted from 0.

    Raises:
        PositionError: it is out of range.
        OperandError: `dim` is not an integer.
    """
    if not isinstance(dim, int | np.integer):
        raise OperandError(f"argument 'dim' must be int, not {type(dim).__name__}", "dimensions are counted from 0")
    span = max(ndim, 1)
    if not -span <= dim < span:
        raise PositionError(f"Dimension out of range (expected to be in range of [{-span}, {span - 1}], but got {dim})")
    return dim % span


def _transpose_shape(shape: Shape, dim0: int, dim1: int) -> Shape:
    sizes = list(shape)
    first, second = dimension(dim0, len(shape)), dimension(dim1, len(shape))
    if sizes:
        sizes[first], sizes[second] = sizes[second], sizes[first]
    return tuple(sizes)


def _swap(a: Array, dim0: int, dim1: int) -> Array:
    if a.ndim:
        return a.swapaxes(dim0, dim1)
    _transpose_shape((), dim0, dim1)
    return a


def _permute_shape(shape: Shape, dims: Shape) -> Shape:
    if len(dims) != len(shape):
        raise ShapeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {len(shape)} is not equal to len(dims) = {len(dims)}"
        )
    order = [dimension(dim, len(shape)) for dim in dims]
    if len(set(order)) != len(order):
        raise ShapeError("permute(): duplicate dims are not allowed.")
    return tuple(shape[dim] for dim in order)


def _reshape_shape(old: Shape, shape: Shape) -> Shape:
    count, known = math.prod(old), math.prod(size for size in shape if size != -1)
    open_sizes = shape.count(-1)
    fits = count == known if not open_sizes else open_sizes == 1 and known > 0 and count % known == 0
    if not fits or any(size < -1 for size in shape):
        raise ShapeError(f"shape '{list(shape)}' is invalid for input of size {count}")
    return tuple(count // known if size == -1 else size for size in shape)


def _reshape(a: Array, shape: Shape) -> Array:
    # numpy accepts any negative size as the one to be inferred.
    if min(shape, default=0) < -1:
        _reshape_shape(a.shape, shape)
    return a.reshape(shape)


def _expand_shape(old: Shape, shape: Shape) -> Shape:
    if len(shape) < len(old):
        raise ShapeError(
            f"expand({list(old)}, size={list(shape)}): the number of sizes provided ({len(shape)}) must be greater or "
            f"equal to the number of dimensions in the tensor ({len(old)})"
        )
    wide = (None,) * (len(shape) - len(old)) + old
    result = []
    for dim, (have, want) in enumerate(zip(wide, shape, strict=True)):
        if want == -1 and have is not None:
            result.append(have)
        elif want >= 0 and have in (None, 1, want):
            result.append(want)
        elif have is None:
            raise ShapeError(
                f"The expanded size of the tensor ({want}) isn't allowed in a leading, non-existing dimension {dim}",
                "a new dimension in front needs a size",
            )
        else:
            raise ShapeError(
                f"The expanded size of the tensor ({want}) must match the existing size ({have}) at non-singleton "
                f"dimension {dim}.  Target sizes: {list(shape)}.  Tensor sizes: {list(old)}"
            )
    return tuple(result)


def _cat_shape(*shapes: Shape, dim: int) -> Shape:
    first = shapes[0]
    at = dimension(dim, len(first))
    for number, shape in enumerate(shapes):
        if len(shape) != len(first):
            raise ShapeError(
                f"Tensors must have same number of dimensions: got {len(first)} and {len(shape)}",
            )
        for i, (m, n) in enumerate(zip(first, shape, strict=True)):
            if i != at and m != n:
                raise ShapeError(
                    f"Sizes of tensors must match except in dimension {at}. Expected size {m} but got size {n} for "
                    f"tensor number {number} in the list."
                )
    if not first:
        raise ShapeError("zero-dimensional tensor (at position 0) cannot be concatenated")
    return (*first[:at], sum(shape[at] for shape in shapes), *first[at + 1 :])


def _cat_rule(position: int) -> Rule:
    def rule(g: Array, out: Array, *arrays: Array, dim: int) -> Array:
        begin = sum(array.shape[dim] for array in arrays[:position])
        rows = [slice(None)] * g.ndim
        rows[dim] = slice(begin, begin + arrays[position].shape[dim])
        return np.asarray(g[tuple(rows)])

    return rule


def _stack_shape(*shapes: Shape, dim: int) -> Shape:
    first = shapes[0]
    for number, shape in enumerate(shapes):
        if shape != first:
            raise ShapeError(
                f"stack expects each tensor to be equal size, but got {list(first)} at entry 0 and {list(shape)} at "
                f"entry {number}"
            )
    at = dimension(dim, len(first) + 1)
    return (*first[:at], len(shapes), *first[at:])


def _stack_rule(position: int) -> Rule:
    return lambda g, out, *arrays, dim: np.take(g, position, axis=dim)


transpose = define(
    "transpose",
    forward=_swap,
    vjps=(lambda g, out, a, dim0, dim1: _swap(g, dim0, dim1),),
    shape=_transpose_shape,
    formula="aᵀ",
    gradients=("upstreamᵀ",),
    saved=(),
    samples=each(
        [((2, 3),), ((2, 3, 4),), ((1, 3),), ((0, 2),)], (), ({"dim0": 0, "dim1": 1}, {"dim0": -1, "dim1": 0})
    ),
    view=True,
)
permute = define(
    "permute",
    forward=lambda a, dims: np.transpose(a, dims),
    vjps=(lambda g, out, a, dims: np.transpose(g, np.argsort([dim % a.ndim for dim in dims])),),
    shape=_permute_shape,
    formula="dimensions in another order",
    gradients=("upstream, its dimensions in the old order",),
    saved=(),
    samples=each([((2, 3, 4),), ((1, 0, 3),)], (), ({"dims": (2, 0, 1)}, {"dims": (0, -1, 1)}, {"dims": (1, 2, 0)})),
    view=True,
)
reshape = define(
    "reshape",
    forward=_reshape,
    vjps=(lambda g, out, a, shape: g.reshape(a.shape),),
    shape=_reshape_shape,
    formula="the same numbers, another shape",
    gradients=("upstream, in the old shape",),
    saved=(),
    samples=each(
        [((2, 6),), ((2, 3, 2),), ((12,),), ((1, 12, 1),)],
        (),
        ({"shape": (3, 4)}, {"shape": (2, -1)}, {"shape": (12,)}),
    ),
    view=True,
)
expand = define(
    "expand",
    forward=lambda a, shape: np.broadcast_to(a, _expand_shape(a.shape, shape)),
    vjps=(lambda g, out, a, shape: g,),
    shape=_expand_shape,
    formula="repeated along dimensions of size 1",
    gradients=("Σ of upstream over the copies",),
    saved=(),
    samples=each([((3,),), ((1, 3),), ((1, 1),), ((),), ((2, 1),)], (), ({"shape": (2, 3)}, {"shape": (4, 2, 3)})),
    view=True,
)
cat = define(
    "cat",
    forward=lambda *arrays, dim: np.concatenate(arrays, axis=dim),
    vjps=lambda count: tuple(_cat_rule(position) for position in range(count)),
    shape=_cat_shape,
    formula="concatenated along a dimension",
    gradients=("its part of upstream",),
    saved=(),
    samples=each(
        [((2, 3), (2, 3)), ((2, 2), (2, 2), (2, 2)), ((3,), (3,)), ((0, 2), (0, 2)), ((1, 1, 1),)],
        (),
        ({"dim": 0}, {"dim": -1}),
    ),
)
stack = define(
    "stack",
    forward=lambda *arrays, dim: np.stack(arrays, axis=dim),
    vjps=lambda count: tuple(_stack_rule(position) for position in range(count)),
    shape=_stack_shape,
    formula="stacked along a new dimension",
    gradients=("its part of upstream",),
    saved=(),
    samples=each([((2, 3), (2, 3)), ((2,), (2,), (2,)), ((), ()), ((0,), (0,))], (), ({"dim": 0}, {"dim": -1})),
)


def _embedding_shape(weight: Shape, indices: Shape) -> Shape:
    if len(weight) != 2:
        raise ShapeError(f"'weight' must be 2-D, but it is {len(weight)}-D")
    return (*indices, weight[1])


def _embedding(weight: Array, indices: Array) -> Array:
    if indices.size and not 0 <= indices.min() <= indices.max() < len(weight):
        raise IndexError
    return np.asarray(weight[indices])


def _embedding_gradient(g: Array, out: Array, weight: Array, indices: Array) -> Array:
    gradient = np.zeros(weight.shape, g.dtype)
    np.add.at(gradient, indices, g)
    return gradient


def _embedding_samples() -> list[Sample]:
    drawn = np.random.default_rng(5)
    shapes: list[Shape] = [(), (3,), (2, 2), (0,), (5, 1)]
    return [
        Sample((drawn.normal(size=(4, 3)), drawn.integers(0, 4, shapes[number % len(shapes)]))) for number in range(40)
    ]


embedding = define(
    "embedding",
    forward=_embedding,
    vjps=(_embedding_gradient, None),
    shape=_embedding_shape,
    formula="row i of a table",
    gradients=("Σ of upstream over the places where a row is read", None),
    saved=(1,),
    samples=_embedding_samples,
)
clone = define(
    "clone",
    forward=lambda a: a.copy(),
    vjps=(lambda g, out, a: g,),
    shape=lambda shape: shape,
    formula="a",
    gradients=("upstream",),
    letters="a",
    elementwise=True,
    saved=(),
)
to = define(
    "to",
    forward=lambda a, dtype: a.astype(dtype),
    vjps=(lambda g, out, a, dtype: g.astype(a.dtype),),
    shape=lambda shape, dtype: shape,
    formula="the same numbers in another dtype",
    gradients=("upstream, in the old dtype",),
    letters="a",
    elementwise=True,
    saved=(),
    samples=each([((3,),), ((2, 0),), ((),)], (), ({"dtype": np.float64},)),
    analytic=False,
)
