"""The operators and functions of a formula, one entry each: its values by numpy, and its power series."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz.data.formulas import series as s
from nnviz.data.formulas.series import Coefficients, NoDerivativeError

Floats = NDArray[np.float64]

TURN = 2 * math.pi


@dataclass(frozen=True)
class Function:
    """An operator or a function.

    Attributes:
        values: the values, elementwise.
        series: the power series, from those of the arguments; NoDerivativeError where there is none.
        arguments: how many it takes.
        about: what it is, for those that are called by name.
    """

    values: Callable[..., Any]
    series: Callable[..., Coefficients]
    arguments: int = 1
    about: str = ""


def _power(a: Any, b: Any) -> Any:
    """a^b; squares as products, which is faster."""
    return np.square(a) if isinstance(b, float) and b == 2 else np.power(np.asarray(a, np.float64), b)


def _power_series(a: Coefficients, b: Coefficients) -> Coefficients:
    """a^b: a constant exponent as a power, any other as e^(b ln a)."""
    if not b[1:].any():
        return s.power(a, float(b[0]))
    return s.exponential(s.times(b, s.logarithm(a)))


def _abs(a: Coefficients) -> Coefficients:
    return s.side(a, "abs(u)") * a


def _relu(a: Coefficients) -> Coefficients:
    return a * (s.side(a, "relu(u)") > 0)


def _minimum(a: Coefficients, b: Coefficients) -> Coefficients:
    return a if s.side(b - a, "min(0, u)") >= 0 else b


def _maximum(a: Coefficients, b: Coefficients) -> Coefficients:
    return a if s.side(a - b, "max(0, u)") >= 0 else b


def _stepping(name: str, at: Callable[[float], float], values: Callable[[Any], Any]) -> Callable[..., Coefficients]:
    """The series of what is constant between its jumps.

    Args:
        name: what it is called.
        at: a number that is 0 at each jump, and crosses it there with slope 1 or −1.
        values: the values.
    """

    def series(a: Coefficients) -> Coefficients:
        s.check_finite(a, name)
        if a[1:].any() and abs(at(float(a[0]))) <= s.NEARLY * max(1.0, abs(float(a[0]))):
            raise NoDerivativeError(f"{name} has a jump at u = {float(a[0]):.6g}")
        return s.constant(float(values(a[0])), a)

    return series


def step(x: Any) -> Any:
    """1 for x ≥ 0, else 0"""
    return np.where(np.isnan(x), np.nan, np.where(np.asarray(x) >= 0, 1.0, 0.0))


def square(x: Any) -> Any:
    """The square wave of period 2π: 1 where x mod 2π < π, else −1"""
    turned = np.mod(x, TURN)
    return np.where(np.isnan(turned), np.nan, np.where(turned < math.pi, 1.0, -1.0))


def sawtooth(x: Any) -> Any:
    """The sawtooth of period 2π that rises from −1 to 1: (x mod 2π) / π − 1"""
    return np.mod(x, TURN) / math.pi - 1


def _sawtooth_series(a: Coefficients) -> Coefficients:
    found = a / math.pi
    found[0] = _stepping("sawtooth(u)", lambda u: math.remainder(u, TURN), sawtooth)(a)[0]
    return found


def sigmoid(x: Any) -> Any:
    """1 / (1 + e⁻ˣ)"""
    return 0.5 + 0.5 * np.tanh(np.asarray(x) / 2)


def _sigmoid_series(a: Coefficients) -> Coefficients:
    half = s.quotient(a / 2, float(np.tanh(a[0] / 2)), -1.0) / 2
    half[0] += 0.5
    return half


def _tangent(a: Coefficients) -> Coefficients:
    if abs(np.cos(a[0])) <= s.NEARLY:
        raise NoDerivativeError(f"tan(u) is not defined at u = {a[0]:.6g}")
    return s.quotient(a, float(np.tan(a[0])), 1.0)


OPERATORS: Mapping[str, Function] = {
    "+": Function(lambda a, b: a + b, lambda a, b: a + b, 2),
    "-": Function(lambda a, b: a - b, lambda a, b: a - b, 2),
    "*": Function(lambda a, b: a * b, s.times, 2),
    "/": Function(np.divide, s.over, 2),
    "^": Function(_power, _power_series, 2),
    "negative": Function(lambda a: -a, lambda a: -a),
}
"""What is written between its operands or before one, by the name of its node."""

FUNCTIONS: Mapping[str, Function] = {
    "sin": Function(np.sin, lambda a: s.circular(a, -1.0)[0], about="sine, x in radians"),
    "cos": Function(np.cos, lambda a: s.circular(a, -1.0)[1], about="cosine, x in radians"),
    "tan": Function(np.tan, _tangent, about="tangent, x in radians"),
    "asin": Function(np.arcsin, s.arc_sine, about="arc sine"),
    "acos": Function(np.arccos, lambda a: s.constant(math.pi / 2, a) - s.arc_sine(a), about="arc cosine"),
    "atan": Function(np.arctan, s.arc_tangent, about="arc tangent"),
    "sinh": Function(np.sinh, lambda a: s.circular(a, 1.0)[0], about="hyperbolic sine"),
    "cosh": Function(np.cosh, lambda a: s.circular(a, 1.0)[1], about="hyperbolic cosine"),
    "tanh": Function(np.tanh, lambda a: s.quotient(a, float(np.tanh(a[0])), -1.0), about="hyperbolic tangent"),
    "exp": Function(np.exp, s.exponential, about="e to the power of x"),
    "log": Function(np.log, s.logarithm, about="natural logarithm"),
    "log2": Function(np.log2, lambda a: s.logarithm(a) / math.log(2), about="logarithm to the base 2"),
    "log10": Function(np.log10, lambda a: s.logarithm(a) / math.log(10), about="logarithm to the base 10"),
    "sqrt": Function(np.sqrt, lambda a: s.power(a, 0.5, "sqrt(u)"), about="square root"),
    "abs": Function(np.abs, _abs, about="absolute value"),
    "sign": Function(np.sign, _stepping("sign(u)", lambda u: u, np.sign), about="−1, 0 or 1"),
    "step": Function(step, _stepping("step(u)", lambda u: u, step), about="1 for x ≥ 0, else 0"),
    "floor": Function(np.floor, _stepping("floor(u)", lambda u: u - round(u), np.floor), about="rounded down"),
    "relu": Function(lambda x: np.maximum(x, 0.0), _relu, about="max(0, x)"),
    "sigmoid": Function(sigmoid, _sigmoid_series, about="1 / (1 + e^(−x))"),
    "min": Function(np.minimum, _minimum, 2, about="the smaller of two"),
    "max": Function(np.maximum, _maximum, 2, about="the larger of two"),
    "square": Function(
        square, _stepping("square(u)", lambda u: math.remainder(u, math.pi), square), about="square wave, period 2 pi"
    ),
    "sawtooth": Function(sawtooth, _sawtooth_series, about="rises from −1 to 1, period 2 pi"),
}
"""What is called by its name."""

CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e, "tau": TURN}
