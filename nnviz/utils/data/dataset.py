"""Data sets: something with `__getitem__` and `__len__`, or something to iterate over; their parts and their sums."""

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
    """How many samples there are.

    Raises:
        OperandError: the data set has no `__len__`.
    """
    if not hasattr(dataset, "__len__"):
        raise OperandError(
            f"object of type '{type(dataset).__name__}' has no len()",
            "a data set is a list, a TensorDataset, or a class with __getitem__ and __len__",
        )
    return len(dataset)


class Dataset(Explained, Generic[T_co]):
    """Base of data sets whose samples are got by index: a subclass writes `__getitem__`, and mostly `__len__`."""

    def __getitem__(self, index: Any) -> T_co:
        raise NotSupportedError("Subclasses of Dataset should implement __getitem__.", f"write {type(self).__name__}'s")

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co]):
    """Base of data sets that are a stream of samples: a subclass writes `__iter__`."""

    def __iter__(self) -> Iterator[T_co]:
        raise NotSupportedError("Subclasses of IterableDataset should implement __iter__.", "yield sample by sample")

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Sample i is the row i of each tensor.

    Args:
        tensors: as long as each other in their first dimension.

    Raises:
        CheckError: they are not.
        OperandError: something is no tensor.
        PositionError: one has no dimension.
    """

    def __init__(self, *tensors: Tensor) -> None:
        only_tensors("TensorDataset", tensors)
        if any(tensor.ndim == 0 for tensor in tensors):
            raise PositionError(
                "Dimension specified as 0 but tensor has no dimensions", "give it one: tensor.reshape(1)"
            )
        lengths = [len(tensor) for tensor in tensors]
        if len(set(lengths)) > 1:
            raise CheckError(
                "Size mismatch between tensors",
                f"all need as many rows as the first: they have {', '.join(map(str, lengths))}",
            )
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])


class ConcatDataset(Dataset[T_co]):
    """One data set after the other.

    Args:
        datasets: with lengths.

    Raises:
        CheckError: there is none, or one has to be iterated over.
    """

    def __init__(self, datasets: Iterable[Dataset[T_co]]) -> None:
        if not isinstance(datasets, Iterable):
            raise OperandError(
                f"datasets must be a list of data sets, not {type(datasets).__name__}", "[first, second]"
            )
        self.datasets = list(datasets)
        if not self.datasets:
            raise CheckError("datasets should not be an empty iterable", "give one data set at least")
        if any(isinstance(dataset, IterableDataset) for dataset in self.datasets):
            raise CheckError("ConcatDataset does not support IterableDataset", "ChainDataset does")
        self.cumulative_sizes = list(itertools.accumulate(map(length_of, self.datasets)))

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, index: int) -> T_co:
        if not isinstance(index, int | np.integer):
            raise OperandError(f"an index must be a whole number, not {type(index).__name__}", "they count from 0")
        if index >= len(self):
            raise PositionError("list index out of range", f"index {index} was asked of {len(self)} samples")
        if index < 0:
            if -index > len(self):
                raise ArgumentError("absolute value of index should not exceed dataset length", f"it is {len(self)}")
            index += len(self)
        which = bisect.bisect_right(self.cumulative_sizes, index)
        before = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][index - before]


class ChainDataset(IterableDataset[T_co]):
    """One stream of samples after the other.

    Args:
        datasets: each an IterableDataset; another raises CheckError when its turn comes.
    """

    def __init__(self, datasets: Iterable[Dataset[T_co]]) -> None:
        self.datasets = datasets

    def _streams(self) -> Iterator[IterableDataset[T_co]]:
        for dataset in self.datasets:
            if not isinstance(dataset, IterableDataset):
                raise CheckError("ChainDataset only supports IterableDataset", "ConcatDataset takes the others")
            yield dataset

    def __iter__(self) -> Iterator[T_co]:
        for dataset in self._streams():
            yield from dataset

    def __len__(self) -> int:
        return sum(map(length_of, self._streams()))


class Subset(Dataset[T_co]):
    """Some samples of another data set, in the order of `indices`."""

    def __init__(self, dataset: Dataset[T_co], indices: Sequence[int]) -> None:
        own = type(self)
        if own.__getitem__ is not Subset.__getitem__ and own.__getitems__ is Subset.__getitems__:
            raise NotSupportedError(
                f"{own.__name__} overrides __getitem__ but not __getitems__.",
                "a loader asks for whole batches: __getitems__(self, indices) returns a list of samples",
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
        """The samples of a batch, from the data set's own `__getitems__` where it has one."""
        try:
            wanted = [self.indices[i] for i in indices]
        except (IndexError, TypeError) as error:
            _no_sample("Subset", self.indices, indices, error)
            raise
        return samples_of(self.dataset, wanted)

    def __len__(self) -> int:
        return length_of(self.indices)


