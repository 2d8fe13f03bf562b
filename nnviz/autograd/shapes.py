"""Reshaping, reordering, splitting and joining tensors, under PyTorch's names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd import ops, views
from nnviz.autograd.modes import is_abstract
from nnviz.autograd.naming import sizes_of
from nnviz.autograd.operation import Shape
from nnviz.autograd.ops.elementwise import broadcast
from nnviz.autograd.ops.reduce import Dim
from nnviz.autograd.ops.shape import dimension
from nnviz.autograd.types import common, only_tensors, to
from nnviz.errors import ArgumentError, OperandError, OperationError, PositionError, ShapeError

__all__ = [
    "atleast_1d", "atleast_2d", "broadcast_shapes", "broadcast_tensors", "broadcast_to", "cat", "chunk", "clone",
    "concat", "concatenate", "expand", "flatten", "flip", "fliplr", "flipud", "hstack", "meshgrid", "moveaxis",
    "movedim", "narrow", "permute", "ravel", "reshape", "roll", "select", "split", "squeeze", "stack", "swapaxes",
    "swapdims", "t", "tile", "transpose", "unbind", "unflatten", "unsqueeze", "vstack",
]  # fmt: skip


def reshape(input: core.Tensor, *sizes: Any, shape: Any = None) -> core.Tensor:
    """The same numbers in another shape; one size may be −1."""
    return ops.reshape(input, shape=sizes_of(sizes, shape))


def view(input: core.Tensor, *sizes: Any, size: Any = None) -> core.Tensor:
    """The same memory in another shape; one size may be −1.

    Raises:
        ShapeError: that shape is not compatible with the memory layout.
    """
    seen = ops.reshape(input, shape=sizes_of(sizes, size))
    if is_abstract():
        views.is_certain(seen)
    elif input.array.size and not np.may_share_memory(seen.array, input.array):
        raise ShapeError(
            "view size is not compatible with input tensor's size and stride (at least one dimension spans across two "
            "contiguous subspaces). Use .reshape(...) instead.",
            "reshape copies where it must",
        )
    return seen


def view_as(input: core.Tensor, other: core.Tensor) -> core.Tensor:
    """The same memory in the shape of another tensor."""
    only_tensors("view_as", (input, other))
    return view(input, other.shape)


def reshape_as(input: core.Tensor, other: core.Tensor) -> core.Tensor:
    """The same numbers in the shape of another tensor."""
    only_tensors("reshape_as", (input, other))
    return reshape(input, other.shape)


def transpose(input: core.Tensor, dim0: int, dim1: int) -> core.Tensor:
    """Exchange two dimensions."""
    if type(dim0) is not int or type(dim1) is not int:
        dim0, dim1 = dimension(dim0, input.ndim), dimension(dim1, input.ndim)
    return ops.transpose(input, dim0=dim0, dim1=dim1)


def t(input: core.Tensor) -> core.Tensor:
    """The transposed matrix; a vector is returned unchanged."""
    if input.ndim > 2:
        raise OperationError(
            f"t() expects a tensor with <= 2 dimensions, but self is {input.ndim}D", "transpose(dim0, dim1) names two"
        )
    return ops.transpose(input, dim0=0, dim1=1) if input.ndim == 2 else input


def matrix_transposed(input: core.Tensor) -> core.Tensor:
    """`mT`: exchange the last two dimensions."""
    if input.ndim < 2:
        raise OperationError(
            f"tensor.mT is only supported on matrices or batches of matrices. Got {input.ndim}-D tensor.",
            "unsqueeze() adds a dimension",
        )
    return ops.transpose(input, dim0=-2, dim1=-1)


def permute(input: core.Tensor, *order: Any, dims: Any = None) -> core.Tensor:
    """Permute the dimensions to the order of `dims`."""
    return ops.permute(input, dims=sizes_of(order, dims))


def movedim(input: core.Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> core.Tensor:
    """Move dimensions to other positions; the others keep their order."""
    if isinstance(source, int) != isinstance(destination, int):
        raise OperandError("movedim(): source and destination have to be two ints, or two sequences of them")
    sources = [source] if isinstance(source, int) else list(source)
    targets = [destination] if isinstance(destination, int) else list(destination)
    if len(sources) != len(targets):
        raise OperationError(
            "movedim: Invalid source or destination dims: source "
            f"({sources} dims) should contain the same number of dims as destination ({targets} dims)"
        )
    taken = [dimension(dim, input.ndim) for dim in sources]
    order = [dim for dim in range(input.ndim) if dim not in taken]
    for place, dim in sorted(zip([dimension(dim, input.ndim) for dim in targets], taken, strict=True)):
        order.insert(place, dim)
    return ops.permute(input, dims=tuple(order))


def expand(input: core.Tensor, *sizes: Any, size: Any = None) -> core.Tensor:
    """Broadcast to a larger size, as a view; −1 keeps the size of a dimension."""
    return ops.expand(input, shape=sizes_of(sizes, size))


def expand_as(input: core.Tensor, other: core.Tensor) -> core.Tensor:
    """Broadcast to the shape of another tensor."""
    only_tensors("expand_as", (input, other))
    return ops.expand(input, shape=other.shape)


def broadcast_to(input: core.Tensor, size: Sequence[int]) -> core.Tensor:
    """Broadcast to the shape `size`, as a view."""
    return ops.expand(input, shape=tuple(size))


def broadcast_shapes(*shapes: Sequence[int]) -> Shape:
    """The common shape that all shapes broadcast to."""
    found: Shape = ()
    for shape in shapes:
        found = broadcast(found, tuple(shape))
    return found


def broadcast_tensors(*tensors: core.Tensor) -> tuple[core.Tensor, ...]:
    """The tensors, broadcast to their common shape."""
    only_tensors("broadcast_tensors", tensors)
    wide = broadcast_shapes(*[tensor.shape for tensor in tensors])
    return tuple(ops.expand(tensor, shape=wide) for tensor in tensors)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[core.Tensor, ...]:
    """The coordinates of a grid, one tensor per dimension.

    Args:
        tensors: the coordinates along each dimension: vectors or single numbers.
        indexing: "ij" for a grid of shape (len(first), len(second), ...); "xy" exchanges the first two dimensions.
    """
    given: Sequence[core.Tensor] = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], list | tuple) else tensors
    only_tensors("meshgrid", given)
    if indexing not in ("ij", "xy"):
        raise OperationError(
            f'torch.meshgrid: indexing must be one of "xy" or "ij", but received: {indexing}', 'indexing="ij"'
        )
    if any(tensor.ndim > 1 for tensor in given):
        raise OperationError("torch.meshgrid: Expected 0D or 1D tensor in the tensor list", "flatten() makes a vector")
    count = len(given)
    places = list(range(count))
    if indexing == "xy" and count > 1:
        places[0], places[1] = 1, 0
    sizes = [0] * count
    for tensor, place in zip(given, places, strict=True):
        sizes[place] = tensor.array.size
    return tuple(
        expand(reshape(tensor, tuple(-1 if i == place else 1 for i in range(count))), tuple(sizes))
        for tensor, place in zip(given, places, strict=True)
    )


def squeeze(input: core.Tensor, dim: Dim | Sequence[int] = None) -> core.Tensor:
    """Remove all dimensions of size 1, or only those in `dim`."""
    dims = range(input.ndim) if dim is None else dim if isinstance(dim, tuple | list) else (dim,)
    gone = {dimension(d, input.ndim) for d in dims}
    return reshape(input, tuple(size for i, size in enumerate(input.shape) if size != 1 or i not in gone))


def unsqueeze(input: core.Tensor, dim: int) -> core.Tensor:
    """Insert a dimension of size 1 before `dim`."""
    at = dimension(dim, input.ndim + 1)
    return reshape(input, (*input.shape[:at], 1, *input.shape[at:]))


def flatten(input: core.Tensor, start_dim: int = 0, end_dim: int = -1) -> core.Tensor:
    """Join the dimensions start_dim to end_dim into one."""
    first, last = dimension(start_dim, input.ndim), dimension(end_dim, input.ndim)
    if first > last:
        raise OperationError("flatten() has invalid args: start_dim cannot come after end_dim")
    if not input.ndim:
        return reshape(input, (1,))
    shape = input.shape
    return reshape(input, (*shape[:first], math.prod(shape[first : last + 1]), *shape[last + 1 :]))


def ravel(input: core.Tensor) -> core.Tensor:
    """Flatten to one dimension."""
    return reshape(input, (-1,)) if input.array.size else reshape(input, (0,))


def unflatten(input: core.Tensor, dim: int, sizes: Sequence[int]) -> core.Tensor:
    """Split a dimension into several; one of their sizes may be −1."""
    at = dimension(dim, input.ndim)
    whole, known = input.shape[at], math.prod(size for size in sizes if size != -1)
    if -1 in sizes and known and whole % known == 0:
        sizes = [whole // known if size == -1 else size for size in sizes]
    if math.prod(sizes) != whole or min(sizes, default=1) < 0:
        raise OperationError(
            f"unflatten: Provided sizes {list(sizes)} don't multiply up to the size of dim {dim} ({whole}) in the "
            "input tensor"
        )
    return reshape(input, (*input.shape[:at], *sizes, *input.shape[at + 1 :]))


def flip(input: core.Tensor, *axes: Any, dims: Any = None) -> core.Tensor:
    """A copy in which the order of the elements is reversed along `dims`."""
    return ops.flip(input, dims=sizes_of(axes, dims))


def fliplr(input: core.Tensor) -> core.Tensor:
    """Reverse the order of the columns."""
    return ops.flip(input, dims=(1,))


def flipud(input: core.Tensor) -> core.Tensor:
    """Reverse the order of the rows."""
    return ops.flip(input, dims=(0,))


def roll(input: core.Tensor, shifts: int | Sequence[int], dims: int | Sequence[int] | None = None) -> core.Tensor:
    """Shift the elements by `shifts` along `dims`; those shifted beyond the end reappear at the start."""
    moved = shifts if isinstance(shifts, int) else tuple(shifts)
    if isinstance(dims, list | tuple) and isinstance(moved, int):
        moved = (moved,)
    if isinstance(moved, tuple) and isinstance(dims, int):
        dims = (dims,)
    if isinstance(moved, tuple) and len(moved) == 1 and dims is None:
        moved = moved[0]
    return ops.roll(input, shifts=moved, dims=tuple(dims) if isinstance(dims, list | tuple) else dims)


def repeat(input: core.Tensor, *sizes: Any, repeats: Any = None) -> core.Tensor:
    """A copy in which each dimension is repeated `sizes` times, as by numpy's tile."""
    if not sizes and repeats is None:
        raise OperandError('repeat() missing 1 required positional arguments: "repeats"', "repeat(2, 1)")
    return ops.repeat(input, sizes=sizes_of(sizes, repeats))


