"""GELU's share of a normal distribution, against the error function of the standard library."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnviz.autograd.operation import Array
from nnviz.autograd.ops.gaussian import BLOCK, gelu_of, gelu_slope

POINTS = np.concatenate([np.linspace(-12, 12, 24_001), np.linspace(-1e-3, 1e-3, 201), [0.0, -0.0]])


def share(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def slope(z: float) -> float:
    return share(z) + z * math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


# A last digit of e^(−z²/2) is as many of the exponent as z² is large: 5² of them on the left, where GELU is small.
@pytest.mark.parametrize(("dtype", "ulps"), [(np.float64, 2), (np.float32, 2)])
def test_gelu_to_the_last_digits(dtype: type, ulps: float) -> None:
    z = POINTS.astype(dtype)
    wanted = np.array([x * share(x) for x in z.astype(float)])
    error = np.abs(gelu_of(z) - wanted) / np.finfo(dtype).eps
    near = np.abs(z) < 1
    assert np.max(error[near] / np.maximum(np.abs(wanted[near]), 1e-300)) < 2 * ulps
    assert np.max(error / np.maximum(np.abs(wanted), 1)) < ulps
    left = z > -5
    assert np.max(error[left] / np.maximum(np.abs(wanted[left]), 1e-300)) < 25


@pytest.mark.parametrize(("dtype", "ulps"), [(np.float64, 4), (np.float32, 4)])
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


def test_what_is_not_finite() -> None:
    found = gelu_of(np.array([np.inf, np.nan, 1e300, -1e300]))
    np.testing.assert_array_equal(found, [np.inf, np.nan, 1e300, 0])
    assert gelu_of(np.array([-np.inf]))[0] == 0
