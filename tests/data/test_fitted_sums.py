"""Taylor polynomials and Fourier sums against series known in closed form."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.data.formulas import (
    MOST_DEGREE,
    MOST_TERMS,
    formula,
    fourier_of_samples,
    fourier_sum,
    taylor_polynomial,
)
from nnviz.data.formulas.series import NoDerivativeError
from nnviz.errors import DataError
from tests.data.test_formulas import in_numpy
from tests.examples import examples

DEGREE = 20


def bernoulli(count: int) -> list[Fraction]:
    """B₀, B₁ = −1/2, B₂, …"""
    found = [Fraction(1)]
    for m in range(1, count):
        found.append(-sum((math.comb(m + 1, k) * found[k] for k in range(m)), Fraction(0)) / (m + 1))
    return found


B = bernoulli(DEGREE + 4)


def tangent(k: int) -> float:
    """tan x = Σ (−1)ⁿ⁻¹ 4ⁿ (4ⁿ − 1) B₂ₙ / (2n)! x²ⁿ⁻¹"""
    n = (k + 1) // 2
    return float((-1) ** (n - 1) * 4**n * (4**n - 1) * B[2 * n] / math.factorial(2 * n)) if k % 2 else 0.0


def binomial(exponent: Fraction, k: int) -> float:
    found = Fraction(1)
    for j in range(k):
        found = found * (exponent - j) / (j + 1)
    return float(found)


SERIES: dict[str, Callable[[int], float]] = {
    "exp(x)": lambda k: 1 / math.factorial(k),
    "sin(x)": lambda k: (0, 1, 0, -1)[k % 4] / math.factorial(k),
    "cos(x)": lambda k: (1, 0, -1, 0)[k % 4] / math.factorial(k),
    "sinh(x)": lambda k: k % 2 / math.factorial(k),
    "cosh(x)": lambda k: (k + 1) % 2 / math.factorial(k),
    "tan(x)": tangent,
    "tanh(x)": lambda k: tangent(k) * (-1) ** ((k - 1) // 2) if k % 2 else 0.0,
    "atan(x)": lambda k: (-1) ** ((k - 1) // 2) / k if k % 2 else 0.0,
    "asin(x)": lambda k: math.comb(k - 1, k // 2) / (2 ** (k - 1) * k) if k % 2 else 0.0,
    "log(1 + x)": lambda k: (-1) ** (k + 1) / k if k else 0.0,
    "log2(1 + x)": lambda k: (-1) ** (k + 1) / k / math.log(2) if k else 0.0,
    "1/(1 - x)": lambda k: 1.0,
    "1/(1 + x^2)": lambda k: (1, 0, -1, 0)[k % 4],
    "sqrt(1 + x)": lambda k: binomial(Fraction(1, 2), k),
    "(1 + x)^-2.5": lambda k: binomial(Fraction(-5, 2), k),
    "(1 + x)^7": lambda k: math.comb(7, k),
    "2^x": lambda k: math.log(2) ** k / math.factorial(k),
    "exp(-x^2)": lambda k: 0.0 if k % 2 else (-1) ** (k // 2) / math.factorial(k // 2),
    "sigmoid(2*x)": lambda k: (0.5 if k == 0 else 0.0) + SERIES["tanh(x)"](k) / 2,
    "abs(x - 3)": lambda k: (3, -1)[k] if k < 2 else 0,
    "relu(x + 1)*step(x + 2)": lambda k: 1 if k < 2 else 0,
    "max(x, -1) + min(x, 1)": lambda k: 2 if k == 1 else 0,
    "abs(x^2)": lambda k: 1 if k == 2 else 0,
    "sawtooth(x + 1)": lambda k: (1 / math.pi - 1, 1 / math.pi)[k] if k < 2 else 0,
}
"""The coefficients at 0, in closed form."""


@pytest.mark.parametrize("text", SERIES)
def test_taylor_polynomials_are_the_known_series(text: str) -> None:
    found = taylor_polynomial(formula(text), 0.0, DEGREE)
    expected = [SERIES[text](k) for k in range(DEGREE + 1)]
    np.testing.assert_allclose(found.coefficients, expected, rtol=1e-12, atol=1e-15)
    assert found.degree == DEGREE


ENTIRE = st.recursive(
    st.sampled_from(["x", "1", "2", "0.5", "pi", "x^2", "x^3"]),
    lambda inner: st.one_of(
        st.builds("({}{}{})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("{}({})".format, st.sampled_from(["sin", "cos"]), inner),
        st.builds("{}({})^{}".format, st.sampled_from(["sin", "cos"]), inner, st.sampled_from("23")),
        st.builds("exp(sin({}))".format, inner),
    ),
    max_leaves=4,
)
"""Functions without a pole whose arguments stay small: sin(10⁹) is known to 10⁻⁷ only, whoever computes it."""

TURN = np.exp(2j * np.pi * np.arange(512) / 512)


def on_a_circle(text: str, points: np.ndarray) -> tuple[np.ndarray, float]:
    """The values of a formula, and the product of the largest of each of its parts: the scale of their rounding."""
    size = 1.0
    with np.errstate(all="ignore"):
        for part in ast.walk(ast.parse(text.replace("^", "**"), mode="eval").body):
            if isinstance(part, ast.expr) and not isinstance(part, ast.Name):
                size *= max(1.0, float(np.abs(in_numpy(ast.unparse(part), points)).max()))
        return np.broadcast_to(np.asarray(in_numpy(text, points)), points.shape), size


@examples(60, 2000)
@given(ENTIRE, st.floats(-1.5, 1.5), st.integers(0, 8))
def test_derivatives_are_those_of_cauchys_integral(text: str, point: float, degree: int) -> None:
    """cₖ = 1/2π ∫ f(p + r e^iθ) e^−ikθ / rᵏ dθ, which the rectangle rule gives but for the terms from degree 512 on.

    Where those are not yet negligible, half way to them, or the values are large, the circle is too wide.
    """
    for radius in 0.25 * 0.5 ** np.arange(20):
        around, size = on_a_circle(text, point + radius * TURN)
        if size <= 1e6 and np.abs((terms := np.fft.fft(around) / TURN.size)[200:312]).max() <= 1e-15 * size:
            break
    else:
        raise AssertionError(f"no circle about {point} is narrow enough for {text}")
    lengths = radius ** np.arange(degree + 1)
    found = taylor_polynomial(formula(text), point, degree).coefficients
    assert (np.abs(found - terms[: degree + 1].real / lengths) <= 1e-13 * size / lengths).all()


@pytest.mark.parametrize(
    ("text", "point", "words"),
    [
        ("abs(x)", 0, "abs(u) has no derivative at u = 0"), ("abs(sin(x))", math.pi, "abs(u) has no derivative at u = 0"),
        ("1 + abs(x - 0.3)", 0.3, "abs(u) has no derivative at u = 0"), ("relu(2*x)", 0, "relu(u) has no derivative at u = 0"),
        ("max(x, x^2)", 1, "max(0, u) has no derivative at u = 0"), ("min(x, 0)", 0, "min(0, u) has no derivative at u = 0"),
        ("sqrt(x)", 0, "sqrt(u) does not have all derivatives at u = 0"), ("sqrt(x)", -1, "sqrt(u) is not defined at u = -1"),
        ("x^2.5", 0, "u^2.5 does not have all derivatives at u = 0"), ("1/x", 0, "1/u is not defined at u = 0"),
        ("x^-2", 0, "u^-2 is not defined at u = 0"), ("log(x)", 0, "log(u) is not defined at u = 0"),
        ("log(x)", -2, "log(u) is not defined at u = -2"), ("step(x)", 0, "step(u) has a jump at u = 0"),
        ("sign(x)", 0, "sign(u) has a jump at u = 0"), ("floor(x)", 2, "floor(u) has a jump at u = 2"),
        ("square(x)", 0, "square(u) has a jump at u = 0"), ("sawtooth(x)", 0, "sawtooth(u) has a jump at u = 0"),
        ("asin(x)", 1, "asin(u) has no derivative at u = 1"), ("acos(x)", 2, "asin(u) is not defined at u = 2"),
        ("tan(x)", math.pi / 2, "tan(u) is not defined at u = 1.5708"), ("exp(exp(exp(x)))", 2, "its value is beyond all numbers"),
        ("x^x", 0, "log(u) is not defined at u = 0"),
    ],
)  # fmt: skip
def test_where_there_is_no_derivative_it_is_said_of_what(text: str, point: float, words: str) -> None:
    for degree in (0, 1, 5):
        with pytest.raises(NoDerivativeError) as caught:
            taylor_polynomial(formula(text), point, degree)
        assert caught.value.message == f"no Taylor polynomial about x = {point:.6g}: {words}"


def test_a_taylor_polynomial_is_a_polynomial() -> None:
    found = taylor_polynomial(formula("exp(x)"), 0.5, 9)
    x = np.linspace(-3, 3, 101)
    np.testing.assert_allclose(found(x), np.polyval(found.coefficients[::-1], x - 0.5), rtol=1e-14)
    assert found(0.5) == math.exp(0.5)
    assert taylor_polynomial(formula("x"), 0.0, 1000).degree == MOST_DEGREE
    assert np.isinf(taylor_polynomial(formula("exp(exp(x))"), 3.0, 60)(1e9))


N = np.arange(1, MOST_TERMS + 1)
ODD, SIGNS, NONE = N % 2, (-1.0) ** N, np.zeros(MOST_TERMS)
WAVES: dict[str, tuple[float, Any, Any]] = {
    "square(pi*x)": (0, NONE, 4 * ODD / (np.pi * N)),
    "sawtooth(pi*x)": (0, NONE, -2 / (np.pi * N)),
    "x": (0, NONE, -2 * SIGNS / (np.pi * N)),
    "abs(x)": (0.5, -4 * ODD / (np.pi * N) ** 2, NONE),
    "x^2": (1 / 3, 4 * SIGNS / (np.pi * N) ** 2, NONE),
    "exp(x)": (
        math.sinh(1), 2 * math.sinh(1) * SIGNS / (1 + (np.pi * N) ** 2),
        -2 * math.sinh(1) * SIGNS * np.pi * N / (1 + (np.pi * N) ** 2),
    ),
    "step(x - 0.3)": (0.35, -np.sin(0.3 * np.pi * N) / (np.pi * N), (np.cos(0.3 * np.pi * N) - SIGNS) / (np.pi * N)),
    "3": (3, NONE, NONE),
    "2 - cos(3*pi*x) + 0.5*sin(64*pi*x)": (2, -1.0 * (N == 3), 0.5 * (N == 64)),
}  # fmt: skip
"""The mean, the cosines and the sines over [−1, 1], in closed form."""


@pytest.mark.parametrize("text", WAVES)
def test_fourier_coefficients_are_the_known_ones(text: str) -> None:
    found = fourier_sum(formula(text), -1.0, 1.0, MOST_TERMS)
    mean, cosines, sines = WAVES[text]
    assert found.frequency == 0.5
    assert found.mean == pytest.approx(mean, abs=1e-12)
    np.testing.assert_allclose(found.cosines, cosines, atol=1e-12)
    np.testing.assert_allclose(found.sines, sines, atol=1e-12)
    few = fourier_sum(formula(text), -1.0, 1.0, 3)
    assert (few.terms, few.mean) == (3, found.mean)
    assert few.sines.tolist() == found.sines[:3].tolist()


def test_waves_are_counted_from_x_0_whatever_the_range() -> None:
    """Over 2 to 5 the longest wave is cos 2πx/3, as the formula has it: its phase does not begin at 2."""
    found = fourier_sum(formula("1 + cos(2*pi*x/3) - 3*sin(4*pi*x/3)"), 2.0, 5.0, 4)
    np.testing.assert_allclose(found.cosines, [1, 0, 0, 0], atol=1e-13)
    np.testing.assert_allclose(found.sines, [0, -3, 0, 0], atol=1e-13)
    assert found.frequency == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("text", "low", "high", "mean", "bound"),
    [
        ("sqrt(x)", 0, 1, 2 / 3, 1e-12), ("log(x)", 0, 1, -1, 1e-11), ("1/sqrt(x)", 0, 1, 2, 1e-6), ("sin(500*x)^2", -1, 1, 0.5 - math.sin(1000) / 2000, 1e-12),
        ("exp(-(1000*x)^2)", -1, 1, math.sqrt(math.pi) / 2000, 1e-14), ("floor(7*x)", 0, 1, 3, 1e-12), ("abs(sin(9*x + 1))", 0, math.pi, 2 / math.pi, 1e-12),
        ("1e30*x^2", -1, 1, 1e30 / 3, 1e18), ("1e-30*x^2", -1, 1, 1e-30 / 3, 1e-42), ("x", 999_999, 1_000_000, 999_999.5, 1e-6),
    ],
)  # fmt: skip
def test_quadrature_is_accurate_beside_kinks_jumps_and_ends(
    text: str, low: float, high: float, mean: float, bound: float
) -> None:
    assert abs(fourier_sum(formula(text), float(low), float(high), 1).mean - mean) <= bound


@pytest.mark.parametrize(
    ("text", "where"), [("1/(x - 0.1234)", 0.1234), ("1/(x - 0.3)^2", 0.3), ("tan(x)", 1.5708), ("sin(1/x)/x", 0)]
)
def test_an_integral_that_does_not_converge_is_refused_with_its_place(text: str, where: float) -> None:
    for _ in range(2):
        with pytest.raises(DataError, match="no Fourier sum: its integral is not found near x = ") as caught:
            fourier_sum(formula(text), -2.0, 2.0, 3)
        found = float(caught.value.message.rpartition("= ")[2])
        assert abs(found) == pytest.approx(where, abs=0.01)


@pytest.mark.parametrize("text", ["square(1000*x)", "floor(1000*x)", "sin(1/(x - 0.12345))", "sign(sin(1000*x))"])
def test_what_has_an_integral_that_is_not_found_is_not_said_to_have_none(text: str) -> None:
    with pytest.raises(DataError) as caught:
        fourier_sum(formula(text), -1.0, 1.0, 3)
    assert "converge" not in f"{caught.value.message} {caught.value.hint}"
    assert "jumps or turns too often" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("1/(1 + floor(exp(x)))", 1500), ("1/(1 + floor(exp(1000*x)))", 1), ("square(exp(1000*x))", 1), ("sawtooth(exp(1000*x))", 1),
        ("step(exp(1000*x))", 1), ("sign(exp(1000*x))", 1), ("floor(log(x))", -1), ("x^(1e308*10 + 0*x)", 1), ("2^(x*1e308*10)", 1),
        ("floor(exp(1000*x) - exp(1000*x))", 1),
    ],
)  # fmt: skip
@pytest.mark.parametrize("degree", [0, 1, 7])
def test_what_is_beyond_all_numbers_within_a_formula_is_refused_by_name(text: str, point: float, degree: int) -> None:
    with pytest.raises(NoDerivativeError, match="no Taylor polynomial about x = "):
        taylor_polynomial(formula(text), float(point), degree)


def test_a_sum_is_what_its_formula_says_and_repeats_itself() -> None:
    found = fourier_sum(formula("exp(x)*abs(x - 1)"), -1.0, 3.0, 9)
    x = np.linspace(-1, 3, 50)
    n = np.arange(1, 10)
    angles = 2 * np.pi * 0.25 * np.outer(x, n)
    by_hand = found.mean + (found.cosines * np.cos(angles) + found.sines * np.sin(angles)).sum(axis=1)
    np.testing.assert_allclose(found(x), by_hand, atol=1e-12)
    np.testing.assert_allclose(found(x + 400), found(x), atol=1e-10)
    assert found(x.reshape(5, 10)).shape == (5, 10)


def test_samples_are_fitted_by_least_squares() -> None:
    generator = np.random.default_rng(5)
    x = generator.uniform(2, 6, 80)
    y = 1.5 + 2 * np.cos(np.pi * x / 2) - 0.7 * np.sin(np.pi * x)
    found = fourier_of_samples(x, y, 2.0, 6.0, 5)
    np.testing.assert_allclose(found.cosines, [2, 0, 0, 0, 0], atol=1e-12)
    np.testing.assert_allclose(found.sines, [0, -0.7, 0, 0, 0], atol=1e-12)
    noisy = y + generator.standard_normal(80)
    best = fourier_of_samples(x, noisy, 2.0, 6.0, 5)
    off = ((best(x) - noisy) ** 2).sum()
    assert off <= ((found(x) - noisy) ** 2).sum()
    assert fourier_of_samples(x[:8], y[:8], 2.0, 6.0, 60).terms == 3
    assert fourier_of_samples(x[:1], y[:1], 2.0, 6.0, 60).mean == pytest.approx(y[0])
