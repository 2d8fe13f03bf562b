"""Training and test side, and putting both on the scale networks learn best at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nnviz.data.dataset import Dataset, Inputs
from nnviz.errors import DataError


def sides(count: int, test_share: float) -> tuple[int, int]:
    """How many of `count` samples train and how many test: round(`test_share` · `count`) of them are held back.

    Raises:
        DataError: one side would be empty.
    """
    held_back = round(test_share * count) if 0 <= test_share <= 1 else -1
    if not 0 < held_back < count:
        raise DataError(
            f"a test share of {test_share:g} of {count:,} samples leaves no sample to train or to test with",
            "take a share between 0 and 1, or more samples",
        )
    return count - held_back, held_back


def split(dataset: Dataset, test_share: float, generator: np.random.Generator) -> tuple[Dataset, Dataset]:
    """The training and the test side of `dataset`, each in random order; every sample is in exactly one of them.

    Args:
        dataset: what to split; N samples.
        test_share: the share of them that the test side gets, rounded to whole samples.
        generator: shuffles them.

    Raises:
        DataError: one side would be empty.
    """
    count = len(dataset.inputs)
    _, held_back = sides(count, test_share)
    order = generator.permutation(count)
    test, train = order[:held_back], order[held_back:]
    return _rows(dataset, train), _rows(dataset, test)


def _rows(dataset: Dataset, rows: NDArray[np.int64]) -> Dataset:
    return replace(dataset, inputs=dataset.inputs[rows], targets=dataset.targets[rows])


@dataclass(frozen=True, eq=False)
class Standardiser:
    """z = (x − mean) / std, computed in float64 because float32 loses the small differences of large numbers.

    Args:
        mean: what is taken off, float64.
        std: what is divided by, float64, never 0.

    Shape:
        mean, std: (features,) for inputs (N, features); () for inputs of more axes.
    """

    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    @classmethod
    def fit(cls, inputs: Inputs) -> Standardiser:
        """The standardiser that gives `inputs` mean 0 and standard deviation 1.

        Tables: feature by feature. Images and everything else of more than two axes: one mean and one std for all
        numbers, because neighbours must keep their relative brightness. A constant feature gets std 1: it becomes 0.

        Raises:
            DataError: there are no inputs.
        """
        if inputs.size == 0:
            raise DataError(f"expected inputs to fit the mean to, got shape {inputs.shape}", "add samples")
        axes = 0 if inputs.ndim == 2 else None
        constant = inputs.min(axis=axes) == inputs.max(axis=axes)  # a computed std of equal numbers is not always 0
        mean = np.asarray(inputs.mean(axis=axes, dtype=np.float64))
        std = np.asarray(inputs.std(axis=axes, dtype=np.float64))
        return cls(np.where(constant, inputs.min(axis=axes), mean), np.where(constant, 1.0, std))

    def apply(self, inputs: Inputs) -> Inputs:
        """(`inputs` − mean) / std as float32; what float32 cannot hold is infinite."""
        with np.errstate(over="ignore"):
            return ((inputs - self.mean) / self.std).astype(np.float32)

    def undo(self, inputs: Inputs) -> Inputs:
        """`inputs` · std + mean as float32: what was standardised, back in its own units."""
        with np.errstate(over="ignore"):
            return (inputs * self.std + self.mean).astype(np.float32)
