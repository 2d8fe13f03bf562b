"""GELU's share of a normal distribution, against the error function of the standard library."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest

from nnviz.autograd.operation import Array
from nnviz.autograd.ops.gaussian import BLOCK, gelu_of, gelu_slope

POINTS = np.concatenate([np.linspace(-12, 12, 24_001), np.linspace(-1e-3, 1e-3, 201), [0.0, -0.0]])


def share(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def slope(z: float) -> float:
    return share(z) + z * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gelu_to_the_last_digits(dtype: type) -> None:
    z = POINTS[POINTS > -0.5].astype(dtype)
    wanted = np.array([x * share(x) for x in z.astype(float)])
    error = np.abs(gelu_of(z) - wanted) / np.finfo(dtype).eps
    assert np.max(error / np.maximum(np.abs(wanted), 1e-300)) < 2


def far_share(w: float) -> Decimal:
    """Φ(−w) for w ≥ 1/2 by Laplace's continued fraction, e^(−w²/2) / √(2π) / (w + 1 / (w + 2 / (w + …)))."""
    with localcontext() as context:
        context.prec = 40
        exact = Decimal(w)
        below = exact
        for term in range(1_500, 0, -1):
            below = exact + term / below
        pi = Decimal("3.14159265358979323846264338327950288419716939937510")
        return (-exact * exact / 2).exp() / (2 * pi).sqrt() / below


# The error function of the standard library takes z / √2 as it is rounded: far out that costs digits of its own.
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_no_digit_is_lost_on_the_left(dtype: type) -> None:
    z = -np.random.default_rng(3).uniform(0.5, 12, 300).astype(dtype)
    for x, found in zip(z.tolist(), gelu_of(z).tolist(), strict=True):
        wanted = Decimal(x) * far_share(-x)
        assert abs(Decimal(found) / wanted - 1) < 3 * Decimal(float(np.finfo(dtype).eps)), x


@pytest.mark.parametrize(("dtype", "ulps"), [(np.float64, 2), (np.float32, 2)])
def test_its_slope(dtype: type, ulps: float) -> None:
    z = POINTS.astype(dtype)
    wanted = np.array([slope(x) for x in z.astype(float)])
    assert np.max(np.abs(gelu_slope(z) - wanted)) / np.finfo(dtype).eps < ulps


def in_one_piece(z: Array) -> Array:
    return np.array([gelu_of(np.array([x]))[0] for x in z.ravel()]).reshape(z.shape)


def test_blocks_and_layouts_make_no_difference() -> None:
    z = np.random.default_rng(0).normal(size=(3, BLOCK // 2 + 7))
    found = gelu_of(z)
    np.testing.assert_array_equal(found[:, ::9973], in_one_piece(z[:, ::9973]))
    np.testing.assert_array_equal(gelu_of(z.T), found.T)
    assert gelu_of(np.zeros((0, 3))).shape == (0, 3)
    assert gelu_of(np.array(1.0)).shape == ()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_is_far_out_or_not_finite(dtype: type) -> None:
    far = np.array([1e10, 1e15, 1e30, np.inf, np.nan], dtype)
    z = np.concatenate([far, -far, [1, -1]]).astype(dtype)
    near = gelu_of(np.array([1, -1], dtype))
    np.testing.assert_array_equal(gelu_of(z), [*far, 0, 0, 0, 0, np.nan, *near])
    near = gelu_slope(np.array([1, -1], dtype))
    np.testing.assert_array_equal(gelu_slope(z), [1, 1, 1, 1, np.nan, 0, 0, 0, 0, np.nan, *near])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_between_the_ends_of_the_table_and_what_is_far(dtype: type) -> None:
    z = np.array([9, 20, 1e3, 5e8, -41, -1e3, -5e8], dtype)
    np.testing.assert_array_equal(gelu_of(z), [*z[:4], 0, 0, 0])
    np.testing.assert_array_equal(gelu_slope(z), [1, 1, 1, 1, 0, 0, 0])