def _no_sample(name: str, held: object, wanted: object, error: Exception) -> None:
    """Say what to do where a list has no such sample; an error of a data set's own code stays as it is."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    if at is None or at.tb_frame.f_code.co_filename != __file__ or isinstance(error, NnvizError):
        return
    kinds: dict[type[Exception], type[NnvizError]] = {IndexError: PositionError, KeyError: MissingKeyError}
    kind = kinds.get(type(error), OperandError)
    size = f" of {len(held)}" if hasattr(held, "__len__") else ""
    raise kind(
        str(error), f"{wanted!r} was asked of a {name}{size}: indices are whole numbers and count from 0"
    ) from None


def samples_of(dataset: Dataset[T_co], indices: list[int]) -> list[T_co]:
    """The samples at these places: all at once where the data set can, else one by one."""
    at_once = getattr(dataset, "__getitems__", None)
    if callable(at_once):
        return at_once(indices)  # type: ignore[no-any-return]
    try:
        return [dataset[i] for i in indices]
    except (IndexError, TypeError, KeyError) as error:
        _no_sample(type(dataset).__name__, dataset, indices, error)
        raise


def batch_of(dataset: Dataset[Any], indices: list[Any]) -> list[Tensor] | None:
    """The batch at these places of a TensorDataset or a part of one, by one index a tensor; None for other data sets.

    It is what `default_collate` makes of the samples, in a fraction of the time.
    """
    if any(type(i) is not int for i in indices):
        return None
    # Neither a subclass nor its samples are known.
    if type(dataset) is Subset:
        return batch_of(dataset.dataset, [dataset.indices[i] for i in indices])
    if type(dataset) is TensorDataset:
        return [tensor[indices] for tensor in dataset.tensors]
    return None


def random_split(
    dataset: Dataset[T_co], lengths: Sequence[float], generator: np.random.Generator | None = None
) -> list[Subset[T_co]]:
    """Cut a data set into parts that share no sample, at random.

    Args:
        dataset: with a length.
        lengths: of the parts; or fractions that add up to 1, where what is left by rounding down goes to the first
            parts, one each.
        generator: draws the order: `generator.permutation(len(dataset))`, cut from the front.

    Raises:
        ArgumentError: the lengths do not add up to that of the data set, or a fraction is not between 0 and 1.
    """
    total = length_of(dataset)
    if not isinstance(lengths, Iterable):
        raise OperandError(
            f"'{type(lengths).__name__}' object is not iterable", "lengths is a list: random_split(data, [0.8, 0.2])"
        )
    for length in lengths:
        numbers("random_split", lengths=length)
    sizes = _sizes(total, lengths)
    order: list[int] = source(generator).permutation(total).tolist()
    ends = itertools.accumulate(sizes)
    return [Subset(dataset, order[end - size : end]) for end, size in zip(ends, sizes, strict=True)]


def _sizes(total: int, lengths: Sequence[float]) -> list[int]:
    """The lengths as whole numbers."""
    if not (math.isclose(sum(lengths), 1) and sum(lengths) <= 1):
        if sum(lengths) != total:
            raise ArgumentError(
                "Sum of input lengths does not equal the length of the input dataset!",
                f"{' + '.join(map(str, lengths))} = {sum(lengths)}, and the data set has {total} samples",
            )
        return [int(length) for length in lengths]
    for i, fraction in enumerate(lengths):
        if not 0 <= fraction <= 1:
            raise ArgumentError(f"Fraction at index {i} is not between 0 and 1", f"it is {fraction}")
    sizes = [math.floor(total * fraction) for fraction in lengths]
    for i in range(total - sum(sizes)):
        sizes[i % len(sizes)] += 1
    for i, size in enumerate(sizes):
        if not size:
            warnings.warn(f"Length of split at index {i} is 0. This might result in an empty dataset.", stacklevel=3)
    return sizes
