"""How exact float32 is where numbers are large, many or near a bound; the references are worked out in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest

import nnviz.nn.functional as F
from nnviz import nn
from nnviz.autograd import Tensor, functions, ops, tensor
from nnviz.autograd.operation import Array

DRAWN = np.random.default_rng(0)
FAR = (1e6 + DRAWN.normal(size=(20_000, 3))).astype(np.float32)
"""Numbers whose mean takes up all the digits that their differences need."""


def off(found: Array, wanted: Array) -> float:
    """The largest relative error."""
    return float(np.max(np.abs(found - wanted) / np.abs(wanted)))


@pytest.mark.parametrize("dim", [None, 0])
@pytest.mark.parametrize("correction", [0, 1])
def test_variance_of_large_numbers(dim: int | None, correction: int) -> None:
    wanted = FAR.astype(np.float64).var(axis=dim, ddof=correction)
    found = functions.var(Tensor(FAR), dim, correction=correction)
    assert found.dtype == np.float32
    assert off(found.array, wanted) < 1e-7
    assert off(functions.std(Tensor(FAR), dim, correction=correction).array, np.sqrt(wanted)) < 1e-7


def test_gradient_of_the_variance_of_large_numbers() -> None:
    x = Tensor(FAR[:, 0].copy(), requires_grad=True)
    functions.var(x).backward()
    wide = FAR[:, 0].astype(np.float64)
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.array, 2 / (len(wide) - 1) * (wide - wide.mean()), rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("layout", ["rows", "columns", "every second"])
@pytest.mark.parametrize("dim", [None, 0, 1])
def test_sums_and_means_of_many(layout: str, dim: int | None) -> None:
    rows = DRAWN.normal(1, 1, (200_000, 8)).astype(np.float32)
    a = {"rows": rows, "columns": np.asfortranarray(rows), "every second": rows[:, ::2]}[layout]
    wide = a.astype(np.float64)
    # Of few terms the sum may be near 0: the error is measured beside the size of what was added.
    size = np.abs(wide).sum(axis=dim)
    bound = 3e-7 if dim == 1 else 1.2e-7
    assert np.max(np.abs(functions.sum(Tensor(a), dim).array - wide.sum(axis=dim)) / size) < bound
    share = size / (a.size / size.size)
    assert np.max(np.abs(functions.mean(Tensor(a), dim).array - wide.mean(axis=dim)) / share) < bound


def test_softmax_of_many_rows() -> None:
    z = DRAWN.normal(size=(100_000, 2)).astype(np.float32)
    wide = np.exp(z.astype(np.float64))
    assert off(F.softmax(Tensor(z), 0).array, wide / wide.sum(0)) < 1e-6
    assert off(functions.logsumexp(Tensor(z), 0).array, np.log(wide.sum(0))) < 1e-7


@pytest.mark.parametrize("offset", [0.0, 1e4, 1e6])
def test_norm_layers_of_large_numbers(offset: float) -> None:
    x = (offset + DRAWN.normal(size=(64, 5))).astype(np.float32)
    wide = x.astype(np.float64)
    centerd = wide - wide.mean(0)
    wanted = centerd / np.sqrt(centerd.var(0) + 1e-5)
    layer = nn.BatchNorm1d(5, momentum=1.0)
    np.testing.assert_allclose(layer(Tensor(x)).array, wanted, atol=2e-6)
    assert off(layer.running_mean.array, wide.mean(0)) < 1e-6 or offset == 0
    assert off(layer.running_var.array, wide.var(0, ddof=1)) < 1e-6
    np.testing.assert_allclose(nn.LayerNorm(64)(Tensor(x.T.copy())).array, wanted.T, atol=2e-6)


def test_gradient_of_a_norm_layer_of_large_numbers() -> None:
    x = Tensor((1e6 + DRAWN.normal(size=(64, 2))).astype(np.float32), requires_grad=True)
    seed = DRAWN.normal(size=(64, 2)).astype(np.float32)
    ops.normalize(x, dims=(0,), eps=1e-5).backward(Tensor(seed))
    wide = Tensor(x.array.astype(np.float64), requires_grad=True)
    ops.normalize(wide, dims=(0,), eps=1e-5).backward(Tensor(seed.astype(np.float64)))
    assert x.grad is not None
    assert wide.grad is not None
    np.testing.assert_allclose(x.grad.array, wide.grad.array, atol=2e-6)


def test_cross_entropy_of_a_sure_and_right_logit() -> None:
    found = F.binary_cross_entropy_with_logits(tensor([20.0]), tensor([1.0])).item()
    assert found == pytest.approx(math.log1p(math.exp(-20)), rel=1e-6)
    z = np.linspace(-80, 80, 161, dtype=np.float32)
    for target in (0.0, 0.3, 1.0):
        wide = z.astype(np.float64)
        share = np.float64(np.float32(target))
        wanted = share * np.logaddexp(0, -wide) + (1 - share) * np.logaddexp(0, wide)
        losses = F.binary_cross_entropy_with_logits(Tensor(z), Tensor(np.full_like(z, target)), reduction="none")
        np.testing.assert_allclose(losses.array, wanted, rtol=1e-6)
        twice = F.binary_cross_entropy_with_logits(
            Tensor(z), Tensor(np.full_like(z, target)), reduction="none", pos_weight=tensor([1.0])
        )
        np.testing.assert_allclose(twice.array, wanted, rtol=1e-6)


def test_probabilities_at_their_bounds() -> None:
    losses = F.binary_cross_entropy(tensor([0.0, 1.0, 0.0, 1.0]), tensor([1.0, 0.0, 0.0, 1.0]), reduction="none")
    assert losses.tolist() == [100.0, 100.0, 0.0, 0.0]
    near = np.array([1e-30, 1e-7, 1 - 6e-8], np.float32)
    losses = F.binary_cross_entropy(Tensor(near), tensor([1.0, 0.0, 1.0]), reduction="none")
    wide = near.astype(np.float64)
    np.testing.assert_allclose(losses.array, [-np.log(wide[0]), -np.log1p(-wide[1]), -np.log(wide[2])], rtol=1e-6)


FUNCTIONS = {
    "softplus": (F.softplus, lambda z: np.logaddexp(0, z)),
    "logsigmoid": (F.logsigmoid, lambda z: -np.logaddexp(0, -z)),
    "sigmoid": (F.sigmoid, lambda z: np.exp(-np.logaddexp(0, -z))),
    "elu": (F.elu, lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0)))),
    "silu": (F.silu, lambda z: z * np.exp(-np.logaddexp(0, -z))),
    "mish": (F.mish, lambda z: z * np.tanh(np.logaddexp(0, z))),
    "huber": (lambda z: F.huber_loss(z, z * 0, "none"), lambda z: np.where(np.abs(z) <= 1, z * z / 2, np.abs(z) - 0.5)),
    "smooth l1": (
        lambda z: F.smooth_l1_loss(z, z * 0, reduction="none"),
        lambda z: np.where(np.abs(z) < 1, z * z / 2, np.abs(z) - 0.5),
    ),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_far_out_in_float32(name: str) -> None:
    ours, wanted = FUNCTIONS[name]
    z = np.concatenate([np.linspace(-80, 80, 321), [-20.0, -1e-3, 1e-3]]).astype(np.float32)
    np.testing.assert_allclose(ours(Tensor(z)).array, wanted(z.astype(np.float64)), rtol=2e-6, atol=1e-35)


@pytest.mark.parametrize("scale", [1e3, 1e6, 1e30])
def test_log_softmax_of_large_logits(scale: float) -> None:
    z = (DRAWN.normal(size=(5, 7)) * scale).astype(np.float32)
    wide = z.astype(np.float64)
    wanted = wide - np.logaddexp.reduce(wide, axis=1, keepdims=True)
    np.testing.assert_allclose(F.log_softmax(Tensor(z), 1).array, wanted, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(F.softmax(Tensor(z), 1).array, np.exp(wanted), rtol=1e-4, atol=1e-38)
    labels = Tensor(np.arange(5) % 7)
    np.testing.assert_allclose(
        F.cross_entropy(Tensor(z), labels, reduction="none").array,
        -wanted[np.arange(5), np.arange(5) % 7],
        rtol=1e-6,
        atol=1e-7,
    )