def tile(input: core.Tensor, *sizes: Any, dims: Any = None) -> core.Tensor:
    """As `repeat`, but with fewer sizes than dimensions the leading dimensions are repeated once."""
    often = sizes_of(sizes, dims)
    return ops.repeat(input, sizes=(1,) * (input.ndim - len(often)) + often)


# --- parts


def narrow(input: core.Tensor, dim: int, start: int, length: int) -> core.Tensor:
    """The `length` elements from `start` on along `dim`."""
    at = dimension(dim, input.ndim)
    size = input.shape[at]
    begin = start + size if start < 0 else start
    if length < 0:
        raise OperationError("narrow(): length must be non-negative.")
    if begin < 0 or begin + length > size:
        raise OperationError(
            f"start ({start}) + length ({length}) exceeds dimension size ({size}).", "use a smaller start or length"
        )
    return _part(input, at, begin, begin + length)


def _part(input: core.Tensor, at: int, begin: int, end: int) -> core.Tensor:
    return input[(slice(None),) * at + (slice(begin, end),)]


def select(input: core.Tensor, dim: int, index: int) -> core.Tensor:
    """The slice at `index` along `dim`, without that dimension."""
    return input[(slice(None),) * dimension(dim, input.ndim) + (index,)]


def unbind(input: core.Tensor, dim: int = 0) -> tuple[core.Tensor, ...]:
    """The slices at every index along `dim`, without that dimension."""
    if not input.ndim:
        raise PositionError(
            "Dimension specified as 0 but tensor has no dimensions", "a tensor without dimensions cannot be split"
        )
    at = dimension(dim, input.ndim)
    return tuple(input[(slice(None),) * at + (i,)] for i in range(input.shape[at]))


