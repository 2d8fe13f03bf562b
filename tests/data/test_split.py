"""Splitting loses and doubles nothing; standardizing gives mean 0 and std 1 and can be undone."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nnviz.data import Dataset, Standardizer, split
from nnviz.errors import DataError
from nnviz.seeds import stream


def numbered(count: int) -> Dataset:
    """A regression whose sample i is (i, −i) with target 2i, so that one can see which went where."""
    rows = np.arange(count, dtype=np.float32)
    inputs, targets = np.stack([rows, -rows], axis=1), 2 * rows[:, None]
    return Dataset("numbered", inputs, targets, "regression", ("a", "b"), (), "", "")


TABLES = hnp.arrays(
    np.float32,
    st.tuples(st.integers(1, 30), st.integers(1, 4)),
    elements=st.floats(-(2.0**100), 2.0**100, width=32),
)


@given(st.integers(2, 200), st.floats(0, 1), st.integers(0, 1000))
def test_split_is_a_partition(count: int, share: float, seed: int) -> None:
    dataset = numbered(count)
    if not 0 < round(share * count) < count:
        with pytest.raises(DataError, match="leaves no training or no test samples"):
            split(dataset, share, stream(seed))
        return
    train, test = split(dataset, share, stream(seed))
    assert len(test.inputs) == round(share * count)
    both = np.concatenate([train.inputs, test.inputs])
    np.testing.assert_array_equal(np.sort(both[:, 0]), np.arange(count))
    for side in (train, test):
        np.testing.assert_array_equal(side.inputs[:, 1], -side.inputs[:, 0])
        np.testing.assert_array_equal(side.targets[:, 0], 2 * side.inputs[:, 0])
        assert (side.name, side.features, side.task) == (dataset.name, dataset.features, dataset.task)


def test_split_shuffles_and_repeats_itself() -> None:
    dataset = numbered(100)
    first, again, other = (split(dataset, 0.5, stream(seed))[0].inputs for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
    assert first.tobytes() != dataset.inputs[:50].tobytes()


@pytest.mark.parametrize("share", [0.0, 1.0, -0.5, 1.5, float("nan"), float("inf"), 0.01])
def test_split_refuses_an_empty_side(share: float) -> None:
    with pytest.raises(DataError, match="test share") as caught:
        split(numbered(10), share, stream(1))
    assert caught.value.hint


@given(TABLES)
def test_standardized_columns_have_mean_0_and_std_1(table: np.ndarray) -> None:
    result = Standardizer.fit(table).apply(table)
    assert result.dtype == np.float32
    constant = (table == table[0]).all(axis=0)
    np.testing.assert_allclose(result.mean(axis=0, dtype=np.float64), 0, atol=1e-6)
    np.testing.assert_allclose(result.std(axis=0, dtype=np.float64), np.where(constant, 0, 1), atol=1e-5)
    assert (result[:, constant] == 0).all()


@given(TABLES)
def test_undo_gives_the_numbers_back(table: np.ndarray) -> None:
    fitted = Standardizer.fit(table)
    back = fitted.undo(fitted.apply(table))
    assert back.dtype == np.float32
    scale = np.abs(table).max(axis=0, initial=1e-30)
    np.testing.assert_allclose(back / scale, table / scale, atol=1e-5)


@pytest.mark.parametrize("shape", [(3_001, 7), (60_001, 2), (9, 50_000), (250_001, 1), (4_003, 1, 9, 8)])
def test_the_std_of_many_numbers_is_that_of_numpy(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["nnviz.data.split"], "BLOCK", 5_000)
    table = (stream(1).normal(size=shape) * 7 + 100).astype(np.float32)
    axes = 0 if len(shape) == 2 else None
    fitted = Standardizer.fit(table)
    np.testing.assert_array_equal(fitted.mean, table.mean(axis=axes, dtype=np.float64))
    np.testing.assert_array_almost_equal_nulp(fitted.std, np.asarray(table.std(axis=axes, dtype=np.float64)), 4)
    whole = ((table - fitted.mean) / fitted.std).astype(np.float32)
    np.testing.assert_array_equal(fitted.apply(table), whole)
    assert fitted.apply(table, out=table) is table
    np.testing.assert_array_equal(table, whole)


def test_images_share_one_mean_and_std() -> None:
    images = stream(1).random((20, 1, 4, 4), dtype=np.float32)
    images[:, :, 0] = 0  # a row of pixels that is never inked stays darker than the rest
    fitted = Standardizer.fit(images)
    result = fitted.apply(images)
    assert fitted.mean.shape == fitted.std.shape == ()
    assert result.shape == images.shape
    assert result.mean(dtype=np.float64) == pytest.approx(0, abs=1e-6)
    assert result.std(dtype=np.float64) == pytest.approx(1, abs=1e-6)
    assert result[:, :, 0].max() < 0


def test_constants_and_large_offsets() -> None:
    table = np.array([[0.1, 16_777_214, 5], [0.1, 16_777_215, 5], [0.1, 16_777_216, 5]], np.float32)
    fitted = Standardizer.fit(table)
    assert fitted.std[0] == fitted.std[2] == 1
    np.testing.assert_allclose(fitted.apply(table)[:, 1], np.array([-1, 0, 1]) * np.sqrt(1.5), rtol=1e-6)


def test_diverged_outputs_become_infinite_without_a_warning() -> None:
    fitted = Standardizer(np.zeros(1), np.full(1, 10.0))
    assert fitted.undo(np.full((1, 1), 3e38, np.float32)) == np.inf
    assert Standardizer(np.zeros(1), np.full(1, 1e-10)).apply(np.full((1, 1), 3e38, np.float32)) == np.inf


def test_fit_refuses_nothing_at_all() -> None:
    with pytest.raises(DataError, match="expected at least one sample"):
        Standardizer.fit(np.zeros((0, 3), np.float32))
