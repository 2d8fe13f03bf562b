"""Tensors from nothing and from a generator: sizes, types, devices, seeds, distributions; and types by name."""

from __future__ import annotations

import copy
import inspect
import math
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import nnviz
from nnviz import nn
from nnviz.autograd import Tensor, functions
from nnviz.errors import DeviceError, NnvizError, NotSupportedError, OperandError

MAKERS: dict[str, Callable[..., Tensor]] = {
    "zeros": lambda **more: nnviz.zeros(2, 3, **more), "ones": lambda **more: nnviz.ones((2, 3), **more), "empty": lambda **more: nnviz.empty(2, 3, **more),
    "full": lambda **more: nnviz.full((2, 3), 1.5, **more), "rand": lambda **more: nnviz.rand(2, 3, **more), "randn": lambda **more: nnviz.randn([2, 3], **more),
    "normal": lambda **more: nnviz.normal(0.0, 1.0, (2, 3), **more), "eye": lambda **more: nnviz.eye(2, 3, **more), "zeros_like": lambda **more: nnviz.zeros_like(nnviz.ones(2, 3), **more),
    "ones_like": lambda **more: nnviz.ones_like(nnviz.ones(2, 3), **more), "rand_like": lambda **more: nnviz.rand_like(nnviz.ones(2, 3), **more), "randn_like": lambda **more: nnviz.randn_like(nnviz.ones(2, 3), **more),
    "full_like": lambda **more: nnviz.full_like(nnviz.ones(2, 3), 2.0, **more), "new_zeros": lambda **more: nnviz.ones(1).new_zeros(2, 3, **more), "tensor": lambda **more: nnviz.tensor([[1.0, 2.0, 3.0]] * 2, **more),
}  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
def test_every_maker_takes_type_device_and_requires_grad(name: str) -> None:
    make = MAKERS[name]
    assert make().shape == (2, 3)
    assert make().dtype == nnviz.float32
    assert not make().requires_grad
    double = make(dtype=nnviz.float64, device="cpu", requires_grad=True)
    assert double.dtype == nnviz.float64
    assert double.requires_grad
    assert double.is_leaf
    assert make(device=nnviz.device("cpu")).device == nnviz.device("cpu")
    with pytest.raises(DeviceError, match="Torch not compiled with CUDA enabled"):
        make(device="cuda")
    with pytest.raises(NotSupportedError, match="the device 'mps' does not exist here"):
        make(device=nnviz.device("mps"))
    with pytest.raises(NotSupportedError, match="complex numbers are not supported"):
        make(dtype=np.complex64)


