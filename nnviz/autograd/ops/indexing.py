"""Indexing: parts as views, elements by tensors of indices, and assignment to either."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.autograd.operation import Array, Shape, define
from nnviz.autograd.ops.shape import expand
from nnviz.autograd.sample_inputs import PLAIN, Sample, each
from nnviz.errors import PositionError, ShapeError

Index = Any
"""A basic index, which numpy applies without copying: numbers, slices, None and an ellipsis."""

Dims = tuple[int, ...]


def _out_of_range(error: IndexError, shape: Shape) -> PositionError:
    return PositionError(str(error).replace(" axis ", " dimension "), f"the tensor's shape is {shape}")


def _index_shape(shape: Shape, index: Index) -> Shape:
    try:
        # No number is read: an array of strides 0 over a single number.
        return np.broadcast_to(np.zeros(()), shape)[index].shape
    except IndexError as error:
        raise _out_of_range(error, shape) from None


def _index_gradient(g: Array, out: Array, a: Array, index: Index) -> Array:
    gradient = np.zeros(a.shape, g.dtype)
    gradient[index] = g
    return gradient


index = define(
    "index",
    forward=lambda a, index: a[index],
    vjps=(_index_gradient,),
    shape=_index_shape,
    formula="a[i]",
    gradients=("upstream at i, 0 elsewhere",),
    saved=(),
    samples=each(
        [((3, 4),), ((3, 4, 2),)],
        (),
        [
            {"index": i}
            for i in (
                (0, ...), (-1, ...), (1, 2, ...), (slice(None, None, -1),), (slice(None), 1, ...), (..., None),
                (slice(0, 3, 2),), (slice(1, 1),), (None, slice(1, None), ...), (2, slice(1, 3)),
            )
        ],
    ),
    view=True,
)  # fmt: skip


def _key(a: Array, indices: Array, dims: Dims) -> tuple[Any, ...]:
    """numpy's index for tensors of indices along `dims`; they are stacked if there are several."""
    key: list[Any] = [slice(None)] * a.ndim
    for number, dim in enumerate(dims):
        key[dim] = indices if len(dims) == 1 else indices[number]
    return tuple(key)


def taken_shape(shape: Shape, indices: Shape, dims: Dims) -> Shape:
    """The shape of elements indexed along `dims`: in their position if these are adjacent, else in front."""
    chosen = indices if len(dims) == 1 else indices[1:]
    rest = [size for dim, size in enumerate(shape) if dim not in dims]
    at = dims[0] if dims[-1] - dims[0] == len(dims) - 1 else 0
    return (*rest[:at], *chosen, *rest[at:])


def _take(a: Array, indices: Array, dims: Dims) -> Array:
    try:
        return np.asarray(a[_key(a, indices, dims)])
    except IndexError as error:
        raise _out_of_range(error, a.shape) from None


def _take_gradient(g: Array, out: Array, a: Array, indices: Array, dims: Dims) -> Array:
    gradient = np.zeros(a.shape, g.dtype)
    # Added one by one: an element may be indexed more than once.
    np.add.at(gradient, _key(a, indices, dims), g)
    return gradient


_PLACES: tuple[tuple[Shape, tuple[Array, Dims]], ...] = (
    ((3, 4), (np.array([0, 2, 0]), (0,))),
    ((3, 4), (np.array([[1, -1], [3, 0]]), (1,))),
    ((3, 4), (np.array(2), (0,))),
    ((3, 4), (np.array([[0, 1, 1], [3, 3, 3]]), (0, 1))),
    ((3, 4, 2), (np.array([[0, 1], [1, 0]]), (0, 2))),
    ((3, 4, 2), (np.array([], np.int64), (1,))),
    ((3, 4, 2), (np.array([[2], [1]]), (1, 2))),
)


def _take_samples() -> list[Sample]:
    found = []
    for number in range(42):
        shape, (indices, dims) = _PLACES[number % len(_PLACES)]
        found.append(Sample((PLAIN.laid_out(shape, number), indices), {"dims": dims}))
    return found


take = define(
    "take",
    forward=_take,
    vjps=(_take_gradient, None),
    shape=taken_shape,
    formula="a[i], i a tensor",
    gradients=("Σ of upstream at i, 0 elsewhere", None),
    letters="ai",
    saved=(1,),
    samples=_take_samples,
)


