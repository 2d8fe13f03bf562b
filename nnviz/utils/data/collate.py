"""Collating: makes a batch of a list of samples."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from nnviz.autograd import Tensor, functions
from nnviz.autograd.operation import class_name
from nnviz.errors import ArgumentError, OperandError, OperationError, ShapeError


def default_collate(batch: Sequence[Any]) -> Any:
    """Collate samples into a batch, as PyTorch does.

    Args:
        batch: samples of the same type. Tensors and arrays are stacked along a new first dimension; numbers become a
            tensor, of float64 for Python floats; strings are returned as a list; mappings, named tuples and lists keep
            their type, and their entries are collated; tuples become lists.

    Shape:
        a tensor or array of shape (*) in each of N samples gives a tensor (N, *); a number gives (N,).

    Raises:
        OperandError: samples of a type that cannot be collated, or of different types.
        ArgumentError: an integer that does not fit into 64 bits.
        OperationError: lists or tuples of different lengths.
        ShapeError: tensors of different shapes.
    """
    first = batch[0]
    if isinstance(first, Tensor):
        return _stacked(batch)
    if isinstance(first, np.ndarray):
        return _stacked([_tensor(sample) for sample in batch])
    if isinstance(first, NUMBERS):
        return _numbers(batch)
    if isinstance(first, str | bytes):
        return batch
    if isinstance(first, Mapping):
        return _mapping(first, {key: default_collate([sample[key] for sample in batch]) for key in first})
    if isinstance(first, Sequence):
        return _sequence(first, batch)
    raise _refused(type(first))


def default_convert(data: Any) -> Any:
    """Convert the arrays and numpy scalars in a single sample to tensors; other values are returned unchanged."""
    if isinstance(data, np.ndarray | np.generic) and not isinstance(data, str | bytes):
        return Tensor(np.asarray(data)) if data.dtype.kind in "buif" else data
    if isinstance(data, Mapping):
        return _mapping(data, {key: default_convert(value) for key, value in data.items()})
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*map(default_convert, data))
    if isinstance(data, tuple):
        return [default_convert(value) for value in data]
    if isinstance(data, Sequence) and not isinstance(data, str | bytes):
        return _like(data, [default_convert(value) for value in data])
    return data


NUMBERS = (int, float, np.number, np.bool_)


def _numbers(batch: Sequence[float | np.generic]) -> Tensor:
    """Numbers as one tensor: of float64 if the first is a Python float, else of the dtype PyTorch gives such a list."""
    for place, sample in enumerate(batch):
        if not isinstance(sample, NUMBERS):
            raise OperandError(
                f"default_collate: sample 0 is a number, but sample {place} is of type {type(sample).__name__}",
                "all samples need the same type",
            )
    array = np.array(batch)
    if array.dtype.kind not in "buif":
        raise ArgumentError("Overflow when unpacking long long", "integers must fit into 64 bits")
    if array.dtype.kind == "f":
        floats = [sample.dtype for sample in batch if isinstance(sample, np.floating)]
        kind = np.result_type(*floats) if floats else np.dtype(np.float32)
        array = array.astype(np.float64 if type(batch[0]) is float else kind)
    return Tensor(array)


def _tensor(sample: Any) -> Tensor:
    """An array, or anything that can be converted to one, as a tensor."""
    array = np.asarray(sample)
    if array.dtype.kind not in "buif":
        raise _refused(array.dtype)
    return Tensor(array)


def _stacked(tensors: Sequence[Tensor]) -> Tensor:
    for place, tensor in enumerate(tensors):
        if not isinstance(tensor, Tensor):
            raise OperandError(
                f"expected Tensor as element {place} in argument 0, but got {class_name(tensor)}",
                "all samples need the same type",
            )
        if tensor.shape != tensors[0].shape:
            raise ShapeError(
                f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at entry 0 "
                f"and {list(tensor.shape)} at entry {place}",
                "cut or pad the samples to the same size, or pass your own collate_fn to the loader",
            )
    return functions.stack(tensors)


def _refused(kind: object) -> OperandError:
    return OperandError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {kind}",
        "convert the samples to tensors, or pass your own collate_fn to the loader",
    )


def _mapping(like: Mapping[Any, Any], entries: dict[Any, Any]) -> Any:
    """The entries in a mapping of the type of `like`; in a dict if that type cannot be constructed from them."""
    try:
        if isinstance(like, MutableMapping):
            # Copied, because a mapping of a custom type may have more attributes than its entries.
            made = copy.copy(like)
            made.update(entries)
            return made
        build: Callable[..., Any] = type(like)
        return build(entries)
    except TypeError:
        return entries


def _sequence(first: Sequence[Any], batch: Sequence[Any]) -> Any:
    """Collate samples that are sequences, entry by entry."""
    if len({len(sample) for sample in batch}) > 1:
        raise OperationError(
            "each element in list of batch should be of equal size",
            f"the samples have {', '.join(str(len(sample)) for sample in batch)} entries: pad them, or pass your own "
            "collate_fn to the loader",
        )
    entries = [default_collate(part) for part in zip(*batch, strict=True)]
    if isinstance(first, tuple):
        return type(first)(*entries) if hasattr(first, "_fields") else entries
    return _like(first, entries)


def _like(first: Sequence[Any], entries: list[Any]) -> Any:
    """The entries in a sequence of the type of `first`; in a list if that type cannot be constructed from them."""
    try:
        if isinstance(first, MutableSequence):
            made = copy.copy(first)
            for place, entry in enumerate(entries):
                made[place] = entry
            return made
        build: Callable[..., Any] = type(first)
        return build(entries)
    except TypeError:
        return entries
