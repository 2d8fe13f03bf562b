"""A data set refuses what no network could be trained with, and says what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnviz.data import Dataset
from nnviz.errors import DataError


def table(**changes: Any) -> Dataset:
    """A small classification of two columns, with some fields changed."""
    fields: dict[str, Any] = {
        "name": "tiny",
        "inputs": np.zeros((4, 2), np.float32),
        "targets": np.array([0, 1, 2, 0]),
        "task": "classification",
        "features": ("a", "b"),
        "classes": ("red", "green", "blue"),
        "source": "",
        "lesson": "",
    }
    return Dataset(**(fields | changes))


def regression(**changes: Any) -> Dataset:
    """A small regression of two values for each sample."""
    return table(**({"task": "regression", "targets": np.zeros((4, 2), np.float32), "classes": ()} | changes))


def test_classification_facts() -> None:
    dataset = table()
    assert dataset.sample_shape == (2,)
    assert dataset.outputs == 3


def test_regression_facts() -> None:
    assert regression().outputs == 2


def test_images_have_no_named_columns() -> None:
    assert table(inputs=np.zeros((4, 1, 8, 8), np.float32), features=()).sample_shape == (1, 8, 8)


def test_arrays_are_read_only() -> None:
    dataset = table()
    for array in (dataset.inputs, dataset.targets):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": np.zeros((4, 2))}, r"inputs of tiny: expected float32 \(N, \*features\), got float64 \(4, 2\)"),
        ({"inputs": np.zeros(4, np.float32)}, r"got float32 \(4,\)"),
        ({"inputs": np.zeros((0, 2), np.float32), "targets": np.zeros(0, np.int64)}, "at least one sample"),
        ({"inputs": np.zeros((4, 0), np.float32), "features": ()}, "at least one sample with one feature"),
        ({"inputs": np.full((4, 2), np.nan, np.float32)}, "finite"),
        ({"inputs": np.full((4, 2), np.inf, np.float32)}, "finite"),
        ({"features": ("a",)}, "expected 2 feature names, got 1"),
        ({"inputs": np.zeros((4, 1, 8, 8), np.float32)}, "expected 0 feature names, got 2"),
        ({"targets": np.array([0, 1, 2])}, "expected one for each of the 4 samples, got 3"),
        ({"targets": np.array([0, 1, 2, 0], np.int32)}, r"expected int64 \(N,\), got int32 \(4,\)"),
        ({"targets": np.zeros((4, 1), np.int64)}, r"got int64 \(4, 1\)"),
        ({"targets": np.array([0, 1, 3, 0])}, "class indices of 3 classes, got 0 to 3"),
        ({"targets": np.array([0, 1, -1, 0])}, "got -1 to 1"),
        ({"classes": ()}, "class indices of 0 classes"),
    ],
)
def test_refused_classification(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        table(**changes)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"targets": np.zeros(4, np.float32)}, r"expected float32 \(N, outputs\), got float32 \(4,\)"),
        ({"targets": np.zeros((4, 1))}, r"got float64 \(4, 1\)"),
        ({"targets": np.zeros((4, 0), np.float32)}, r"got float32 \(4, 0\)"),
        ({"targets": np.full((4, 1), np.nan, np.float32)}, "finite"),
        ({"classes": ("red",)}, "a regression has no classes, got 1"),
    ],
)
def test_refused_regression(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        regression(**changes)
    assert caught.value.hint
