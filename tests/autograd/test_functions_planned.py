"""Every function in a plan: what the tape gives, for other numbers too, with its gradient; or refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nnviz
from nnviz import nn, optim
from nnviz.autograd import Tensor, abstract, without_data
from nnviz.errors import GraphError
from tests.values.function_cases import ARRAYS, CASES, Inputs

BY_NUMBERS = {
    "where alone", "repeat_interleave tensor", "masked_select", "masked_select row", "quantiles", "nonzero", "nonzero tuple", "argwhere",
    "unique", "unique all", "unique rows", "bincount", "bincount weights", "tensor of tensors", "tensor of several types", "tensor of rows",
    "equal", "not equal", "allclose", "in", "not in", "numbers", "format", "python",
}  # fmt: skip
"""What depends on the numbers for its shape, or for a number of Python's."""
WITHOUT_TENSORS = {"type of", "promote", "device", "constants"}


def tensors_of(name: str, a: Tensor) -> list[Tensor]:
    """What a case gives, of `a` and constants."""
    inputs = Inputs(nnviz)
    inputs.tensors["a"] = a
    found = CASES[name](nnviz, inputs)
    return [part for part in (found if isinstance(found, tuple | list) else [found]) if isinstance(part, Tensor)]


def joined(name: str) -> Callable[[Tensor], Tensor]:
    """All that a case gives as one row of float64; the input goes in, whether the case reads it or not."""
    return lambda a: nnviz.cat([part.double().reshape(-1) for part in tensors_of(name, a)] + [a.reshape(-1)])


FOLLOWED = [name for name in CASES if name not in BY_NUMBERS | WITHOUT_TENSORS]


def alternating(quick: int) -> list[Any]:
    """Every case; of four neighbors the quick suite takes one, another in each of two tests, and the long tests the rest."""
    return [pytest.param(name, marks=[pytest.mark.long] * (i % 4 != quick)) for i, name in enumerate(FOLLOWED)]


@pytest.mark.parametrize("name", alternating(0))
def test_a_plan_follows_the_numbers(name: str) -> None:
    run = joined(name)
    planned = nnviz.compile_forward(run)
    for array in (ARRAYS["a"], np.random.default_rng(3).uniform(-2, 2, (3, 4))):
        np.testing.assert_allclose(planned(array).array, run(Tensor(array)).array, rtol=1e-12)


@pytest.mark.parametrize("name", FOLLOWED)
def test_shapes_alone_give_the_same_types(name: str) -> None:
    there = [(part.dtype, part.shape) for part in tensors_of(name, Tensor(ARRAYS["a"]))]
    with abstract():
        found = tensors_of(name, Tensor(without_data((3, 4), np.float64)))
    assert [(part.dtype, part.shape) for part in found] == there


