"""Samplers: in which order the samples of a data set are taken.

What is random takes a generator. The order is that of numpy's `permutation`, `integers` and `choice` on it, so the same
seed gives the same order; it is another than PyTorch's.
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

T_co = TypeVar("T_co", covariant=True)
NumpyGenerator = np.random.Generator


class Sampler(Explained, Generic[T_co]):
    """Base: a subclass writes `__iter__`, which yields indices, and `__len__`."""

    def __iter__(self) -> Iterator[T_co]:
        raise NotSupportedError(f"{type(self).__name__} has no __iter__", "yield the indices of the samples in order")


class SequentialSampler(Sampler[int]):
    """0, 1, 2, ... as far as the data set goes."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(_length(self.data_source)))

    def __len__(self) -> int:
        return _length(self.data_source)


class RandomSampler(Sampler[int]):
    """Every sample once, in random order; or, with replacement, any at each draw.

    Args:
        data_source: with a length.
        replacement: whether a sample may come again.
        num_samples: how many are drawn; as many as there are where it is left out.
        generator: where they are drawn. Without one each pass has a generator of its own, seeded by one draw of the
            default generator: what else is drawn meanwhile does not change the order.

    Raises:
        OperandError: `replacement` is no bool.
        ArgumentError: `num_samples` is not a whole number above 0.
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
                f"replacement should be a boolean value, but got replacement={replacement}", "True or False"
            )
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        _positive(num_samples=self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many are drawn; the data set's length as it is now, where no number was given."""
        return _length(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        generator = source(self.generator)
        if self.generator is None:
            generator = Generator().manual_seed(int(generator.integers(2**63)))
        n, left = _length(self.data_source), self.num_samples
        if self.replacement:
            yield from generator.integers(n, size=left).tolist()
            return
        while left > 0:
            yield from generator.permutation(n)[:left].tolist()
            left -= n

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given indices, each once, in random order."""

    def __init__(self, indices: Sequence[int], generator: NumpyGenerator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for i in source(self.generator).permutation(_length(self.indices)):
            yield self.indices[int(i)]

    def __len__(self) -> int:
        return _length(self.indices)


class WeightedRandomSampler(Sampler[int]):
    """Index i with a probability in proportion to `weights[i]`.

    Args:
        weights: one for each sample, 0 or more; they need not add up to 1.
        num_samples: how many are drawn.
        replacement: whether an index may come again.
        generator: where they are drawn.

    Raises:
        ArgumentError: `num_samples` is not a whole number above 0, `replacement` no bool, the weights no row.
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
                f"replacement should be a boolean value, but got replacement={replacement}", "True or False"
            )
        array = np.asarray(weights.detach().numpy() if isinstance(weights, Tensor) else weights, np.float64)
        if array.ndim != 1:
            raise ArgumentError(
                f"weights should be a 1d sequence but given weights have shape {array.shape}", "one weight a sample"
            )
        self.weights = Tensor(array)
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        weights = self.weights.array
        if not (weights >= 0).all():
            raise OperationError("invalid multinomial distribution (encountering probability entry < 0)", "0 or more")
        if np.isinf(weights).any():
            raise OperationError(
                "invalid multinomial distribution (encountering probability entry = infinity or NaN)", "finite weights"
            )
        if not weights.any():
            raise OperationError("invalid multinomial distribution (sum of probabilities <= 0)", "one above 0 at least")
        generator = source(self.generator)
        if self.replacement:
            shares = weights / weights.sum()
            yield from generator.choice(len(shares), self.num_samples, p=shares).tolist()
            return
        if len(weights) < self.num_samples:
            raise OperationError(
                "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
                f"there are {len(weights)} weights, and {self.num_samples} samples are asked for: replacement=True",
            )
        # The first of exponential waiting times at these rates is index i with probability wᵢ / Σ w, and so on.
        order = np.argsort(-weights / generator.standard_exponential(len(weights)), kind="stable")
        yield from order[: self.num_samples].tolist()

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler[list[int]]):
    """The indices of another sampler, in lists of `batch_size`.

    Args:
        sampler: or anything that yields indices.
        batch_size: how many make a batch.
        drop_last: whether a last batch that is smaller is left out.

    Raises:
        ArgumentError: `batch_size` is not a whole number above 0, or `drop_last` no bool.
    """

    def __init__(self, sampler: Iterable[int], batch_size: int, drop_last: bool) -> None:
        _positive(batch_size=batch_size)
        if not isinstance(drop_last, bool):
            raise ArgumentError(f"drop_last should be a boolean value, but got drop_last={drop_last}", "True or False")
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


def _length(held: object) -> int:
    """How many there are.

    Raises:
        OperandError: it has no length.
    """
    if not hasattr(held, "__len__"):
        raise OperandError(f"object of type '{type(held).__name__}' has no len()", "give a list or a data set")
    return len(held)


def _positive(**argument: int) -> None:
    """Refuse what is not a whole number above 0."""
    ((name, value),) = argument.items()
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ArgumentError(
            f"{name} should be a positive integer value, but got {name}={value}",
            "the data set is empty" if value == 0 and name == "num_samples" else "1 or more is expected",
        )
