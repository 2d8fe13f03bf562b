"""Prepared data are standardized by their training side and the same for the same seed, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.data import FILE, Prepared, datasets, prepare
from nnviz.errors import DataError
from nnviz.registry import Spec

NAMES = [entry.name for entry in datasets if entry.name != FILE]


def all_bytes(data: Prepared) -> bytes:
    return b"".join(array.tobytes() for array in (data.train_x, data.train_y, data.test_x, data.test_y))


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_bytes_and_other_seed_other_bytes(name: str) -> None:
    assert all_bytes(prepare(Spec(name), 1)) == all_bytes(prepare(Spec(name), 1))
    assert all_bytes(prepare(Spec(name), 1)) != all_bytes(prepare(Spec(name), 2))


@pytest.mark.parametrize("name", NAMES)
def test_training_side_is_standardized(name: str) -> None:
    data = prepare(Spec(name), 1)
    axes = 0 if data.train_x.ndim == 2 else None
    np.testing.assert_allclose(data.train_x.mean(axis=axes, dtype=np.float64), 0, atol=1e-6)
    np.testing.assert_allclose(data.train_x.std(axis=axes, dtype=np.float64), 1, atol=1e-6)
    if data.dataset.task == "regression":
        assert data.targets is not None
        assert data.train_y.std(dtype=np.float64) == pytest.approx(1, abs=1e-6)
        assert data.train_y.shape[1:] == (1,)
    else:
        assert data.targets is None
        assert data.train_y.dtype == np.int64


def test_test_side_does_not_enter_the_fit() -> None:
    data = prepare(Spec("plane"), 1)
    assert data.targets is not None
    np.testing.assert_allclose(data.inputs.mean, data.inputs.undo(data.train_x).mean(axis=0), atol=1e-5)
    assert np.abs(data.test_x.mean(axis=0)).min() > 1e-4
    assert abs(data.test_y.mean()) > 1e-4


def test_shares() -> None:
    assert len(prepare(Spec("spiral"), 1).test_x) == 250
    assert len(prepare(Spec("digits"), 1).test_x) == 359
    assert len(prepare(Spec("digits"), 1, test_share=0.5).test_x) == 898
    with pytest.raises(DataError, match="test share"):
        prepare(Spec("spiral"), 1, test_share=0)


def test_noise_leaves_split_and_points_where_they_were() -> None:
    quiet, noisy = prepare(Spec("xor"), 1), prepare(Spec.of("xor", noise=0.4), 1)
    np.testing.assert_array_equal(quiet.train_x, noisy.train_x)
    assert (quiet.train_y != noisy.train_y).any()


@pytest.mark.parametrize("name", ["circle", "plane"])
def test_arrays_are_read_only(name: str) -> None:
    data = prepare(Spec(name), 1)
    for array in (data.train_x, data.train_y, data.test_x, data.test_y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
