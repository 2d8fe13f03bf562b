"""Selecting elements under PyTorch's names: by index, by mask, by rank; sorting, searching and counting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd import ops
from nnviz.autograd.aside import aside, plain
from nnviz.autograd.comparison import where
from nnviz.autograd.modes import needs_numbers
from nnviz.autograd.naming import renamed
from nnviz.autograd.operation import Array
from nnviz.autograd.ops.reduce import reduced
from nnviz.autograd.ops.shape import dimension
from nnviz.autograd.reductions import Extremes
from nnviz.autograd.shapes import broadcast_shapes, broadcast_tensors, expand, reshape
from nnviz.autograd.types import kind_of, only_floats, only_tensors, to, type_name
from nnviz.errors import (
    DtypeError,
    NotSupportedError,
    OperandError,
    OperationError,
    PositionError,
)

if TYPE_CHECKING:
    from nnviz.autograd.types import Operand

__all__ = [
    "argsort", "argwhere", "bincount", "bucketize", "gather", "histc", "index_select", "kthvalue", "masked_fill",
    "masked_select", "median", "nanmedian", "nonzero", "quantile", "repeat_interleave", "scatter", "scatter_add",
    "searchsorted", "sort", "take", "take_along_dim", "topk", "unique",
]  # fmt: skip


def _whole(name: str, index: core.Tensor) -> core.Tensor:
    """The indices, after checking that they are integers.

    Raises:
        OperandError: they are not a tensor.
        DtypeError: they have another dtype.
    """
    if kind_of(index) not in "iu":
        raise DtypeError(
            f"{name}(): Expected dtype int64 for index, but got {type_name(index.dtype)}", "call .long() on it"
        )
    return index


def gather(input: core.Tensor, dim: int, index: core.Tensor) -> core.Tensor:
    """out[i][j] = input[index[i][j]][j] for dim 0; similarly for other dimensions."""
    only_tensors("gather", (input,))
    return ops.gather(input, _whole("gather", index), dim=dim)


def take_along_dim(input: core.Tensor, indices: core.Tensor, dim: int | None = None) -> core.Tensor:
    """As `gather`, with input and indices broadcast in the other dimensions; without `dim`, both are flattened."""
    if dim is None:
        return gather(reshape(input, (-1,)), 0, reshape(indices, (-1,)))
    at = dimension(dim, input.ndim)
    if input.ndim != indices.ndim:
        raise OperationError(
            "torch.take_along_dim(): input and indices should have the same number of dimensions, but got "
            f"{input.ndim} dimensions for input, and {indices.ndim} dimensions for indices"
        )
    beside = [tuple(1 if i == at else n for i, n in enumerate(tensor.shape)) for tensor in (input, indices)]
    wide = broadcast_shapes(*beside)
    shapes = [(*wide[:at], tensor.shape[at], *wide[at + 1 :]) for tensor in (input, indices)]
    return gather(expand(input, shapes[0]), at, expand(indices, shapes[1]))


def take(input: core.Tensor, index: core.Tensor) -> core.Tensor:
    """The elements at flat indices; negative ones count from the end."""
    size = input.array.size
    places = _whole("take", index)
    counted = aside("take", lambda array: np.where(array < 0, array + size, array), index.shape, np.int64, places)
    return reshape(gather(reshape(input, (-1,)), 0, reshape(counted, (-1,))), index.shape)


def index_select(input: core.Tensor, dim: int, index: core.Tensor) -> core.Tensor:
    """The elements at the indices in the vector `index` along `dim`."""
    only_tensors("index_select", (input,))
    return ops.index_select(input, _whole("index_select", index), dim=dim)


def scatter(input: core.Tensor, dim: int, index: core.Tensor, src: Any = None, *, value: Any = None) -> core.Tensor:
    """A copy of input with out[index[i][j]][j] = src[i][j] for dim 0; similarly for other dimensions.

    Args:
        input: the tensor to copy.
        dim: the dimension that is indexed.
        index: the indices; if one occurs twice, the last value is kept.
        src: the values, a tensor at least as large as `index`, or a number.
        value: a number, as a keyword.
    """
    return ops.scatter(input, _whole("scatter", index), _source(input, index, value if src is None else src), dim=dim)


def scatter_add(input: core.Tensor, dim: int, index: core.Tensor, src: core.Tensor) -> core.Tensor:
    """A copy of input with out[index[i][j]][j] += src[i][j] for dim 0; similarly for other dimensions."""
    return ops.scatter_add(input, _whole("scatter_add", index), _source(input, index, src), dim=dim)


def _source(input: core.Tensor, index: core.Tensor, src: Any) -> core.Tensor:
    if not isinstance(src, core.Tensor):
        return core.Tensor(np.full(index.shape, src, input.dtype))
    if src.dtype != input.dtype:
        raise DtypeError("scatter(): Expected self.dtype to be equal to src.dtype", "call .to(input.dtype) on src")
    return src


# --- by mask


def chosen_where(input: core.Tensor, condition: core.Tensor, other: Operand) -> core.Tensor:
    """`x.where(condition, other)`: input where the condition is True, else other."""
    found: core.Tensor = where(condition, input, other)
    return found


def masked_fill(input: core.Tensor, mask: core.Tensor, value: Operand) -> core.Tensor:
    """`value` where the mask is True, else input; the result has the dtype of input."""
    _mask("masked_fill", mask)
    if isinstance(value, core.Tensor) and value.ndim:
        raise OperationError(
            f"masked_fill_ only supports a 0-dimensional value tensor, but got tensor with {value.ndim} dimension(s).",
            "where(mask, value, input) takes any shape",
        )
    filled = to(value, input.dtype) if isinstance(value, core.Tensor) else core.Tensor(np.asarray(value, input.dtype))
    return ops.where(mask, filled, input)


def masked_select(input: core.Tensor, mask: core.Tensor) -> core.Tensor:
    """The elements where the mask is True, as a vector."""
    needs_numbers("masked_select()")
    _mask("masked_select", mask)
    wide, held = broadcast_tensors(input, mask)
    return index_select(reshape(wide, (-1,)), 0, plain(np.flatnonzero(held.array)))


def _mask(name: str, mask: core.Tensor) -> None:
    if kind_of(mask) != "b":
        raise DtypeError(
            f"{name}: expected BoolTensor for mask, but got {type_name(mask.dtype)}",
            "compare it with something, for example mask != 0",
        )


# --- by rank


def _ranks(array: Array, dim: int, descending: bool) -> Array:
    """The indices that sort the elements along `dim` in ascending order, NaN last; a stable sort."""
    if not array.ndim:
        return np.zeros((), np.int64)
    if not descending:
        return np.argsort(array, axis=dim, kind="stable")
    # Reversed before and after the sort, so that it is stable in descending order as well.
    backward = np.argsort(np.flip(array, dim), axis=dim, kind="stable")
    return np.asarray(np.flip(array.shape[dim] - 1 - backward, dim))


def argsort(input: core.Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> core.Tensor:
    """The indices that sort the elements along `dim`; the sort is always stable, whatever `stable` is."""
    del stable
    dimension(dim, input.ndim)
    return aside("argsort", partial(_ranks, dim=dim, descending=descending), input.shape, np.int64, input)


def sort(input: core.Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Extremes:
    """(values, indices): the sorted elements along `dim`, and their indices in input."""
    places = argsort(input, dim, descending, stable)
    return Extremes(ops.gather(input, places, dim=dim), places)


def topk(input: core.Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Extremes:
    """(values, indices) of the k largest or smallest elements along `dim`; always sorted, whatever `sorted` is."""
    del sorted
    at = dimension(dim, input.ndim)
    size = input.shape[at] if input.ndim else 1
    if not 0 <= k <= size:
        raise OperationError("selected index k out of range", f"along dimension {dim} there are {size}")
    shape = (*input.shape[:at], k, *input.shape[at + 1 :]) if input.ndim else ()

    def compute(array: Array) -> Array:
        ranks = _ranks(array, at, largest)
        return ranks[(slice(None),) * at + (slice(k),)] if array.ndim else ranks

    places = aside("topk", compute, shape, np.int64, input)
    return Extremes(ops.gather(input, places, dim=dim), places)


def kthvalue(input: core.Tensor, k: int, dim: int = -1, keepdim: bool = False) -> Extremes:
    """(values, indices) of the k-th smallest element along `dim`, counted from 1."""
    size = input.shape[dimension(dim, input.ndim)] if input.ndim else 1
    if not 1 <= k <= size:
        raise OperationError("kthvalue(): selected number k out of range for dimension " + str(dim))
    return _at_rank("kthvalue", input, dim, keepdim, lambda _: k - 1)


def median(input: core.Tensor, dim: int | None = None, keepdim: bool = False, **names: Any) -> Any:
    """The median, the lower one of two; along `dim`, (values, indices)."""
    dim, keepdim = renamed("median", names, dim, keepdim)
    if dim is not None:
        return _at_rank("median", input, dim, keepdim, lambda count: (count - 1) // 2)
    if not input.array.size:
        return core.Tensor(np.asarray(np.nan, input.dtype))
    return _at_rank("median", reshape(input, (-1,)), 0, False, lambda count: (count - 1) // 2).values


def nanmedian(input: core.Tensor) -> core.Tensor:
    """The median of the elements that are not NaN."""
    flat = reshape(input, (-1,))
    if not input.array.size:
        return core.Tensor(np.asarray(np.nan, input.dtype))

    def compute(array: Array) -> Array:
        there = int((~np.isnan(array)).sum())
        return np.asarray(_ranks(array, 0, False)[[max(there - 1, 0) // 2]])

    return reshape(ops.gather(flat, aside("nanmedian", compute, (1,), np.int64, flat), dim=0), ())


def _at_rank(name: str, input: core.Tensor, dim: int, keepdim: bool, rank: Callable[[int], int]) -> Extremes:
    at = dimension(dim, input.ndim)
    if not input.ndim:
        return Extremes(ops.clone(input), plain(np.zeros((), np.int64)))
    if not input.shape[at]:
        raise PositionError(f"{name}(): Expected reduction dim {dim} to have non-zero size.")

    def compute(array: Array) -> Array:
        ranks = _ranks(array, at, False)
        chosen = np.take(ranks, [rank(array.shape[at])], axis=at)
        missing = np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, bool)
        # The result is NaN if any element is.
        first = np.expand_dims(missing.argmax(axis=at), at)
        return np.asarray(np.where(missing.any(axis=at, keepdims=True), first, chosen))

    places = aside(name, compute, reduced(input.shape, at, True), np.int64, input)
    values = ops.gather(input, places, dim=at)
    if keepdim:
        return Extremes(values, places)
    shape = reduced(input.shape, at, False)
    return Extremes(reshape(values, shape), reshape(places, shape))


def quantile(
    input: core.Tensor, q: core.Tensor | float, dim: int | None = None, keepdim: bool = False, **names: Any
) -> core.Tensor:
    """The q-quantiles along `dim`, with linear interpolation.

    Args:
        input: a floating-point tensor.
        q: a number from 0 to 1, or a vector of them.
        dim: the dimension; by default the flattened input.
        keepdim: whether to keep the dimension, with size 1.
        names: numpy's `axis` and `keepdims`; `interpolation="linear"`.
    """
    if names.pop("interpolation", "linear") != "linear":
        raise OperandError("quantile(): interpolation has to be 'linear' here", "leave it out")
    dim, keepdim = renamed("quantile", names, dim, keepdim)
    only_floats(input, "quantile() input tensor must be either float or double dtype.")
    shares = np.asarray(q.array if isinstance(q, core.Tensor) else q, np.float64)
    if isinstance(q, core.Tensor):
        needs_numbers("quantile() at a tensor of shares")
    if not input.array.size:
        raise OperationError("quantile() input tensor must be non-empty")
    if ((shares < 0) | (shares > 1)).any():
        raise OperationError("quantile() q values must be in the range [0, 1]")
    flat = reshape(input, (-1,)) if dim is None else input
    at = dimension(0 if dim is None else dim, flat.ndim)
    ordered = sort(flat, at).values
    places = shares.reshape(-1) * (ordered.shape[at] - 1)
    low = ops.index_select(ordered, plain(np.floor(places).astype(np.int64)), dim=at)
    high = ops.index_select(ordered, plain(np.ceil(places).astype(np.int64)), dim=at)
    weight = (places - np.floor(places)).astype(input.dtype)
    step = core.Tensor(weight.reshape([-1 if i == at else 1 for i in range(ordered.ndim)]))
    found = ops.add(low, ops.mul(ops.sub(high, low), step))
    first = ops.permute(found, dims=(at, *(i for i in range(found.ndim) if i != at)))
    kept = reduced(input.shape, dim, keepdim)
    return reshape(first, (*shares.shape, *kept))


# --- results whose shape depends on the numbers


def nonzero(input: core.Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of all nonzero elements: one row per element, or with `as_tuple` one vector per dimension."""
    needs_numbers("nonzero()")
    if as_tuple:
        return tuple(plain(places) for places in np.nonzero(np.atleast_1d(input.array)))
    return plain(np.argwhere(input.array).astype(np.int64))


