"""Data sets that are indexed and data sets that are iterated over; concatenations, subsets and random splits."""

from __future__ import annotations

import bisect
import itertools
import math
import warnings
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from nnviz.arguments import Explained, numbers
from nnviz.autograd import Tensor
from nnviz.autograd.random import source
from nnviz.autograd.types import only_tensors
from nnviz.errors import (
    ArgumentError,
    CheckError,
    MissingKeyError,
    NnvizError,
    NotSupportedError,
    OperandError,
    PositionError,
)

T_co = TypeVar("T_co", covariant=True)


def length_of(dataset: object) -> int:
    """The number of samples.

    Raises:
        OperandError: the data set has no `__len__`.
    """
    if not hasattr(dataset, "__len__"):
        raise OperandError(
            f"object of type '{type(dataset).__name__}' has no len()",
            "pass a list, a TensorDataset, or a class with __getitem__ and __len__",
        )
    return len(dataset)


class Dataset(Explained, Generic[T_co]):
    """Base class of data sets that are indexed: a subclass implements `__getitem__`, and usually `__len__`."""

    def __getitem__(self, index: Any) -> T_co:
        raise NotSupportedError(
            "Subclasses of Dataset should implement __getitem__.", f"add it to {type(self).__name__}"
        )

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co]):
    """Base class of data sets that are iterated over: a subclass implements `__iter__`."""

    def __iter__(self) -> Iterator[T_co]:
        raise NotSupportedError(
            "Subclasses of IterableDataset should implement __iter__.", "yield one sample at a time"
        )

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """A data set of tensors: sample i is the tuple of row i of each tensor.

    Args:
        tensors: tensors of the same size in the first dimension.

    Shape:
        tensors: (N, *), where * can differ between them.

    Raises:
        CheckError: the sizes of the first dimension differ.
        OperandError: an argument is not a Tensor.
        PositionError: a tensor has no dimensions.
    """

    def __init__(self, *tensors: Tensor) -> None:
        only_tensors("TensorDataset", tensors)
        if any(tensor.ndim == 0 for tensor in tensors):
            raise PositionError("Dimension specified as 0 but tensor has no dimensions", "add one: tensor.reshape(1)")
        lengths = [len(tensor) for tensor in tensors]
        if len(set(lengths)) > 1:
            raise CheckError(
                "Size mismatch between tensors",
                f"the tensors have {', '.join(map(str, lengths))} rows: all need the same number",
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class ConcatDataset(Dataset[T_co]):
    """The concatenation of several data sets.

    Args:
        datasets: data sets with `__getitem__` and `__len__`.

    Raises:
        OperandError: `datasets` is not iterable, or a data set has no `__len__`.
        CheckError: `datasets` is empty, or contains an IterableDataset.
    """

    def __init__(self, datasets: Iterable[Dataset[T_co]]) -> None:
        if not isinstance(datasets, Iterable):
            raise OperandError(
                f"datasets must be a list of data sets, not {type(datasets).__name__}", "for example [first, second]"
            )
        self.datasets = list(datasets)
        if not self.datasets:
            raise CheckError("datasets should not be an empty iterable", "pass at least one data set")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise CheckError("ConcatDataset does not support IterableDataset", "use ChainDataset")
        self.cumulative_sizes = list(itertools.accumulate(map(length_of, self.datasets)))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> T_co:
        if not isinstance(index, int | np.integer):
            raise OperandError(f"an index must be an integer, not {type(index).__name__}", "indices are counted from 0")
        if index >= len(self):
            raise PositionError("list index out of range", f"got index {index} for {len(self)} samples")
        if index < 0:
            if -index > len(self):
                raise ArgumentError(
                    "absolute value of index should not exceed dataset length", f"got {index}, length {len(self)}"
                )
            index += len(self)
        which = bisect.bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][index - before]


class ChainDataset(IterableDataset[T_co]):
    """The concatenation of several iterable data sets.

    Args:
        datasets: IterableDatasets; any other data set raises CheckError when the iteration reaches it.
    """

    def __init__(self, datasets: Iterable[Dataset[T_co]]) -> None:
        self.datasets = datasets

    def _streams(self) -> Iterator[IterableDataset[T_co]]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise CheckError(
                    "ChainDataset only supports IterableDataset", "use ConcatDataset for indexed data sets"
                )
            yield dataset

    def __iter__(self) -> Iterator[T_co]:
        for dataset in self._streams():
            yield from dataset

    def __len__(self) -> int:
        return sum(map(length_of, self._streams()))