def _put_shape(shape: Shape, value: Shape, indices: Shape, dims: Dims) -> Shape:
    place = taken_shape(shape, indices, dims)
    wide = (1,) * (len(place) - len(value)) + value
    if len(wide) != len(place) or any(have not in (1, want) for have, want in zip(wide, place, strict=True)):
        raise ShapeError(
            f"shape mismatch: value tensor of shape {list(value)} cannot be broadcast to indexing result of shape "
            f"{list(place)}"
        )
    return shape


def _put(a: Array, value: Array, indices: Array, dims: Dims) -> Array:
    _put_shape(a.shape, value.shape, indices.shape, dims)
    out = np.array(a)
    try:
        out[_key(a, indices, dims)] = value
    except IndexError as error:
        raise _out_of_range(error, a.shape) from None
    return out


def _put_gradient(g: Array, out: Array, a: Array, value: Array, indices: Array, dims: Dims) -> Array:
    gradient = np.array(g)
    gradient[_key(a, indices, dims)] = 0
    return gradient


def _put_value_gradient(g: Array, out: Array, a: Array, value: Array, indices: Array, dims: Dims) -> Array:
    place = taken_shape(a.shape, indices.shape, dims)
    count = int(np.prod(place))
    # If an element is written twice, the last value counts, and it alone has a gradient.
    source = np.full(a.shape, -1)
    source[_key(a, indices, dims)] = np.arange(count).reshape(place)
    gradient = np.zeros(count, g.dtype)
    gradient[source[source >= 0]] = g[source >= 0]
    return gradient.reshape(place)


def _put_samples() -> list[Sample]:
    found = []
    for number in range(42):
        shape, (indices, dims) = _PLACES[number % len(_PLACES)]
        place = taken_shape(shape, indices.shape, dims)
        value = (place, place[1:], ())[number % 3]
        arrays = (PLAIN.laid_out(shape, number), PLAIN.laid_out(value, number + 7), indices)
        found.append(Sample(arrays, {"dims": dims}))
    return found


put = define(
    "put",
    forward=_put,
    vjps=(_put_gradient, _put_value_gradient, None),
    shape=_put_shape,
    formula="a with a[i] = b",
    gradients=("upstream, 0 at i", "upstream at i", None),
    letters="abi",
    saved=(2,),
    samples=_put_samples,
)


def _copy_slices(a: Array, value: Array, positions: Array) -> Array:
    out = np.array(a, order="C")
    out.reshape(-1)[positions] = value
    return out


def _copy_slices_gradient(g: Array, out: Array, a: Array, value: Array, positions: Array) -> Array:
    gradient = np.array(g, order="C")
    gradient.reshape(-1)[positions] = 0
    return gradient


copy_slices = define(
    "copy_slices",
    forward=_copy_slices,
    vjps=(_copy_slices_gradient, lambda g, out, a, value, positions: g.reshape(-1)[positions]),
    shape=lambda shape, value, positions: shape,
    formula="a with a part replaced by b",
    gradients=("upstream, 0 in the part replaced", "upstream in the part replaced"),
    letters="ab",
    saved=(),
    samples=each(
        [((3, 4), (2,)), ((4, 3), (2,)), ((12,), (2,))],
        (),
        [{"positions": np.array(p)} for p in ((0, 1), (11, 3), (5, 6))],
    ),
)


def _overwrite(a: Array, b: Array) -> Array:
    expand.shape(b.shape, shape=a.shape)
    return np.array(np.broadcast_to(b, a.shape), a.dtype)


def _overwrite_shape(a: Shape, b: Shape) -> Shape:
    return expand.shape(b, shape=a)


overwrite = define(
    "overwrite",
    forward=_overwrite,
    vjps=(lambda g, out, a, b: np.zeros_like(g), lambda g, out, a, b: g),
    shape=_overwrite_shape,
    formula="b instead of a",
    gradients=("0", "upstream"),
    letters="ab",
    saved=(),
    samples=each([((3,), ()), ((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 0), (1, 1)), ((), ()), ((2, 2), (2, 2))]),
)
