"""Indexing with square brackets: basic indices, which give views, and tensors of indices, which give copies.

The rules are PyTorch's: numbers, slices, None and the ellipsis are applied first and give a view; tensors of indices
then select elements along their dimensions of that view.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd import functions, ops, types
from nnviz.autograd.modes import current, needs_numbers
from nnviz.autograd.operation import Shape
from nnviz.errors import ArgumentError, DtypeError, OperandError, PositionError


class Advanced(NamedTuple):
    """Tensors of indices, and masks.

    Attributes:
        dims: the dimension of the view that each tensor indexes.
        tensors: the indices and masks.
        computed: whether a mask is given as a tensor, not as a list or an array.
    """

    dims: list[int]
    tensors: list[core.Tensor]
    computed: bool


def getitem(tensor: core.Tensor, index: Any) -> core.Tensor:
    """The elements at `index`: a view for numbers and slices, a copy for tensors of indices and masks.

    Raises:
        PositionError: the index is out of range, or of an invalid type.
    """
    if index.__class__ is int and tensor.array.ndim and not current.get().tape:
        size = tensor.array.shape[0]
        if -size <= index < size:
            return ops.index(tensor, index=(index, ...))
    view, advanced = split(tensor, index)
    if advanced is None:
        return view
    view, advanced = _selected(view, advanced)
    if not advanced.dims:
        return view
    dims, indices = _whole(view, advanced)
    return ops.take(view, indices, dims=dims)


def split(tensor: core.Tensor, index: Any) -> tuple[core.Tensor, Advanced | None]:
    """The view given by the basic parts of `index`, and the tensors among its parts."""
    given = index if isinstance(index, tuple) else (index,)
    parts = [_part(one) for one in given]
    taken = sum(_dims_of(part) for part in parts)
    _check_count(tensor, parts, taken)
    plain: list[Any] = []
    dims: list[int] = []
    tensors: list[core.Tensor] = []
    nothing: list[int] = []
    at = 0
    for part in parts:
        if isinstance(part, core.Tensor):
            dims.append(at)
            tensors.append(part)
            plain += [slice(None)] * _dims_of(part)
            at += _dims_of(part)
        elif part is Ellipsis:
            plain.append(part)
            at += tensor.ndim - taken
        elif part is None or isinstance(part, bool):
            if part is False:
                nothing.append(at)
            plain.append(None)
            at += 1
        else:
            plain.append(part)
            at += isinstance(part, slice)
    view = tensor
    if any(part is not Ellipsis and part != slice(None) for part in plain):
        # With an ellipsis, numpy returns a view even for a single number.
        view = ops.index(tensor, index=tuple(plain) if Ellipsis in plain else (*plain, ...))
    for dim in nothing:
        view = ops.index(view, index=(*(slice(None),) * dim, slice(0, 0), ...))
    computed = any(isinstance(one, core.Tensor) and one.dtype in (np.bool_, np.uint8) for one in given)
    return view, Advanced(dims, tensors, computed) if tensors else None


def _check_count(tensor: core.Tensor, parts: list[Any], taken: int) -> None:
    """Check the number of dimensions that the parts of an index cover."""
    if taken > tensor.ndim:
        if not tensor.ndim:
            raise PositionError(
                "invalid index of a 0-dim tensor. Use `tensor.item()` in Python to convert a 0-dim tensor to a number",
                "it holds a single number",
            )
        raise PositionError(f"too many indices for tensor of dimension {tensor.ndim}", f"its shape is {tensor.shape}")
    if sum(part is Ellipsis for part in parts) > 1:
        raise PositionError("an index can only have a single ellipsis ('...')", f"its shape is {tensor.shape}")


def _part(part: Any) -> Any:
    """One part of an index: a number, a slice, None, True, False, an ellipsis, or a tensor of indices."""
    if part is None or part is Ellipsis or isinstance(part, bool | int):
        return part
    if isinstance(part, slice):
        start, stop, step = (None if one is None else _bound(one) for one in (part.start, part.stop, part.step))
        if step == 0:
            raise ArgumentError("slice step cannot be zero", "1 takes every element, 2 every other one")
        if step is not None and step < 0:
            raise ArgumentError(
                f"step must be greater than zero, got {step}", "x.flip(0) turns the first dimension around"
            )
        return slice(start, stop, step)
    if isinstance(part, np.integer | np.bool_):
        return part.item()
    tensor = _indices(part)
    kind = tensor.array.dtype.kind
    if tensor.array.dtype == np.uint8:
        return functions.ne(tensor, 0)
    if kind not in "bui":
        raise PositionError(
            "tensors used as indices must be long, int, byte or bool tensors", "call .long() on it first"
        )
    if not tensor.ndim and current.get().tape is None:
        return bool(tensor.array) if kind == "b" else int(tensor.array)
    return tensor


def _indices(part: Any) -> core.Tensor:
    """An array, a list or a tensor as a tensor."""
    if isinstance(part, core.Tensor):
        return part
    if isinstance(part, np.ndarray):
        return core.Tensor(part)
    if isinstance(part, Sequence) and not isinstance(part, str | bytes):
        return _listed(part)
    if isinstance(part, str | bytes):
        raise OperandError("new(): invalid data type 'str'", "an index is a number, a slice, or a tensor of them")
    raise PositionError(
        "only integers, slices (`:`), ellipsis (`...`), None and long or byte Variables are valid indices "
        f"(got {type(part).__name__})"
    )


def _listed(part: Sequence[Any]) -> core.Tensor:
    """A list of indices as a tensor."""
    if any(isinstance(one, core.Tensor) for one in part):
        return functions.stack([one if isinstance(one, core.Tensor) else core.Tensor(np.asarray(one)) for one in part])
    try:
        array = np.asarray(part)
    except ValueError:
        array = np.asarray(None)
    if not array.size:
        return core.Tensor(np.zeros(array.shape, np.int64))
    if array.dtype.kind not in "bui":
        raise PositionError(f"a list between square brackets must hold whole numbers or truth values, got {part!r:.60}")
    return core.Tensor(array)


def _bound(one: Any) -> int:
    """A bound of a slice as a number."""
    if isinstance(one, core.Tensor):
        needs_numbers("a slice whose bound is a tensor")
        one = one.item()
    try:
        return int(one.__index__())
    except (AttributeError, TypeError):
        raise OperandError("slice indices must be integers or None or have an __index__ method") from None


def _dims_of(part: Any) -> int:
    """The number of dimensions of the tensor that a part of the index covers."""
    if isinstance(part, core.Tensor):
        return part.ndim if part.array.dtype.kind == "b" else 1
    return 0 if part is None or part is Ellipsis or isinstance(part, bool) else 1


def _selected(view: core.Tensor, advanced: Advanced) -> tuple[core.Tensor, Advanced]:
    """Apply tensors of a single index, which on shapes alone are not converted to numbers."""
    dims, tensors = list(advanced.dims), list(advanced.tensors)
    for at in reversed(range(len(dims))):
        if not tensors[at].ndim:
            view = ops.take(view, tensors[at], dims=(dims[at],))
            dims = [*dims[:at], *(dim - 1 for dim in dims[at + 1 :])]
            del tensors[at]
    return view, Advanced(dims, tensors, advanced.computed)


def _whole(view: core.Tensor, advanced: Advanced) -> tuple[tuple[int, ...], core.Tensor]:
    """The dimensions, and the indices along them as one tensor, stacked if there are several."""
    dims: list[int] = []
    tensors: list[core.Tensor] = []
    for dim, tensor in zip(advanced.dims, advanced.tensors, strict=True):
        if tensor.array.dtype.kind != "b":
            dims.append(dim)
            tensors.append(tensor)
            continue
        _check_mask(view.shape, tensor.shape, dim)
        if advanced.computed:
            needs_numbers("an index by a mask")
        dims += range(dim, dim + tensor.ndim)
        tensors += [core.Tensor(places) for places in tensor.array.nonzero()]
    if len(tensors) == 1:
        return (dims[0],), tensors[0]
    try:
        shape = np.broadcast_shapes(*[tensor.shape for tensor in tensors])
    except ValueError:
        shapes = ", ".join(str(list(tensor.shape)) for tensor in tensors)
        raise PositionError(
            f"shape mismatch: indexing tensors could not be broadcast together with shapes {shapes}"
        ) from None
    wide = [types.to(functions.expand(tensor, shape), np.int64) for tensor in tensors]
    return tuple(dims), ops.stack(*wide, dim=0)


def _check_mask(shape: Shape, mask: Shape, dim: int) -> None:
    for i, size in enumerate(mask):
        if shape[dim + i] != size:
            raise PositionError(
                f"The shape of the mask {list(mask)} at index {i} does not match the shape of the indexed tensor "
                f"{list(shape)} at index {dim + i}"
            )


def put(old: core.Tensor, advanced: Advanced, value: core.Tensor) -> core.Tensor:
    """A copy of `old` with `value` at the elements that the tensors index.

    Raises:
        DtypeError: the value has another dtype.
        ShapeError: it does not broadcast to the indexed elements.
    """
    if value.array.size == 1 or not value.ndim:
        value = types.to(functions.reshape(value, ()), old.dtype)
    elif value.dtype != old.dtype:
        raise DtypeError(
            f"Index put requires the source and destination dtypes match, got {types.type_name(old.dtype)} for the "
            f"destination and {types.type_name(value.dtype)} for the source.",
            "turn the value into the tensor's type with .to(tensor.dtype)",
        )
    mask = advanced.tensors[0]
    if len(advanced.tensors) == 1 and mask.array.dtype.kind == "b" and not value.ndim:
        at = advanced.dims[0]
        _check_mask(old.shape, mask.shape, at)
        wide = functions.reshape(mask, (*(1,) * at, *mask.shape, *(1,) * (old.ndim - at - mask.ndim)))
        return ops.where(wide, value, old)
    if current.get().tape is not None and not all(tensor.ndim for tensor in advanced.tensors):
        if any(tensor.ndim for tensor in advanced.tensors):
            needs_numbers("an index by a single number beside others")
        indices = advanced.tensors[0] if len(advanced.tensors) == 1 else functions.stack(advanced.tensors)
        return ops.put(old, value, indices, dims=tuple(advanced.dims))
    dims, indices = _whole(old, advanced)
    place = ops.take.shape(old.shape, indices.shape, dims=dims)
    return ops.put(old, without_leading_ones(value, len(place)), indices, dims=dims)


def without_leading_ones(value: core.Tensor, ndim: int) -> core.Tensor:
    """`value` without leading dimensions of size 1, down to `ndim` dimensions."""
    shape = value.shape
    while len(shape) > ndim and shape[0] == 1:
        shape = shape[1:]
    return value if shape == value.shape else functions.reshape(value, shape)