class Subset(Dataset[T_co]):
    """A subset of a data set.

    Args:
        dataset: the whole data set.
        indices: the indices of the samples in the subset, in order.

    Raises:
        NotSupportedError: a subclass overrides `__getitem__` but not `__getitems__`.
    """

    def __init__(self, dataset: Dataset[T_co], indices: Sequence[int]) -> None:
        own = type(self)
        if own.__getitem__ is not Subset.__getitem__ and own.__getitems__ is Subset.__getitems__:
            raise NotSupportedError(
                f"{own.__name__} overrides __getitem__ but not __getitems__.",
                "loaders fetch whole batches: add __getitems__(self, indices), which returns a list of samples",
            )
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> T_co:
        try:
            wanted = [self.indices[i] for i in index] if isinstance(index, list) else self.indices[index]
        except (IndexError, TypeError) as error:
            _no_sample("Subset", self.indices, index, error)
            raise
        try:
            return self.dataset[wanted]
        except (IndexError, TypeError, KeyError) as error:
            _no_sample(type(self.dataset).__name__, self.dataset, wanted, error)
            raise

    def __getitems__(self, indices: list[int]) -> list[T_co]:
        """The samples of a batch, from the `__getitems__` of the data set if it has one."""
        try:
            wanted = [self.indices[i] for i in indices]
        except (IndexError, TypeError) as error:
            _no_sample("Subset", self.indices, indices, error)
            raise
        return samples_of(self.dataset, wanted)

    def __len__(self) -> int:
        return length_of(self.indices)


def _no_sample(name: str, held: object, wanted: object, error: Exception) -> None:
    """Raise an error with a hint if a list has no such sample; an error from a data set's own code is not replaced."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    if at is None or at.tb_frame.f_code.co_filename != __file__ or isinstance(error, NnvizError):
        return
    kinds: dict[type[Exception], type[NnvizError]] = {IndexError: PositionError, KeyError: MissingKeyError}
    kind = kinds.get(type(error), OperandError)
    size = f" of {len(held)}" if hasattr(held, "__len__") else ""
    raise kind(str(error), f"got {wanted!r} as index of a {name}{size}: indices are integers, counted from 0") from None


def samples_of(dataset: Dataset[T_co], indices: list[int]) -> list[T_co]:
    """The samples at these indices: by a single call of `__getitems__` if the data set has it, else one by one."""
    at_once = getattr(dataset, "__getitems__", None)
    if callable(at_once):
        return at_once(indices)  # type: ignore[no-any-return]
    try:
        return [dataset[i] for i in indices]
    except (IndexError, TypeError, KeyError) as error:
        _no_sample(type(dataset).__name__, dataset, indices, error)
        raise


def batch_of(dataset: Dataset[Any], indices: list[Any]) -> list[Tensor] | None:
    """The batch at these indices of a TensorDataset or a Subset of one; None for other data sets.

    The result equals `default_collate` of the samples, but takes a single indexing operation per tensor.
    """
    if any(type(i) is not int for i in indices):
        return None
    # Exact types, because a subclass may override `__getitem__`.
    if type(dataset) is Subset:
        return batch_of(dataset.dataset, [dataset.indices[i] for i in indices])
    if type(dataset) is TensorDataset:
        return [tensor[indices] for tensor in dataset.tensors]
    return None


def random_split(
    dataset: Dataset[T_co], lengths: Sequence[float], generator: np.random.Generator | None = None
) -> list[Subset[T_co]]:
    """Split a data set at random into subsets without common samples.

    Args:
        dataset: the data set to split; needs `__len__`.
        lengths: the lengths of the subsets, or fractions that sum to 1. Fractions are rounded down to whole samples,
            and the samples left over are added to the first subsets, one each.
        generator: draws the order, `generator.permutation(len(dataset))`; default the global generator.

    Returns:
        One Subset per length.

    Raises:
        OperandError: `lengths` is not a sequence of numbers.
        ArgumentError: the lengths do not sum to the length of the data set, or a fraction is not between 0 and 1.
    """
    total = length_of(dataset)
    if not isinstance(lengths, Iterable):
        raise OperandError(
            f"'{type(lengths).__name__}' object is not iterable", "pass a list: random_split(data, [0.8, 0.2])"
        )
    for length in lengths:
        numbers("random_split", lengths=length)
    sizes = _sizes(total, lengths)
    order: list[int] = source(generator).permutation(total).tolist()
    ends = itertools.accumulate(sizes)
    return [Subset(dataset, order[end - size : end]) for end, size in zip(ends, sizes, strict=True)]


def _sizes(total: int, lengths: Sequence[float]) -> list[int]:
    """The lengths in samples."""
    if not (math.isclose(sum(lengths), 1) and sum(lengths) <= 1):
        if sum(lengths) != total:
            raise ArgumentError(
                "Sum of input lengths does not equal the length of the input dataset!",
                f"{' + '.join(map(str, lengths))} = {sum(lengths)}, but the data set has {total} samples",
            )
        return [int(length) for length in lengths]
    for i, fraction in enumerate(lengths):
        if not 0 <= fraction <= 1:
            raise ArgumentError(f"Fraction at index {i} is not between 0 and 1", f"got {fraction}")
    sizes = [math.floor(total * fraction) for fraction in lengths]
    for i in range(total - sum(sizes)):
        sizes[i % len(sizes)] += 1
    for i, size in enumerate(sizes):
        if not size:
            warnings.warn(f"Length of split at index {i} is 0. This might result in an empty dataset.", stacklevel=3)
    return sizes