def split(input: core.Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[core.Tensor, ...]:
    """Split along `dim` into parts of one size, of which the last may be smaller, or of the given sizes."""
    at = dimension(dim, input.ndim)
    if not input.ndim:
        raise OperationError(
            "split expects at least a 1-dimensional tensor", "a tensor without dimensions cannot be split"
        )
    size = input.shape[at]
    if isinstance(split_size_or_sections, int):
        step = split_size_or_sections
        if step < 0 or (step == 0 and size):
            raise OperationError(f"split expects split_size be non-negative, but got split_size={step}")
        sections = [min(step, size - i) for i in range(0, size, step)] if size else [0]
    else:
        sections = list(split_size_or_sections)
        if sum(sections) != size:
            raise OperationError(
                f"split_with_sizes expects split_sizes to sum exactly to {size} (input tensor's size at dimension {at})"
                f", but got split_sizes={sections}"
            )
    parts, begin = [], 0
    for length in sections:
        parts.append(_part(input, at, begin, begin + length))
        begin += length
    return tuple(parts)


def chunk(input: core.Tensor, chunks: int, dim: int = 0) -> tuple[core.Tensor, ...]:
    """At most `chunks` parts of equal size along `dim`; the last one may be smaller."""
    if chunks < 1:
        raise OperationError(f"chunk expects `chunks` to be greater than 0, got: {chunks}")
    at = dimension(dim, input.ndim)
    size = input.shape[at] if input.ndim else 0
    return split(input, max(-(-size // chunks), 1), dim)


# --- joining


def cat(tensors: Sequence[core.Tensor], dim: int = 0, *, axis: int | None = None) -> core.Tensor:
    """Concatenate tensors along `dim`; empty vectors are skipped, as in PyTorch."""
    found = _of_one_type(tensors, "cat")
    full = [tensor for tensor in found if tensor.shape != (0,)]
    return ops.cat(*(full or found[:1]), dim=dim if axis is None else axis)


def stack(tensors: Sequence[core.Tensor], dim: int = 0, *, axis: int | None = None) -> core.Tensor:
    """Stack tensors along a new dimension."""
    return ops.stack(*_of_one_type(tensors, "stack"), dim=dim if axis is None else axis)


def _of_one_type(tensors: Sequence[core.Tensor], name: str) -> list[core.Tensor]:
    """The tensors of a list, converted to their common dtype."""
    if isinstance(tensors, core.Tensor):
        raise OperandError(f"{name}(): argument 'tensors' (position 1) must be tuple of Tensors, not Tensor")
    if not tensors:
        kind = OperationError if name == "stack" else ArgumentError
        raise kind(f"torch.{name}(): expected a non-empty list of Tensors", "give one tensor at least")
    only_tensors(name, tensors)
    wide = common(tensors)
    return [to(tensor, wide) for tensor in tensors]


def vstack(tensors: Sequence[core.Tensor]) -> core.Tensor:
    """Concatenate the rows of several tensors."""
    return cat([atleast_2d(tensor) for tensor in tensors], 0)


def hstack(tensors: Sequence[core.Tensor]) -> core.Tensor:
    """Concatenate the columns of several tensors; vectors are concatenated."""
    found = [atleast_1d(tensor) for tensor in tensors]
    return cat(found, 1 if found and found[0].ndim > 1 else 0)


def atleast_1d(input: core.Tensor) -> core.Tensor:
    """A number as a vector; other tensors unchanged."""
    return input if input.ndim else reshape(input, (1,))


def atleast_2d(input: core.Tensor) -> core.Tensor:
    """A number or a vector as a matrix with one row; other tensors unchanged."""
    return input if input.ndim > 1 else reshape(input, (1, -1))


def clone(input: core.Tensor, *, memory_format: object = None) -> core.Tensor:
    """A copy that keeps its history."""
    del memory_format
    return ops.clone(input)


def contiguous(input: core.Tensor, memory_format: object = None) -> core.Tensor:
    """The tensor itself if it is contiguous in memory, else a contiguous copy."""
    del memory_format
    return input if is_contiguous(input) else ops.clone(input)


def is_contiguous(input: core.Tensor) -> bool:
    """Whether it is contiguous in memory; on shapes alone, whether it is not a view, other than by reshape."""
    if not is_abstract():
        return bool(input.array.flags.c_contiguous)
    node = input.node
    while node is not None and node.operation.view:
        if node.operation.name != "reshape":
            return False
        node = node.inputs[0].node
    return True


concat = concatenate = cat
moveaxis, swapaxes, swapdims = movedim, transpose, transpose
