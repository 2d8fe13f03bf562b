"""Truncated power series: c₀ + c₁ t + … + cₙ tⁿ as the array of their coefficients.

The derivatives of a composed function follow from these rules exactly, up to rounding: no differences are taken. The
recurrences come from differentiating both sides (Knuth, "The Art of Computer Programming" 2, section 4.7; Griewank &
Walther, "Evaluating Derivatives", chapter 13).

Shape:
    every series (n + 1,), float64; those of one computation are equally long.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from nnviz.errors import ArgumentError

Coefficients = NDArray[np.float64]

NEARLY = 1e-12
"""Below this share of its other coefficients, a value is taken for 0: sin(π) is 1e-16 in floating-point numbers."""


class NoDerivativeError(ArgumentError):
    """A function has no derivative at a place."""


def constant(value: float, like: Coefficients) -> Coefficients:
    """value + 0 t + 0 t² + …, as long as `like`."""
    found = np.zeros_like(like)
    found[0] = value
    return found


def check_finite(a: Coefficients, name: str) -> None:
    """Refuse what steps, or is a power, of a number that is none.

    Raises:
        NoDerivativeError: a₀ is infinite or NaN.
    """
    if not np.isfinite(a[0]):
        raise NoDerivativeError(f"{name} is not defined at u = {a[0]:.6g}")


def times(a: Coefficients, b: Coefficients) -> Coefficients:
    """cₖ = Σⱼ aⱼ bₖ₋ⱼ"""
    return np.convolve(a, b)[: len(a)]


def over(a: Coefficients, b: Coefficients) -> Coefficients:
    """cₖ = (aₖ − Σⱼ₌₁ bⱼ cₖ₋ⱼ) / b₀

    Raises:
        NoDerivativeError: b₀ is 0.
    """
    if is_zero(b):
        raise NoDerivativeError("1/u is not defined at u = 0")
    found = np.zeros_like(a)
    for k in range(len(a)):
        found[k] = (a[k] - b[1 : k + 1] @ found[:k][::-1]) / b[0]
    return found


def power(a: Coefficients, exponent: float, name: str = "") -> Coefficients:
    """a^p: by products for p = 0, 1, 2, …; else cₖ = Σⱼ₌₁ (j p − k + j) aⱼ cₖ₋ⱼ / (k a₀).

    Args:
        a, exponent: base and exponent.
        name: how it is written, for messages.

    Raises:
        NoDerivativeError: a₀ is 0, or it is negative and p is no whole number; p is not finite.
    """
    check_finite(np.array([exponent]), "the exponent")
    if exponent >= 0 and exponent == int(exponent):
        found, square, left = constant(1.0, a), a, int(exponent)
        while left:
            if left & 1:
                found = times(found, square)
            square, left = times(square, square), left >> 1
        return found
    if is_zero(a):
        why = "is not defined" if exponent < 0 else "does not have all derivatives"
        raise NoDerivativeError(f"{name or f'u^{exponent:g}'} {why} at u = 0")
    if a[0] < 0 and exponent != int(exponent):
        raise NoDerivativeError(f"{name or f'u^{exponent:g}'} is not defined at u = {a[0]:.6g}")
    found = constant(float(np.power(a[0], exponent)), a)
    for k in range(1, len(a)):
        j = np.arange(1, k + 1)
        found[k] = ((j * exponent - k + j) * a[1 : k + 1]) @ found[:k][::-1] / (k * a[0])
    return found


def integrated(a: Coefficients, slope: Coefficients, first: float) -> Coefficients:
    """The series of f(a(t)) from that of f′(a(t)): cₖ = Σⱼ₌₁ j aⱼ wₖ₋ⱼ / k

    Args:
        a: the inner series.
        slope: w, that of f′(a(t)).
        first: c₀ = f(a₀).
    """
    return solved(a, first, lambda found, k: float(slope[k]))  # noqa: ARG005 (it does not depend on f)


def solved(a: Coefficients, first: float, slope: Callable[[Coefficients, int], float]) -> Coefficients:
    """The series of f(a(t)), where f′ is a function of f: cₖ = Σⱼ₌₁ j aⱼ wₖ₋ⱼ / k

    Args:
        a: the inner series.
        first: c₀ = f(a₀).
        slope: (c, k) → wₖ, the coefficient k of f′(a(t)), from c₀, …, cₖ.
    """
    found, w = constant(first, a), np.zeros_like(a)
    for k in range(1, len(a)):
        w[k - 1] = slope(found, k - 1)
        found[k] = (np.arange(1, k + 1) * a[1 : k + 1]) @ w[:k][::-1] / k
    return found


def exponential(a: Coefficients) -> Coefficients:
    """e^a, as f′ = f"""
    return solved(a, float(np.exp(a[0])), lambda found, k: float(found[k]))


def logarithm(a: Coefficients) -> Coefficients:
    """ln a, as f′ = 1 / a

    Raises:
        NoDerivativeError: a₀ is not above 0.
    """
    if not a[0] > 0 or is_zero(a):
        raise NoDerivativeError(f"log(u) is not defined at u = {_short(a[0])}")
    return integrated(a, over(constant(1.0, a), a), float(np.log(a[0])))


def circular(a: Coefficients, sign: float) -> tuple[Coefficients, Coefficients]:
    """(sin a, cos a) for sign −1, (sinh a, cosh a) for sign 1: s′ = c, c′ = sign · s"""
    s0, c0 = (np.sin(a[0]), np.cos(a[0])) if sign < 0 else (np.sinh(a[0]), np.cosh(a[0]))
    s, c = constant(float(s0), a), constant(float(c0), a)
    for k in range(1, len(a)):
        j = np.arange(1, k + 1) * a[1 : k + 1] / k
        s[k], c[k] = j @ c[:k][::-1], sign * (j @ s[:k][::-1])
    return s, c


def quotient(a: Coefficients, first: float, sign: float) -> Coefficients:
    """tan a for sign 1, tanh a for sign −1: f′ = 1 + sign · f²"""
    return solved(a, first, lambda found, k: float(not k) + sign * float(found[: k + 1] @ found[: k + 1][::-1]))


def arc_sine(a: Coefficients) -> Coefficients:
    """asin a: f′ = (1 − a²)^(−1/2)

    Raises:
        NoDerivativeError: a₀ is not between −1 and 1.
    """
    if not abs(a[0]) < 1 - NEARLY:
        why = "has no derivative" if abs(a[0]) <= 1 + NEARLY else "is not defined"
        raise NoDerivativeError(f"asin(u) {why} at u = {_short(a[0])}")
    return integrated(a, power(constant(1.0, a) - times(a, a), -0.5), float(np.arcsin(a[0])))


def arc_tangent(a: Coefficients) -> Coefficients:
    """atan a: f′ = 1 / (1 + a²)"""
    slope = over(constant(1.0, a), constant(1.0, a) + times(a, a))
    return integrated(a, slope, float(np.arctan(a[0])))


def is_zero(a: Coefficients) -> bool:
    """Whether a₀ is 0, up to rounding."""
    return bool(abs(a[0]) <= NEARLY * min(max(float(np.abs(a[1:2]).max(initial=0.0)), 0.0), 1e3))


def side(a: Coefficients, name: str) -> float:
    """The sign of a series beside t = 0: 1 or −1 where it is the same on both sides; 0 where it is 0 all along.

    Args:
        a: the series.
        name: the function of it that has a kink or a jump at 0, for the message.

    Raises:
        NoDerivativeError: it changes its sign.
    """
    if not is_zero(a):
        return float(np.sign(a[0]))
    terms = np.flatnonzero(a[1:]) + 1
    if not len(terms):
        return 0.0
    if terms[0] % 2:
        raise NoDerivativeError(f"{name} has no derivative at u = 0")
    return float(np.sign(a[terms[0]]))


def _short(value: float) -> str:
    return f"{0.0 if abs(value) < NEARLY else value:.6g}"
