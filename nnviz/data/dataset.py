"""A data set as a value: what goes in, what should come out, and what to look for."""

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
    """Samples with their targets. The arrays are taken over as they are and made read-only.

    Args:
        name: what the registry calls it.
        inputs: float32, one row a sample.
        targets: classification: the class numbers, int64; regression: the values, float32.
        task: what kind of answer is asked for.
        features: the names of the columns of table-like inputs; empty for images.
        classes: the names of the classes; empty for a regression.
        source: where the data come from.
        lesson: one sentence on what to look for.
        test_share: the share of the samples that is held back for testing unless somebody says otherwise. Half is
            TensorFlow Playground's; samples that cost nothing to make can be spent on a smooth test loss.

    Shape:
        - inputs: (N, *features), for images (N, channels, height, width)
        - targets: classification (N,), regression (N, outputs)

    Raises:
        DataError: no samples, lengths that differ, another dtype or number of axes, numbers that are not finite,
            class numbers without a class, or as many names as there are no columns.
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
        """How many numbers a network must give for each sample: one a class, or one a value to predict."""
        return len(self.classes) if self.task == "classification" else self.targets.shape[1]

    def _check_inputs(self) -> None:
        inputs, what = self.inputs, f"inputs of {self.name}"
        if inputs.dtype != np.float32 or inputs.ndim < 2:
            raise DataError(f"{what}: expected float32 (N, *features), {_got(inputs)}", "convert or reshape them first")
        if inputs.size == 0:
            raise DataError(f"{what}: expected at least one sample with one feature, {_got(inputs)}", "add samples")
        if not np.isfinite(inputs).all():
            raise DataError(f"{what}: expected finite numbers, got NaN or infinity", "drop or repair these samples")
        columns = inputs.shape[1] if inputs.ndim == 2 else 0
        if len(self.features) != columns:
            raise DataError(
                f"{self.name}: expected {columns} names of features, got {len(self.features)}",
                "name every column of a table, and nothing of an image",
            )

    def _check_targets(self) -> None:
        targets, what = self.targets, f"targets of {self.name}"
        if len(targets) != len(self.inputs):
            raise DataError(
                f"{what}: expected one for each of the {len(self.inputs):,} samples, got {len(targets):,}",
                "give as many targets as inputs",
            )
        if self.task == "classification":
            if targets.dtype != np.int64 or targets.ndim != 1:
                raise DataError(f"{what}: expected int64 (N,), {_got(targets)}", "number the classes from 0")
            if targets.min() < 0 or targets.max() >= len(self.classes):
                raise DataError(
                    f"{what}: expected class numbers of {len(self.classes)} classes, "
                    f"got {targets.min()} to {targets.max()}",
                    "name every class, and number them from 0",
                )
            return
        if targets.dtype != np.float32 or targets.ndim != 2 or targets.size == 0:
            raise DataError(f"{what}: expected float32 (N, outputs), {_got(targets)}", "convert or reshape them first")
        if not np.isfinite(targets).all():
            raise DataError(f"{what}: expected finite numbers, got NaN or infinity", "drop or repair these samples")
        if self.classes:
            raise DataError(f"{self.name}: a regression has no classes, got {len(self.classes)}", "leave classes empty")


def _got(array: NDArray[np.generic]) -> str:
    return f"got {array.dtype} {array.shape}"
