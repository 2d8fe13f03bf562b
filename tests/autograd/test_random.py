"""One default generator for as long as the program runs, and generators of one's own."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

import nnviz
from nnviz import nn
from nnviz.autograd.random import default_generator
from nnviz.errors import ArgumentError, DeviceError, NotSupportedError, OperandError, OperationError


def test_a_seed_reaches_what_was_built_before() -> None:
    drop, x = nn.Dropout(0.5), nnviz.ones(40)
    for one in (drop, copy.deepcopy(drop), pickle.loads(pickle.dumps(drop))):  # noqa: S301
        masks = []
        for _ in range(2):
            nnviz.manual_seed(3)
            masks.append(one(x).tolist())
        assert masks[0] == masks[1]
        assert masks[0] != one(x).tolist()


def test_the_default_generator_is_one_object() -> None:
    before = default_generator()
    assert nnviz.manual_seed(1) is before is default_generator() is copy.copy(before) is copy.deepcopy(before)
    nnviz.seed()
    assert default_generator() is before


def test_the_numbers_are_numpys() -> None:
    nnviz.manual_seed(7)
    np.testing.assert_array_equal(nnviz.rand(5, dtype=np.float64).array, np.random.default_rng(7).random(5))
    own = nnviz.Generator().manual_seed(7)
    np.testing.assert_array_equal(own.normal(size=4), np.random.default_rng(7).normal(size=4))


def test_a_generator_is_taken_wherever_one_is() -> None:
    generator = nnviz.Generator(device="cpu")
    tensors = [
        lambda: nnviz.randn(3, generator=generator),
        lambda: nnviz.randint(0, 1000, (3,), generator=generator),
        lambda: nn.init.normal_(nnviz.zeros(3), generator=generator),
        lambda: nn.Linear(3, 1, generator=generator).weight,
        lambda: nn.Dropout(0.5, generator=generator)(nnviz.ones(20)),
    ]
    for draw in tensors:
        generator.manual_seed(2)
        first = draw().tolist()
        assert draw().tolist() != first
        generator.manual_seed(2)
        assert draw().tolist() == first


def test_new_generators_begin_alike_and_seed_sets_them_apart() -> None:
    one, other = nnviz.Generator(), nnviz.Generator()
    assert one.random() == other.random()
    drawn = one.seed()
    assert one.initial_seed() == drawn != other.initial_seed()
    assert one.random() == other.manual_seed(drawn).random()


def test_states() -> None:
    generator = nnviz.Generator().manual_seed(5)
    generator.integers(10, dtype=np.int32)  # Keeps half of a draw for the next.
    state = generator.get_state()
    assert state.dtype == np.uint8
    wanted = [int(n) for n in generator.integers(1000, size=5, dtype=np.int32)]
    twins = [generator.set_state(state), nnviz.Generator().set_state(state), copy.deepcopy(generator.set_state(state))]
    twins.append(pickle.loads(pickle.dumps(nnviz.Generator().set_state(state))))  # noqa: S301
    for twin in twins:
        assert twin.initial_seed() == 5
        assert [int(n) for n in twin.integers(1000, size=5, dtype=np.int32)] == wanted

    nnviz.manual_seed(9)
    kept = nnviz.get_rng_state()
    first = nnviz.rand(3).tolist()
    nnviz.set_rng_state(kept)
    assert nnviz.rand(3).tolist() == first
    assert nnviz.initial_seed() == 9


def test_seeds_that_are_none() -> None:
    generator = nnviz.Generator()
    for seed in (1.5, "1", None):
        with pytest.raises(OperationError, match="expected a long"):
            generator.manual_seed(seed)  # type: ignore[arg-type]
    for number in (2**64, -(2**63) - 1):
        with pytest.raises(ArgumentError, match="Overflow"):
            generator.manual_seed(number)
    with pytest.raises(OperandError, match="ByteTensor"):
        generator.set_state(nnviz.zeros(3))
    with pytest.raises(OperationError, match="wrong size"):
        generator.set_state(nnviz.tensor(np.zeros(3, np.uint8)))
    with pytest.raises(DeviceError):
        nnviz.Generator("cuda")
    with pytest.raises(NotSupportedError, match=r"Generator\.spawn is not supported"):
        generator.spawn(2)
