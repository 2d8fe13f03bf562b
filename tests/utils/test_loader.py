"""The order in which a loader hands out samples; what it gives otherwise is held against PyTorch in tests/learners."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnviz
from nnviz.errors import ShapeError
from nnviz.utils.data import (
    DataLoader,
    RandomSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    default_collate,
    random_split,
)


def order(loader: DataLoader[Any]) -> list[int]:
    return [i for batch in loader for i in batch.tolist()]


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 40), st.integers(1, 12), st.booleans(), st.booleans(), st.integers(0, 2**32))
def test_every_sample_comes_once_in_batches_of_the_size(
    n: int, size: int, shuffle: bool, drop_last: bool, seed: int
) -> None:
    loader = DataLoader(range(n), size, shuffle, drop_last=drop_last, generator=nnviz.Generator().manual_seed(seed))
    for _ in range(2):
        batches = [batch.tolist() for batch in loader]
        assert len(batches) == len(loader) == (n // size if drop_last else -(-n // size))
        assert all(len(batch) == size for batch in batches[:-1])
        seen = Counter(i for batch in batches for i in batch)
        assert set(seen.values()) <= {1}
        assert seen.keys() <= set(range(n))
        assert len(seen) == (n - n % size if drop_last else n)


def test_the_same_seed_gives_the_same_order_and_each_pass_a_new_one() -> None:
    def passes(loader: DataLoader[Any]) -> list[list[int]]:
        return [order(loader) for _ in range(3)]

    own = [passes(DataLoader(range(50), 8, shuffle=True, generator=nnviz.Generator().manual_seed(4))) for _ in range(2)]
    assert own[0] == own[1]
    assert own[0][0] == np.random.default_rng(4).permutation(50).tolist()
    loader = DataLoader(range(50), 8, shuffle=True)
    common = []
    for _ in range(2):
        nnviz.manual_seed(4)
        common.append(passes(loader))
    assert common[0] == common[1]
    assert len({tuple(one) for one in (*own[0], *common[0])}) == 6


def test_what_is_drawn_meanwhile_does_not_change_the_order() -> None:
    loader = DataLoader(range(30), 5, shuffle=True)
    nnviz.manual_seed(1)
    quiet = order(loader)
    nnviz.manual_seed(1)
    loud = []
    for batch in loader:
        nnviz.randn(7)
        loud += batch.tolist()
    assert quiet == loud


def test_a_numpy_generator_will_do() -> None:
    loaders = [DataLoader(range(20), 4, shuffle=True, generator=np.random.default_rng(3)) for _ in range(2)]
    assert order(loaders[0]) == order(loaders[1]) != list(range(20))


def test_two_passes_at_once() -> None:
    loader = DataLoader(range(6), 2)
    assert [(a.tolist(), b.tolist()) for a, b in zip(loader, loader, strict=True)] == [
        ([i, i + 1],) * 2 for i in (0, 2, 4)
    ]


def test_workers_change_nothing() -> None:
    assert order(
        DataLoader(range(9), 2, num_workers=4, prefetch_factor=2, persistent_workers=True, pin_memory=True)
    ) == list(range(9))


def test_splits_share_nothing_and_repeat() -> None:
    splits = [random_split(range(100), [0.7, 0.3], generator=nnviz.Generator().manual_seed(0)) for _ in range(2)]
    assert [list(part) for part in splits[0]] == [list(part) for part in splits[1]]
    assert sorted([*splits[0][0], *splits[0][1]]) == list(range(100))
    nnviz.manual_seed(0)
    assert list(random_split(range(100), [70, 30])[0]) == list(splits[0][0])
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        random_split(range(3), [0.9, 0.1])


def test_random_samplers_use_the_generator() -> None:
    makers = [
        lambda g: RandomSampler(range(30), generator=g),
        lambda g: RandomSampler(range(30), replacement=True, num_samples=50, generator=g),
        lambda g: SubsetRandomSampler(range(30), generator=g),
        lambda g: WeightedRandomSampler(range(30), 20, generator=g),
        lambda g: WeightedRandomSampler(range(30), 20, replacement=False, generator=g),
    ]
    for make in makers:
        drawn = [list(make(nnviz.Generator().manual_seed(seed))) for seed in (1, 1, 2)]
        assert drawn[0] == drawn[1] != drawn[2]
        assert all(type(i) is int for i in drawn[0])


@pytest.mark.parametrize("replacement", [True, False])
def test_weights_are_the_shares(replacement: bool) -> None:
    weights, generator = [1.0, 0.0, 3.0, 4.0], nnviz.Generator().manual_seed(0)
    first = Counter(next(iter(WeightedRandomSampler(weights, 2, replacement, generator))) for _ in range(4000))
    np.testing.assert_allclose([first[i] / 4000 for i in range(4)], np.array(weights) / 8, atol=0.03)


def test_gradients_go_through_a_batch() -> None:
    x = nnviz.arange(6.0, requires_grad=True)
    (batch,) = next(iter(DataLoader(TensorDataset(x), 4)))
    batch.square().sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 2, 4, 6, 0, 0]


class Negated(TensorDataset):
    """Its samples are other ones than its tensors'."""

    def __getitem__(self, index: Any) -> tuple[nnviz.Tensor, ...]:
        return tuple(-tensor for tensor in super().__getitem__(index))


def test_batches_of_tensors_are_what_their_samples_make() -> None:
    x, y = nnviz.randn(20, 3), nnviz.arange(20)
    tensors = TensorDataset(x, y)
    parts = random_split(tensors, [12, 8])
    for dataset in (
        tensors,
        *parts,
        Subset(parts[0], [3, 1, 0]),
        tensors + parts[1],
        Negated(x, y),
        Subset(Negated(x, y), [4]),
    ):
        # A function of one's own is handed the samples themselves.
        for batch, wanted in zip(
            DataLoader(dataset, 5),
            DataLoader(dataset, 5, collate_fn=lambda samples: default_collate(samples)),
            strict=True,
        ):
            assert type(batch) is type(wanted) is list
            assert [(t.tolist(), t.dtype) for t in batch] == [(t.tolist(), t.dtype) for t in wanted]
            batch[0].zero_()
    assert x.array.all()


@pytest.mark.parametrize("indices", [[np.int64(1), np.int64(0)], [-1, 2]])
def test_indices_of_other_types(indices: list[Any]) -> None:
    rows = TensorDataset(nnviz.tensor([10, 20, 30]))
    ((batch,),) = DataLoader(rows, batch_sampler=[indices])
    assert batch.tolist() == [[10, 20, 30][int(i)] for i in indices]


def test_samples_that_do_not_fit_say_what_to_do() -> None:
    with pytest.raises(ShapeError, match=r"got \[2\] at entry 0 and \[3\] at entry 1") as raised:
        default_collate([nnviz.ones(2), nnviz.ones(3)])
    assert "collate_fn" in raised.value.hint