ROWS: dict[str, Callable[..., Tensor]] = {
    "arange": lambda **more: nnviz.arange(3.0, **more), "linspace": lambda **more: nnviz.linspace(0, 1, 3, **more), "logspace": lambda **more: nnviz.logspace(0, 1, 3, **more),
    "randint": lambda **more: nnviz.randint(3, (3,), **more), "randperm": lambda **more: nnviz.randperm(3, **more),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_every_row_takes_type_device_and_requires_grad(name: str) -> None:
    double = ROWS[name](dtype=nnviz.float64, device="cpu", requires_grad=True)
    assert (double.dtype, double.requires_grad, double.shape) == (nnviz.float64, True, (3,))
    with pytest.raises(DeviceError):
        ROWS[name](device="cuda")


def test_sizes_in_every_form() -> None:
    for made in (
        nnviz.zeros(2, 3),
        nnviz.zeros((2, 3)),
        nnviz.zeros([2, 3]),
        nnviz.zeros(size=(2, 3)),
        nnviz.zeros(nnviz.Size([2, 3])),
        nnviz.zeros(nnviz.tensor(2), np.int64(3)),
    ):
        assert made.shape == (2, 3)
    assert nnviz.rand(size=(2,)).shape == nnviz.randn(2).shape == (2,)
    assert nnviz.zeros(()).shape == nnviz.zeros([]).shape == ()
    assert (
        nnviz.randint(high=3, size=(2,)).shape
        == nnviz.randint(0, 3, (2,)).shape
        == nnviz.randint(low=0, high=3, size=(2,)).shape
        == (2,)
    )
    size = nnviz.Size([2, 3])
    assert size == (2, 3) == nnviz.ones(2, 3).shape
    assert size.numel() == 6
    assert repr(size) == "torch.Size([2, 3])"


def test_axis_and_keepdims_are_dim_and_keepdim_and_out_is_refused() -> None:
    a = nnviz.arange(6.0).reshape(2, 3)
    for reduce in (
        Tensor.sum,
        Tensor.mean,
        Tensor.std,
        Tensor.var,
        Tensor.prod,
        Tensor.norm,
        Tensor.amax,
        Tensor.logsumexp,
        Tensor.all,
        Tensor.any,
        Tensor.argmax,
        Tensor.argmin,
    ):
        found, wanted = reduce(a, axis=1, keepdims=True), reduce(a, dim=1, keepdim=True)
        assert found.shape == (2, 1)
        np.testing.assert_array_equal(found.array, wanted.array)
        with pytest.raises(OperandError, match=r"out= is not supported"):
            reduce(a, dim=1, out=a)
        with pytest.raises(OperandError, match="got an unexpected keyword argument 'frobnicate'"):
            reduce(a, dim=1, frobnicate=1)
    assert a.max(axis=1, keepdims=True).values.shape == a.min(axis=1, keepdims=True).indices.shape == (2, 1)


def test_types_by_name() -> None:
    assert nnviz.float is nnviz.float32
    assert nnviz.zeros(1, dtype=nnviz.float).dtype == nnviz.float32
    assert nnviz.zeros(1, dtype=float).dtype == nnviz.float64
    assert nnviz.zeros(1, dtype=nnviz.long).dtype == nnviz.int64 == nnviz.long
    assert nnviz.zeros(1, dtype=nnviz.bool).dtype == bool
    assert nnviz.ones(2, dtype=nnviz.half).sum().dtype == nnviz.float16
    assert nnviz.tensor([1, 2], dtype=nnviz.uint8).type() == "torch.ByteTensor"
    assert isinstance(nnviz.float32, nnviz.dtype)
    with pytest.raises(OperandError, match=r"argument 'dtype' must be torch\.dtype"):
        nnviz.zeros(1, dtype="frobnicate")


def test_the_default_type() -> None:
    assert nnviz.get_default_dtype() == nnviz.float32
    nnviz.set_default_dtype(nnviz.float64)
    try:
        made = [
            nnviz.zeros(1),
            nnviz.tensor([1.0]),
            nnviz.rand(1),
            nnviz.linspace(0, 1, 2),
            nnviz.tensor([1]) / 2,
            nnviz.tensor([1]).exp(),
            nnviz.arange(1.5),
            nnviz.full((1,), 0.5),
        ]
        assert [tensor.dtype for tensor in made] == [nnviz.float64] * len(made)
    finally:
        nnviz.set_default_dtype(nnviz.float32)
    assert nnviz.zeros(1).dtype == nnviz.float32


def test_older_constructors() -> None:
    assert nnviz.FloatTensor(2, 3).shape == (2, 3)
    assert nnviz.LongTensor([1, 2]).dtype == nnviz.int64
    assert nnviz.FloatTensor(np.ones(2)).dtype == nnviz.float32
    assert isinstance(nnviz.ones(1), nnviz.FloatTensor)  # type: ignore[arg-type]
    assert not isinstance(nnviz.ones(1), nnviz.LongTensor)  # type: ignore[arg-type]
    with pytest.raises(DeviceError):
        nnviz.FloatTensor([1.0], device="cuda")


def test_from_numpy_shares_and_tensor_copies() -> None:
    array = np.arange(3.0)
    shared, copied = nnviz.from_numpy(array), nnviz.tensor(array)
    array[0] = 9
    assert shared[0].item() == 9
    assert copied[0].item() == 0
    assert nnviz.as_tensor(array).array is array
    assert nnviz.as_tensor(shared) is shared
    assert nnviz.as_tensor(array, dtype=nnviz.float32).dtype == nnviz.float32
    leaf = nnviz.tensor([1.0, 2.0], requires_grad=True)
    again = nnviz.tensor(leaf)
    assert not again.requires_grad
    assert again.is_leaf
    assert not np.shares_memory(again.array, leaf.array)
    assert nnviz.tensor(leaf * 2, requires_grad=True).is_leaf
    with pytest.raises(NnvizError, match="byte order different from the native byte order"):
        nnviz.from_numpy(np.ones((1, 2), ">f4"))


def test_what_has_no_gradient_says_so() -> None:
    a = nnviz.tensor([1.5, -2.5], requires_grad=True)
    for found in (a.argsort(), a.isnan(), a.long(), a.bool(), a > 0, a.argmax(), a.topk(1).indices, a.to(nnviz.int64)):
        assert not found.requires_grad
        assert found.is_leaf
    assert a.half().requires_grad


# --- random numbers


def test_a_generator_goes_back_to_its_seed() -> None:
    generator = nnviz.Generator().manual_seed(2147483647)
    assert generator.initial_seed() == 2147483647
    first = nnviz.rand(3, generator=generator).tolist()
    state = generator.get_state()
    second = nnviz.rand(3, generator=generator).tolist()
    assert first != second
    generator.set_state(state)
    assert nnviz.rand(3, generator=generator).tolist() == second
    generator.manual_seed(2147483647)
    assert nnviz.rand(3, generator=generator).tolist() == first
    for twin in (copy.deepcopy(generator), pickle.loads(pickle.dumps(generator))):  # noqa: S301 (its own)
        assert isinstance(twin, nnviz.Generator)
        assert nnviz.rand(3, generator=twin).tolist() == second
    # The same numbers as numpy's own from the same seed.
    np.testing.assert_array_equal(generator.manual_seed(7).random(3), np.random.default_rng(7).random(3))
    assert generator.manual_seed(-1).random() == nnviz.Generator().manual_seed(2**64 - 1).random()
    with pytest.raises(DeviceError):
        nnviz.Generator(device="cuda")


def test_a_seed_reaches_what_was_built_before_it() -> None:
    dropout, a = nn.Dropout(0.5), nnviz.ones(64)
    nnviz.manual_seed(1)
    first = dropout(a).tolist()
    nnviz.manual_seed(1)
    assert dropout(a).tolist() == first
    assert nnviz.initial_seed() == 1
    assert nnviz.seed() == nnviz.initial_seed() != 1


def test_distributions() -> None:
    generator = nnviz.Generator().manual_seed(0)
    assert abs(nnviz.normal(3.0, 0.5, (20000,), generator=generator).mean().item() - 3) < 0.02
    assert abs(nnviz.normal(nnviz.zeros(20000), 2.0, generator=generator).std().item() - 2) < 0.05
    assert abs(nnviz.bernoulli(nnviz.full((20000,), 0.3), generator=generator).mean().item() - 0.3) < 0.02
    assert nnviz.ones(9).bernoulli(0.0).sum().item() == 0
    assert sorted(nnviz.randperm(9, generator=generator).tolist()) == list(range(9))
    assert set(nnviz.randint_like(nnviz.zeros(500), 2, 4).tolist()) == {2.0, 3.0}


@pytest.mark.parametrize("replacement", [True, False])
def test_multinomial_draws_in_proportion(replacement: bool) -> None:
    generator, weights = nnviz.Generator().manual_seed(0), nnviz.tensor([0.0, 1.0, 3.0, 0.0])
    rows = nnviz.multinomial(weights.expand(20000, 4), 1, replacement, generator=generator)
    assert rows.shape == (20000, 1)
    assert set(rows.reshape(-1).tolist()) == {1, 2}
    assert abs((rows == 2).double().mean().item() - 0.75) < 0.02
    both = nnviz.multinomial(weights, 2, replacement, generator=generator)
    assert both.shape == (2,)
    if not replacement:
        assert sorted(both.tolist()) == [1, 2]
        with pytest.raises(NnvizError, match="not enough non-negative category to sample"):
            nnviz.multinomial(weights, 3, generator=generator)


def test_rand_stays_below_one() -> None:
    class Highest(np.random.Generator):
        def random(self, *_: object, **__: object) -> np.ndarray:  # type: ignore[override]
            return np.full(3, math.nextafter(1, 0))

    highest = Highest(np.random.PCG64())
    assert (nnviz.rand(3, generator=highest) < 1).all()
    assert (nnviz.rand(3, generator=highest, dtype=nnviz.float16) < 1).all()


ALONG: dict[str, Callable[[Tensor, int], object]] = {
    "sort": lambda a, dim: a.sort(dim), "topk": lambda a, dim: a.topk(0, dim), "median": lambda a, dim: a.median(dim), "cumsum": lambda a, dim: a.cumsum(dim), "cumprod": lambda a, dim: a.cumprod(dim),
    "prod": lambda a, dim: a.prod(dim), "norm": lambda a, dim: a.norm(dim=dim), "amax": lambda a, dim: a.amax(dim), "flip": lambda a, dim: a.flip(dim), "softmax": lambda a, dim: a.softmax(dim), "log_softmax": lambda a, dim: a.log_softmax(dim), "transpose": lambda a, dim: a.transpose(dim, 0), "sum": lambda a, dim: a.sum(dim), "unbind": lambda a, dim: a.unbind(dim), "chunk": lambda a, dim: a.chunk(2, dim),
}  # fmt: skip


@given(st.lists(st.integers(0, 4), max_size=3), st.integers(-4, 3), st.sampled_from(sorted(ALONG)))
@settings(deadline=None, max_examples=200)
def test_a_dimension_exists_or_is_refused_by_every_function(shape: list[int], dim: int, name: str) -> None:
    a, there = nnviz.rand(shape), -max(len(shape), 1) <= dim < max(len(shape), 1)
    try:
        ALONG[name](a, dim)
    except NnvizError as error:
        # Either there is no such dimension, or nothing along it.
        right = (there and (not shape or not shape[dim])) or (not there and isinstance(error, IndexError))
    else:
        right = there
    assert right


def _required(name: str) -> list[str]:
    parameters = inspect.signature(getattr(nnviz, name)).parameters.values()
    return [one.name for one in parameters if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]


OF_ONE = [name for name in functions.__all__ if _required(name) == ["input"] and name not in ("clamp", "clip")]


@pytest.mark.parametrize("name", OF_ONE)
def test_what_is_no_tensor_is_named(name: str) -> None:
    more = [0] if name in ("cumsum", "cumprod", "logsumexp", "softmax", "log_softmax") else []
    for what, kind in (([1.0, 2.0], "list"), (3.5, "float"), (None, "NoneType"), ({}, "dict")):
        with pytest.raises(OperandError, match=f"must be Tensor, not {kind}"):
            getattr(nnviz, name)(what, *more)