@pytest.mark.parametrize("name", alternating(2))
def test_a_planned_step_moves_by_the_tapes_gradient(name: str) -> None:
    weight = nn.Parameter(nnviz.tensor(ARRAYS["a"]))
    leaf = nnviz.tensor(ARRAYS["a"], requires_grad=True)
    coefficients = nnviz.from_numpy(np.linspace(0.5, 1.5, joined(name)(leaf).numel()))

    def loss(out: Tensor, _: Any) -> Tensor:
        known = nnviz.where(nnviz.isfinite(out), out, 0.0)
        return (known * coefficients).sum()

    loss(joined(name)(leaf), None).backward()
    nnviz.compile_step(lambda _: joined(name)(weight), loss, optim.SGD([weight], lr=1.0))(np.zeros(1), np.zeros(1))
    assert leaf.grad is not None
    np.testing.assert_allclose(weight.detach().array, ARRAYS["a"] - leaf.grad.array, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", sorted(BY_NUMBERS))
def test_what_depends_on_the_numbers_is_refused_by_name(name: str) -> None:
    inputs = Inputs(nnviz)
    with abstract(), pytest.raises(GraphError, match="depends on the numbers, and here are only shapes"):
        CASES[name](nnviz, inputs)


def test_the_number_of_a_tensor_is_not_frozen() -> None:
    def copied(x: Tensor) -> Tensor:
        return nnviz.tensor(x.mean()) + x

    planned = nnviz.compile_forward(copied)
    for array in (np.ones(3), np.arange(3.0)):
        np.testing.assert_array_equal(planned(array).array, copied(Tensor(array)).array)
    with pytest.raises(GraphError, match=r"tensor\(\) of a list with tensors in it depends on the numbers"):
        nnviz.compile_forward(lambda x: nnviz.tensor([x.mean(), 2.0]) + x)(np.ones(2))
    for frozen in (
        lambda x: nnviz.full((2,), x.mean()),
        lambda x: nnviz.arange(x.max()) + x,
        lambda x: nnviz.linspace(0, x.max(), 2) + x,
        lambda x: x[: x.max()],
        lambda x: x * nnviz.FloatTensor([x.max()]),
        lambda x: x.new_tensor([x.max()]) + x,
        lambda x: x * float(f"{x.mean():.1f}"),
    ):
        with pytest.raises(GraphError, match="depends on the numbers"):
            nnviz.compile_forward(frozen)(np.ones(2))


# --- random numbers

DRAWS: dict[str, Callable[[Tensor], Tensor]] = {
    "rand": lambda x: nnviz.rand(*x.shape) + x,
    "randn": lambda x: x + nnviz.randn(x.shape),
    "randn twice": lambda x: x * nnviz.randn(3) + nnviz.randn(3),
    "mask": lambda x: x * (nnviz.rand(x.shape) > 0.5),
    "rand_like": lambda x: nnviz.rand_like(x) * x,
    "randn_like": lambda x: x.exp() + nnviz.randn_like(x.exp()),
    "randint": lambda x: x * nnviz.randint(5, (3,)),
    "randperm": lambda x: x + nnviz.randperm(3),
    "normal": lambda x: x + nnviz.normal(0.0, 2.0, size=(3,)),
    "normal of tensors": lambda x: nnviz.normal(x, x.abs()) + x,
    "bernoulli": lambda x: x * nnviz.bernoulli(x.sigmoid()),
    "multinomial": lambda x: x + nnviz.multinomial(x.softmax(0), 3),
    "multinomial again and again": lambda x: x + nnviz.multinomial(x.softmax(0), 3, replacement=True),
    "noise of a variational autoencoder": lambda x: x + (0.5 * x).exp() * nnviz.randn_like(x),
}


@pytest.mark.parametrize("name", DRAWS)
def test_a_plan_draws_what_the_tape_would_draw(name: str) -> None:
    run, array = DRAWS[name], np.array([0.3, -1.2, 0.8])
    nnviz.manual_seed(5)
    wanted = [run(Tensor(array)).array for _ in range(8)]
    planned = nnviz.compile_forward(run)
    nnviz.manual_seed(5)
    found = [planned(array).array for _ in range(8)]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    assert any(not np.array_equal(found[0], other) for other in found[1:])
    # The generator that is asked is the one there is at the run, not at the trace.
    nnviz.manual_seed(5)
    np.testing.assert_allclose([planned(array).array for _ in range(8)], wanted, rtol=1e-12)


def test_a_generator_that_is_handed_over_is_the_one_that_draws() -> None:
    generator = nnviz.Generator().manual_seed(3)
    planned = nnviz.compile_forward(lambda x: x + nnviz.randn(3, generator=generator))
    found = [planned(np.zeros(3)).array for _ in range(2)]
    fresh = nnviz.Generator().manual_seed(3)
    np.testing.assert_allclose(found, [nnviz.randn(3, generator=fresh).array for _ in range(2)], rtol=1e-7)


def test_the_gradient_goes_through_what_the_noise_is_multiplied_with() -> None:
    weight = nn.Parameter(nnviz.tensor([0.5, -0.5]))
    nnviz.manual_seed(1)
    noise = nnviz.randn(2).array
    nnviz.manual_seed(1)
    step = nnviz.compile_step(
        lambda x: weight * nnviz.randn(2) + x, lambda out, _: out.sum(), optim.SGD([weight], lr=1.0)
    )
    step(np.zeros(2, np.float32), np.zeros(1))
    np.testing.assert_allclose(weight.detach().array, np.array([0.5, -0.5]) - noise, rtol=1e-6)
