"""Formulas as they are written are read as mathematics reads them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnviz.autograd.expression import evaluate, names, with_numbers
from nnviz.errors import ArgumentError

VALUES = {
    "g": 2.0,
    "lr": 0.1,
    "β₁": 0.9,
    "t": 3.0,
    "m̂": 4.0,
    "v̂": 9.0,
    "eps": 0.5,
    "z": -1.5,
    "a": 3.0,
    "b": -2.0,
    "n": 4.0,
}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("g²", 4.0), ("1 − β₁ᵗ", 1 - 0.9**3), ("−g²", -4.0), ("g − lr · m̂ / (√v̂ + eps)", 2 - 0.1 * 4 / 3.5),
        ("g / a / b", 2 / 3 / -2), ("g − a − b", 1.0), ("e⁻ᶻ", math.exp(1.5)), ("aᵇ⁻¹", 3.0**-3), ("2^a", 8.0),
        ("ln a", math.log(3)), ("ln(1 + a) · g", math.log(4) * 2), ("max(a, b)", 3.0), ("|z| · a", 4.5), ("√(a + 1)", 2.0),
        ("z for z > 0, else 0", 0.0), ("g · (1 for −2 < z ≤ −1.5, else 7)", 2.0), ("tanh(z)²", math.tanh(-1.5) ** 2),
        ("a where z = 0, else b where z < 0, else 5", -2.0),
    ],
)  # fmt: skip
def test_values(formula: str, value: float) -> None:
    assert evaluate(formula, VALUES) == pytest.approx(value, rel=1e-15)


def test_products_with_a_transposed_matrix_are_those_of_matrices() -> None:
    a, b = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(4, 3)
    np.testing.assert_array_equal(evaluate("a · bᵀ", {"a": a, "b": b}), a @ b.T)
    np.testing.assert_array_equal(evaluate("aᵀ · a", {"a": a}), a.T @ a)
    np.testing.assert_array_equal(evaluate("aᵀ", {"a": a}), a.T)


def test_a_sum_takes_the_whole_product_that_follows() -> None:
    a = np.array([1.0, 2.0, 3.0])
    assert evaluate("2 − Σ a · a", {"a": a, "Σ": np.sum}) == 2 - 14


@pytest.mark.parametrize(
    "formula", ["", "g +", "(g", "g g", "the largest", "g ? 2", "|g", "z for z > 0", "q", "max(a, b"]
)
def test_what_is_no_formula_is_refused(formula: str) -> None:
    with pytest.raises(ArgumentError, match="is not a formula"):
        evaluate(formula, VALUES)


def test_numbers_in_place_of_names() -> None:
    assert with_numbers("g − lr · m̂ / (1 − β₁ᵗ)", VALUES) == "2 − 0.1 · 4 / (1 − 0.9^3)"
    assert with_numbers("z² + aᵇ⁻¹ + weight_decay", VALUES) == "(−1.5)² + 3^((−2)−1) + weight_decay"
    assert names("√v̂ + β₁ᵗ · aᵇ⁻¹") == ["v̂", "β₁", "t", "a", "b"]
