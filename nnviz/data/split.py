"""Splits a data set into training and test data, and standardizes both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from nnviz.data.dataset import Dataset, Inputs
from nnviz.errors import DataError
from nnviz.registry import Bounds

HeldOut = Annotated[float, Bounds(0, 1, open_low=True, open_high=True), "share of the samples held out for testing"]

Rows = NDArray[np.int64]
"""The numbers of samples, from 0."""

BLOCK = 2**17
"""How many numbers are standardized at once: the float64 of all samples takes twice their memory."""


def sides(count: int, test_share: float) -> tuple[int, int]:
    """The numbers of training and of test samples; the latter is round(`test_share` · `count`).

    Raises:
        DataError: one of them would be 0.
    """
    held_back = round(test_share * count) if 0 <= test_share <= 1 else -1
    if not 0 < held_back < count:
        raise DataError(
            f"a test share of {test_share:g} of {count:,} samples leaves no training or no test samples",
            "choose a share between 0 and 1, or more samples",
        )
    return count - held_back, held_back


def split(dataset: Dataset, test_share: float, generator: np.random.Generator) -> tuple[Dataset, Dataset]:
    """Split a data set into training and test data, each in random order; every sample is in exactly one of them.

    Args:
        dataset: the data set to split.
        test_share: the share of test samples, rounded to whole samples.
        generator: shuffles the samples; those at the end stay the test data if the data set says so.

    Returns:
        The training data and the test data.

    Raises:
        DataError: one of them would be empty.
    """
    train, test = split_rows(dataset, test_share, generator)
    return _rows(dataset, train), _rows(dataset, test)


def _rows(dataset: Dataset, rows: Rows) -> Dataset:
    return replace(dataset, inputs=dataset.inputs[rows], targets=dataset.targets[rows])


def split_rows(dataset: Dataset, test_share: float, generator: np.random.Generator) -> tuple[Rows, Rows]:
    """Which samples `split` makes the training data, and which the test data; nothing is copied.

    Raises:
        DataError: one of them would be empty.
    """
    count = len(dataset.inputs)
    _, held_back = sides(count, test_share)
    if dataset.test_last:
        test, train = generator.permutation(held_back) + count - held_back, generator.permutation(count - held_back)
    else:
        order = generator.permutation(count)
        test, train = order[:held_back], order[held_back:]
    return train, test


@dataclass(frozen=True, eq=False)
class Standardizer:
    """z = (x − mean) / std, computed in float64, since differences of large numbers lose their digits in float32.

    Args:
        mean: the mean that is subtracted.
        std: the standard deviation that is divided by, never 0.

    Shape:
        mean, std: (features,) for inputs (N, features); () for inputs of more dimensions.
    """

    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    @classmethod
    def fit(cls, inputs: Inputs) -> Standardizer:
        """The standardizer that maps `inputs` to mean 0 and standard deviation 1.

        Inputs (N, features) are standardized per feature. Inputs of more dimensions, such as images, have a single
        mean and std, so that pixels keep their relative brightness. The std of a constant feature is 1: it becomes 0.

        Raises:
            DataError: `inputs` is empty.
        """
        if inputs.size == 0:
            raise DataError(f"expected at least one sample, got inputs of shape {inputs.shape}", "add samples")
        axes = 0 if inputs.ndim == 2 else None
        constant = inputs.min(axis=axes) == inputs.max(axis=axes)  # the computed std of equal numbers is not always 0
        mean = np.asarray(inputs.mean(axis=axes, dtype=np.float64))
        std = _std(inputs, mean)
        return cls(np.where(constant, inputs.min(axis=axes), mean), np.where(constant, 1.0, std))

    @classmethod
    def identity(cls, inputs: Inputs) -> Standardizer:
        """The standardizer that leaves `inputs` as they are: mean 0, std 1."""
        shape = inputs.shape[1:] if inputs.ndim == 2 else ()
        return cls(np.zeros(shape), np.ones(shape))

    def apply(self, inputs: Inputs, out: Inputs | None = None) -> Inputs:
        """(`inputs` − mean) / std as float32; values too large for float32 become infinite.

        Args:
            inputs: in their original units.
            out: where the result is written, which may be `inputs` itself; default a new array.
        """
        made = np.empty(inputs.shape, np.float32) if out is None else out
        with np.errstate(over="ignore"):
            for rows in _blocks(inputs):
                made[rows] = (inputs[rows] - self.mean) / self.std
        return made

    def undo(self, inputs: Inputs) -> Inputs:
        """`inputs` · std + mean as float32: the inverse of `apply`."""
        with np.errstate(over="ignore"):
            return (inputs * self.std + self.mean).astype(np.float32)


def _blocks(inputs: Inputs) -> Iterator[slice]:
    """Rows that have `BLOCK` numbers together, one block after the other."""
    size = max(BLOCK * len(inputs) // max(inputs.size, 1), 1)
    return (slice(start, start + size) for start in range(0, len(inputs), size))


def _std(inputs: Inputs, mean: NDArray[np.float64]) -> NDArray[np.float64]:
    """`inputs.std(dtype=np.float64)` over the axes that `mean` is of, block by block.

    numpy squares the deviations of all samples at once. It adds up columns row by row, and all else pairwise: each half
    by itself, the first of them a multiple of 8. The additions are in the same order here, so that the result is the
    same bit for bit (with numpy 2.4; older versions divide what is no table otherwise, and may differ in the last bit).
    """
    count = inputs.size // mean.size
    if mean.size == 1:
        flat, center = inputs.reshape(-1), mean.reshape(())
        return np.asarray(np.sqrt(_pairwise(flat, center) / count)).reshape(mean.shape)
    total = np.zeros_like(mean)
    for rows in _blocks(inputs):
        squares = np.square(inputs[rows] - mean)
        squares[0] += total
        total = squares.sum(axis=0)
    return np.asarray(np.sqrt(total / count))


def _pairwise(flat: Inputs, center: NDArray[np.float64]) -> np.float64:
    """The sum of the squared deviations from `center`."""
    if len(flat) <= BLOCK:
        return np.float64(np.square(flat - center).sum())
    half = len(flat) // 2
    half -= half % 8
    return _pairwise(flat[:half], center) + _pairwise(flat[half:], center)
