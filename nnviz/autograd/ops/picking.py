"""Gather and scatter: elements or whole rows read or written by index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nnviz.autograd.operation import Array, Shape, define
from nnviz.autograd.ops.shape import dimension
from nnviz.autograd.sample_inputs import Sample
from nnviz.errors import OperationError, PositionError, ShapeError


def _within(index: Array, size: int, dim: int) -> None:
    """Check that indices are in range; as in PyTorch, negative ones are not allowed here.

    Raises:
        OperationError: an index is out of range.
    """
    outside = (index < 0) | (index >= size)
    if outside.any():
        raise OperationError(
            f"index {index[outside].flat[0]} is out of bounds for dimension {dim} with size {size}",
            f"indices along dimension {dim} are 0 to {size - 1}",
        )


def _places(index: Array, dim: int) -> tuple[Array, ...]:
    """An index for every dimension: `index` along `dim`, the element's own position along the others."""
    grid = list(np.ogrid[tuple(slice(size) for size in index.shape)]) if index.ndim else []
    if grid:
        grid[dim] = index
    return tuple(grid)


def _fits(name: str, shape: Shape, index: Shape, dim: int) -> int:
    """The dimension counted from 0, after checking that `index` fits an array of that shape.

    Raises:
        ShapeError: it has another number of dimensions, or is larger in another dimension than `dim`.
    """
    at = dimension(dim, len(shape))
    if max(len(shape), 1) != max(len(index), 1):
        raise ShapeError(
            f"Index tensor must have the same number of dimensions as {'input' if name == 'gather' else 'self'} tensor",
            f"it has {len(index)}, the tensor {len(shape)}: unsqueeze() adds a dimension",
        )
    for i, (have, own) in enumerate(zip(index, shape, strict=False)):
        if i != at and have > own:
            raise ShapeError(
                f"Size does not match at dimension {i} expected index {list(index)} to be no larger than self "
                f"{list(shape)} apart from dimension {at}"
            )
    return at


def _gather_shape(shape: Shape, index: Shape, dim: int) -> Shape:
    _fits("gather", shape, index, dim)
    return index


def _gather(a: Array, index: Array, dim: int) -> Array:
    at = _fits("gather", a.shape, index.shape, dim)
    _within(index, a.shape[at] if a.ndim else 1, at)
    if not a.ndim or not index.ndim:
        return np.asarray(a.reshape(-1)[index.reshape(-1)].reshape(index.shape))
    return np.asarray(a[_places(index, at)])


def _gather_gradient(g: Array, out: Array, a: Array, index: Array, dim: int) -> Array:
    gradient = np.zeros(a.shape, g.dtype)
    _added(gradient, index, g, dim)
    return gradient


def _added(array: Array, index: Array, values: Array, dim: int) -> None:
    """Add values at their indices, one by one: an index may occur more than once."""
    if not array.ndim or not index.ndim:
        np.add.at(array.reshape(-1), index.reshape(-1), values.reshape(-1))
    else:
        np.add.at(array, _places(index, dim % array.ndim), values)


def _cut(src: Array, index: Array) -> Array:
    """The part of `src` that has an index."""
    rows: tuple[Any, ...] = (..., *(slice(size) for size in index.shape))
    return np.asarray(src[rows])


def _scatter_shape(shape: Shape, index: Shape, src: Shape, dim: int) -> Shape:
    _fits("scatter", shape, index, dim)
    if len(src) != len(index) or any(m > n for m, n in zip(index, src, strict=True)):
        raise ShapeError(f"Expected index {list(index)} to be no larger than src {list(src)}")
    return shape


def _checked(a: Array, index: Array, src: Array, dim: int) -> int:
    _scatter_shape(a.shape, index.shape, src.shape, dim)
    at = dimension(dim, a.ndim)
    _within(index, a.shape[at] if a.ndim else 1, at)
    return at


def _put(array: Array, index: Array, values: Array | float, dim: int) -> None:
    if not array.ndim or not index.ndim:
        array.reshape(-1)[index.reshape(-1)] = np.reshape(values, -1)
    else:
        array[_places(index, dim)] = values


def _scatter(a: Array, index: Array, src: Array, dim: int) -> Array:
    at = _checked(a, index, src, dim)
    result = np.array(a, order="C")
    _put(result, index, _cut(src, index), at)
    return result


def _scatter_base(g: Array, out: Array, a: Array, index: Array, src: Array, dim: int) -> Array:
    gradient = np.array(g, order="C")
    _put(gradient, index, 0.0, dimension(dim, a.ndim))
    return gradient


def _scatter_source(g: Array, out: Array, a: Array, index: Array, src: Array, dim: int) -> Array:
    gradient = np.zeros(src.shape, g.dtype)
    _cut(gradient, index)[...] = _gather(g, index, dim)
    return gradient


