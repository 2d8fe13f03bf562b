"""From a list of samples to a batch."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from nnviz.autograd import Tensor, functions
from nnviz.errors import ArgumentError, OperandError, OperationError, ShapeError


def default_collate(batch: Sequence[Any]) -> Any:
    """The samples of a batch put together, as PyTorch does it.

    Args:
        batch: samples that are alike. Tensors and arrays of one shape are stacked along a new first dimension; numbers
            become a tensor (Python's floats one of float64); strings stay a list; mappings, named tuples and lists stay
            what they are, with their entries put together; tuples become lists.

    Raises:
        OperandError: samples of another kind, or of several.
        ArgumentError: a whole number of more than 64 bits.
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
    """A single sample with its arrays and numpy's numbers as tensors; the rest stays."""
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
    """Numbers as one tensor: float64 where the first is a Python float, else the type that PyTorch gives a list."""
    for place, sample in enumerate(batch):
        if not isinstance(sample, NUMBERS):
            raise OperandError(
                f"default_collate: the samples begin with a number, and sample {place} is of type "
                f"{type(sample).__name__}",
                "all samples need the same form",
            )
    array = np.array(batch)
    if array.dtype.kind not in "buif":
        raise ArgumentError("Overflow when unpacking long long", "whole numbers have 64 bits")
    if array.dtype.kind == "f":
        floats = [sample.dtype for sample in batch if isinstance(sample, np.floating)]
        kind = np.result_type(*floats) if floats else np.dtype(np.float32)
        array = array.astype(np.float64 if type(batch[0]) is float else kind)
    return Tensor(array)


def _tensor(sample: Any) -> Tensor:
    """An array, or what can be one, as a tensor."""
    array = np.asarray(sample)
    if array.dtype.kind not in "buif":
        raise _refused(array.dtype)
    return Tensor(array)


def _stacked(tensors: Sequence[Tensor]) -> Tensor:
    for place, tensor in enumerate(tensors):
        if not isinstance(tensor, Tensor):
            raise OperandError(
                f"expected Tensor as element {place} in argument 0, but got {_type_name(tensor)}",
                "all samples need the same form",
            )
        if tensor.shape != tensors[0].shape:
            raise ShapeError(
                f"stack expects each tensor to be equal size, but got {list(tensors[0].shape)} at entry 0 "
                f"and {list(tensor.shape)} at entry {place}",
                "cut or pad the samples to one size, or give the loader a collate_fn of your own",
            )
    return functions.stack(tensors)


def _type_name(value: object) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _refused(kind: object) -> OperandError:
    return OperandError(
        f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {kind}",
        "turn the samples into tensors, or give the loader a collate_fn of your own",
    )


def _mapping(like: Mapping[Any, Any], entries: dict[Any, Any]) -> Any:
    """The entries in a mapping of the same type, where it can be made."""
    try:
        if isinstance(like, MutableMapping):
            # Through a copy, since a type of one's own may hold more than its entries.
            made = copy.copy(like)
            made.update(entries)
            return made
        build: Callable[..., Any] = type(like)
        return build(entries)
    except TypeError:
        return entries


def _sequence(first: Sequence[Any], batch: Sequence[Any]) -> Any:
    """Entry by entry of samples that are sequences."""
    if len({len(sample) for sample in batch}) > 1:
        raise OperationError(
            "each element in list of batch should be of equal size",
            f"the samples have {', '.join(str(len(sample)) for sample in batch)} entries",
        )
    entries = [default_collate(part) for part in zip(*batch, strict=True)]
    if isinstance(first, tuple):
        return type(first)(*entries) if hasattr(first, "_fields") else entries
    return _like(first, entries)


def _like(first: Sequence[Any], entries: list[Any]) -> Any:
    """The entries in a sequence of the same type, where it can be made."""
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