def argwhere(input: core.Tensor) -> core.Tensor:
    """The indices of all nonzero elements, one row per element."""
    found: core.Tensor = nonzero(input)
    return found


def unique(
    input: core.Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct values in ascending order; optionally the index of each element among them, and their counts."""
    del sorted
    needs_numbers("unique()")
    whole = input.array if dim is not None else input.array.reshape(-1)
    found, inverse, counts = np.unique(whole, return_inverse=True, return_counts=True, axis=dim, equal_nan=False)
    parts = [found]
    if return_inverse:
        parts.append(inverse.reshape(-1 if dim is not None else input.shape))
    if return_counts:
        parts.append(counts)
    return plain(found) if len(parts) == 1 else tuple(plain(part) for part in parts)


def bincount(input: core.Tensor, weights: core.Tensor | None = None, minlength: int = 0) -> core.Tensor:
    """The number of occurrences of each integer, from 0, in a vector."""
    needs_numbers("bincount()")
    if input.ndim != 1 or kind_of(input) not in "iu" or (input.array < 0).any():
        raise OperationError("bincount only supports 1-d non-negative integral inputs.", "flatten() it, call .long()")
    if weights is not None:
        only_tensors("bincount", (input, weights))
        if weights.shape != input.shape:
            raise OperationError(
                "weights should be 1-d and have the same length as input", f"its shape is {weights.shape}"
            )
    return plain(np.bincount(input.array, None if weights is None else weights.array, minlength))


def histc(input: core.Tensor, bins: int = 100, min: float = 0, max: float = 0) -> core.Tensor:
    """The histogram: counts in `bins` equal intervals from min to max; if both are equal, of the range of the input."""
    only_floats(input, "histogram_cpu not implemented for whole numbers.")
    if not isinstance(bins, int) or bins <= 0:
        raise OperationError("torch.histc(): bins must be > 0", f"got {bins!r}")
    if min > max:
        raise OperationError("torch.histc(): max must be larger than min", f"got {min} and {max}")

    def compute(array: Array) -> Array:
        low, high = (array.min(), array.max()) if min == max and array.size else (min, max)
        if low == high:
            low, high = low - 1, high + 1
        return np.histogram(array, bins, (low, high))[0]

    return aside("histc", compute, (bins,), input.dtype, input)


def searchsorted(sorted_sequence: core.Tensor, input: core.Tensor, *, right: bool = False) -> core.Tensor:
    """The index at which to insert each value into a sorted vector; after equal elements if `right`."""
    only_tensors("searchsorted", (sorted_sequence, input))
    if sorted_sequence.ndim != 1:
        raise NotSupportedError(
            f"searchsorted() takes one sorted vector here, got {sorted_sequence.ndim} dimensions", "call it row by row"
        )

    def compute(sequence: Array, values: Array) -> Array:
        return np.searchsorted(sequence, values, "right" if right else "left")

    return aside("searchsorted", compute, input.shape, np.int64, sorted_sequence, input)


def bucketize(input: core.Tensor, boundaries: core.Tensor, *, right: bool = False) -> core.Tensor:
    """The index of the bucket between sorted boundaries that each value is in."""
    return searchsorted(boundaries, input, right=right)


def repeat_interleave(input: core.Tensor, repeats: int | core.Tensor, dim: int | None = None) -> core.Tensor:
    """Repeat each element along `dim`; without `dim`, of the flattened input."""
    source = reshape(input, (-1,)) if dim is None else input
    at = dimension(0 if dim is None else dim, source.ndim)
    if isinstance(repeats, core.Tensor):
        needs_numbers("repeat_interleave() with a tensor of repeats")
        often: Array = repeats.array
    else:
        often = np.asarray(repeats)
    if (often < 0).any():
        raise OperationError("repeats can not be negative")
    size = source.shape[at]
    if often.ndim and often.size not in (1, size):
        raise OperationError(
            "repeats must have the same size as input along dim, but got repeats.size(0) = "
            f"{often.size} and input.size({at}) = {size}"
        )
    return ops.index_select(source, plain(np.repeat(np.arange(size), often)), dim=at)
