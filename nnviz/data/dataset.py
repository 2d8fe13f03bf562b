"""A data set as a value: inputs, targets, and their description."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnviz.errors import DataError

Inputs = NDArray[np.float32]
Targets = NDArray[np.int64] | NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples with their targets. The arrays are not copied, and are made read-only.

    Args:
        name: the name in the registry.
        inputs: one sample per row, float32.
        targets: class indices from 0, int64, for a classification; values, float32, for a regression.
        task: "classification" or "regression".
        features: the names of the columns of inputs (N, features); empty for images.
        classes: the names of the classes; empty for a regression.
        source: where the data come from.
        lesson: one sentence about what to observe when training on this data set.
        test_share: the default share of the samples that are held out for testing. 0.5 is TensorFlow Playground's:
            since generated samples cost nothing, many of them can be used for a smooth test loss.
        test_last: whether the test data are the samples at the end, in place of random ones.
        standardize: whether inputs, and the values of a regression, are standardized for training.

    Shape:
        - inputs: (N, *features), for images (N, channels, height, width)
        - targets: classification (N,), regression (N, outputs)

    Raises:
        DataError: there are no samples, inputs and targets differ in length, an array has another dtype or number of
            dimensions, a value is not finite, a class index is out of range, or the number of names does not match.
    """

    name: str
    inputs: Inputs
    targets: Targets
    task: Literal["classification", "regression"]
    features: tuple[str, ...]
    classes: tuple[str, ...]
    source: str
    lesson: str
    test_share: float = 0.5
    test_last: bool = False
    standardize: bool = True

    def __post_init__(self) -> None:
        self._check_inputs()
        self._check_targets()
        self.inputs.setflags(write=False)
        self.targets.setflags(write=False)

    @property
    def sample_shape(self) -> tuple[int, ...]:
        """The shape of one sample, without the batch axis."""
        return self.inputs.shape[1:]

    @property
    def outputs(self) -> int:
        """The number of outputs a network needs: one per class, or one per value of a regression."""
        return len(self.classes) if self.task == "classification" else self.targets.shape[1]

    def _check_inputs(self) -> None:
        inputs, what = self.inputs, f"inputs of {self.name}"
        if inputs.dtype != np.float32 or inputs.ndim < 2:
            raise DataError(f"{what}: expected float32 (N, *features), {_got(inputs)}", "convert or reshape the array")
        if inputs.size == 0:
            raise DataError(f"{what}: expected at least one sample with one feature, {_got(inputs)}", "add samples")
        if not all_finite(inputs):
            raise DataError(f"{what}: expected finite numbers, got NaN or infinity", "drop or replace these samples")
        columns = inputs.shape[1] if inputs.ndim == 2 else 0
        if len(self.features) != columns:
            raise DataError(
                f"{self.name}: expected {columns} feature names, got {len(self.features)}",
                "pass one name per column for inputs (N, features), and none for images",
            )

    def _check_targets(self) -> None:
        targets, what = self.targets, f"targets of {self.name}"
        if len(targets) != len(self.inputs):
            raise DataError(
                f"{what}: expected one for each of the {len(self.inputs):,} samples, got {len(targets):,}",
                "pass as many targets as inputs",
            )
        if self.task == "classification":
            if targets.dtype != np.int64 or targets.ndim != 1:
                raise DataError(f"{what}: expected int64 (N,), {_got(targets)}", "number the classes from 0")
            if targets.min() < 0 or targets.max() >= len(self.classes):
                raise DataError(
                    f"{what}: expected class indices of {len(self.classes)} classes, "
                    f"got {targets.min()} to {targets.max()}",
                    "pass the name of every class, and number the classes from 0",
                )
            return
        if targets.dtype != np.float32 or targets.ndim != 2 or targets.size == 0:
            raise DataError(f"{what}: expected float32 (N, outputs), {_got(targets)}", "convert or reshape the array")
        if not all_finite(targets):
            raise DataError(f"{what}: expected finite numbers, got NaN or infinity", "drop or replace these samples")
        if self.classes:
            raise DataError(f"{self.name}: a regression has no classes, got {len(self.classes)}", "leave classes empty")


def all_finite(array: NDArray[np.generic]) -> bool:
    """Whether an array of at least one number has neither NaN nor infinity, told without an array of its size."""
    return bool(np.isfinite(array.min()) and np.isfinite(array.max()))


def _got(array: NDArray[np.generic]) -> str:
    return f"got {array.dtype} {array.shape}"