def _scatter_add(a: Array, index: Array, src: Array, dim: int) -> Array:
    at = _checked(a, index, src, dim)
    result = np.array(a, order="C")
    _added(result, index, _cut(src, index), at)
    return result


def _select_shape(shape: Shape, index: Shape, dim: int) -> Shape:
    at = dimension(dim, len(shape))
    if len(index) > 1:
        raise PositionError("index_select(): Index is supposed to be a vector", f"its shape is {list(index)}")
    count = index[0] if index else 1
    return (*shape[:at], count, *shape[at + 1 :]) if shape else ()


def _select(a: Array, index: Array, dim: int) -> Array:
    _select_shape(a.shape, index.shape, dim)
    size = a.shape[dim] if a.ndim else 1
    if ((index < 0) | (index >= size)).any():
        raise PositionError("index out of range in self", f"indices along dimension {dim} are 0 to {size - 1}")
    return np.asarray(np.take(a, np.atleast_1d(index), axis=dim)) if a.ndim else a.copy()


def _select_gradient(g: Array, out: Array, a: Array, index: Array, dim: int) -> Array:
    if not a.ndim:
        return g
    gradient = np.zeros(a.shape, g.dtype)
    np.add.at(np.moveaxis(gradient, dim, 0), np.atleast_1d(index), np.moveaxis(g, dim, 0))
    return gradient


CASES: list[tuple[Shape, Shape, int]] = [
    ((3, 4), (3, 2), 1),
    ((3, 4), (5, 4), 0),
    ((3, 4), (2, 3), -2),
    ((5,), (3,), 0),
    ((2, 3, 2), (2, 1, 2), 1),
    ((), (), 0),
    ((3, 2), (0, 2), 0),
    ((4, 1), (4, 1), -1),
]


def _picked(
    make: Callable[[np.random.Generator, Shape, Shape, int], list[np.ndarray]],
) -> Callable[[], list[Sample]]:
    """Samples of an array, indices into it, and the further inputs that `make` adds."""

    def samples() -> list[Sample]:
        found = []
        for number in range(40):
            shape, places, dim = CASES[number % len(CASES)]
            drawn = np.random.default_rng(number)
            found.append(Sample(tuple(make(drawn, shape, places, dim)), {"dim": dim}))
        return found

    return samples


def _index_for(drawn: np.random.Generator, shape: Shape, places: Shape, dim: int) -> np.ndarray:
    return np.asarray(drawn.integers(0, shape[dim] if shape else 1, places))


def _distinct(drawn: np.random.Generator, shape: Shape, places: Shape, dim: int) -> list[np.ndarray]:
    """Indices that are unique along `dim`, so that the value written is unambiguous."""
    size = shape[dim] if shape else 1
    count = places[dim] if places else 1
    at = dim % max(len(shape), 1)
    places = (*places[:at], min(count, size), *places[at + 1 :]) if places else ()
    if places:
        shuffled = np.argsort(drawn.random((*places[:at], size, *places[at + 1 :])), axis=at)
        index = shuffled[tuple(slice(n) for n in places)]
    else:
        index = np.zeros((), np.int64)
    return [drawn.normal(size=shape), index, drawn.normal(size=tuple(n + 1 for n in places))]


gather = define(
    "gather",
    forward=_gather,
    vjps=(_gather_gradient, None),
    shape=_gather_shape,
    formula="a[i] along a dimension",
    gradients=("Σ of upstream at i, 0 elsewhere", None),
    letters="ai",
    saved=(1,),
    samples=_picked(lambda *given: [given[0].normal(size=given[1]), _index_for(*given)]),
)
index_select = define(
    "index_select",
    forward=_select,
    vjps=(_select_gradient, None),
    shape=_select_shape,
    formula="rows i of a",
    gradients=("Σ of upstream in the rows i, 0 elsewhere", None),
    letters="ai",
    saved=(1,),
    samples=_picked(lambda *given: [given[0].normal(size=given[1]), _index_for(*given).reshape(-1)]),
)
scatter = define(
    "scatter",
    forward=_scatter,
    vjps=(_scatter_base, None, _scatter_source),
    shape=_scatter_shape,
    formula="a with a[i] = b along a dimension",
    gradients=("upstream, 0 at i", None, "upstream at i"),
    letters="aib",
    saved=(1,),
    samples=_picked(_distinct),
)
scatter_add = define(
    "scatter_add",
    forward=_scatter_add,
    vjps=(lambda g, out, a, index, src, dim: g, None, _scatter_source),
    shape=_scatter_shape,
    formula="a with a[i] + b along a dimension",
    gradients=("upstream", None, "upstream at i"),
    letters="aib",
    saved=(1,),
    samples=_picked(
        lambda *given: [given[0].normal(size=given[1]), _index_for(*given), given[0].normal(size=given[2])]
    ),
)
