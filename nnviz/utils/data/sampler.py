"""Samplers, which define the order of the samples of a data set.

Random samplers have an argument `generator`. They draw with numpy's `permutation`, `integers` and `choice`, so that the
same seed gives the same order, which differs from PyTorch's.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Generic, TypeVar

import numpy as np

from nnviz.arguments import Explained
from nnviz.autograd import Tensor
from nnviz.autograd.random import Generator, source
from nnviz.errors import ArgumentError, NotSupportedError, OperandError, OperationError
from nnviz.utils.data.dataset import length_of

T_co = TypeVar("T_co", covariant=True)
NumpyGenerator = np.random.Generator


class Sampler(Explained, Generic[T_co]):
    """Base class of samplers: a subclass implements `__iter__`, which yields indices, and `__len__`."""

    def __iter__(self) -> Iterator[T_co]:
        raise NotSupportedError(
            f"{type(self).__name__} has no __iter__", "add one that yields the indices of the samples"
        )


class SequentialSampler(Sampler[int]):
    """The indices 0, 1, ..., len(data_source) − 1 in order."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(length_of(self.data_source)))

    def __len__(self) -> int:
        return length_of(self.data_source)


class RandomSampler(Sampler[int]):
    """Random indices: every index once, or independent draws with replacement.

    Without replacement, if `num_samples` exceeds the length of the data set, further permutations follow the first.

    Args:
        data_source: the data set; needs `__len__`.
        replacement: whether to draw with replacement.
        num_samples: the number of indices to draw; default the length of the data set.
        generator: the random number generator. By default each iteration has its own, seeded by one draw from the
            global generator, so that other draws during the iteration do not change the order.

    Raises:
        OperandError: `replacement` is not a bool.
        ArgumentError: `num_samples` is not a positive integer.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: NumpyGenerator | None = None,
    ) -> None:
        if not isinstance(replacement, bool):
            raise OperandError(
                f"replacement should be a boolean value, but got replacement={replacement}", "pass True or False"
            )
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        _positive(num_samples=self.num_samples)

    @property
    def num_samples(self) -> int:
        """The number of indices to draw: the argument, or else the current length of the data set."""
        return length_of(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        generator = source(self.generator)
        if self.generator is None:
            generator = Generator().manual_seed(int(generator.integers(2**63)))
        n, left = length_of(self.data_source), self.num_samples
        if self.replacement:
            yield from generator.integers(n, size=left).tolist()
            return
        while left > 0:
            yield from generator.permutation(n)[:left].tolist()
            left -= n

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given indices, each once, in random order.

    Args:
        indices: the indices to yield.
        generator: draws the order, `generator.permutation(len(indices))`; default the global generator.
    """

    def __init__(self, indices: Sequence[int], generator: NumpyGenerator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for i in source(self.generator).permutation(length_of(self.indices)):
            yield self.indices[int(i)]

    def __len__(self) -> int:
        return length_of(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """Random indices, where index i has probability wᵢ / Σⱼ wⱼ.

    Args:
        weights: one weight w per sample, 0 or more, finite; they need not sum to 1.
        num_samples: the number of indices to draw.
        replacement: whether to draw with replacement.
        generator: the random number generator; default the global one.

    Shape:
        weights: (N,)

    Raises:
        ArgumentError: `num_samples` is not a positive integer, `replacement` is not a bool, or `weights` is not
            one-dimensional.
        OperationError: when iterated: a weight is negative or not finite, all are 0, or there are fewer than
            `num_samples` weights and `replacement` is False.
    """

    def __init__(
        self,
        weights: Tensor | Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: NumpyGenerator | None = None,
    ) -> None:
        _positive(num_samples=num_samples)
        if not isinstance(replacement, bool):
            raise ArgumentError(
                f"replacement should be a boolean value, but got replacement={replacement}", "pass True or False"
            )
        array = np.asarray(weights.detach().numpy() if isinstance(weights, Tensor) else weights, np.float64)
        if array.ndim != 1:
            raise ArgumentError(
                f"weights should be a 1d sequence but given weights have shape {array.shape}",
                "pass one weight per sample",
            )
        self.weights = Tensor(array)
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        weights = self.weights.array
        if not (weights >= 0).all():
            raise OperationError(
                "invalid multinomial distribution (encountering probability entry < 0)", "pass weights >= 0"
            )
        if np.isinf(weights).any():
            raise OperationError(
                "invalid multinomial distribution (encountering probability entry = infinity or NaN)",
                "pass finite weights",
            )
        if not weights.any():
            raise OperationError(
                "invalid multinomial distribution (sum of probabilities <= 0)", "pass at least one > 0"
            )
        generator = source(self.generator)
        if self.replacement:
            shares = weights / weights.sum()
            yield from generator.choice(len(shares), self.num_samples, p=shares).tolist()
            return
        if len(weights) < self.num_samples:
            raise OperationError(
                "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
                f"got {len(weights)} weights and num_samples={self.num_samples}: pass replacement=True",
            )
        # Of independent exponential variables with rates w, the i-th is the smallest with probability wᵢ / Σⱼ wⱼ; the
        # same holds for the next smallest among the others.
        order = np.argsort(-weights / generator.standard_exponential(len(weights)), kind="stable")
        yield from order[: self.num_samples].tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """The indices of another sampler in lists of `batch_size`.

    Args:
        sampler: a sampler, or any iterable of indices.
        batch_size: the number of indices per batch.
        drop_last: whether to drop the last batch if it is smaller.

    Raises:
        ArgumentError: `batch_size` is not a positive integer, or `drop_last` is not a bool.
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        _positive(batch_size=batch_size)
        if not isinstance(drop_last, bool):
            raise ArgumentError(
                f"drop_last should be a boolean value, but got drop_last={drop_last}", "pass True or False"
            )
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        indices = iter(self.sampler)
        while batch := list(itertools.islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        whole, rest = divmod(len(self.sampler), self.batch_size)  # type: ignore[arg-type]
        return whole + (rest > 0 and not self.drop_last)


def _positive(**argument: int) -> None:
    """Check that the argument is a positive integer."""
    ((name, value),) = argument.items()
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ArgumentError(
            f"{name} should be a positive integer value, but got {name}={value}",
            "the data set is empty" if value == 0 and name == "num_samples" else "pass an integer of at least 1",
        )
