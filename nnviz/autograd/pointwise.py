"""Elementwise functions of one tensor, under PyTorch's names."""

from __future__ import annotations

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd import ops
from nnviz.autograd.types import floating, kind_of, to

# The names abs and round mean the functions of this module, as they do in PyTorch.

__all__ = [
    "abs",
    "absolute",
    "acos",
    "arccos",
    "arcsin",
    "arctan",
    "asin",
    "atan",
    "ceil",
    "cos",
    "cosh",
    "exp",
    "exp2",
    "expm1",
    "fix",
    "floor",
    "frac",
    "log",
    "log1p",
    "log2",
    "log10",
    "reciprocal",
    "relu",
    "round",
    "rsqrt",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "trunc",
]  # fmt: skip


def exp(input: core.Tensor) -> core.Tensor:
    """e to the power of each element."""
    return ops.exp(floating(input))


def exp2(input: core.Tensor) -> core.Tensor:
    """2 to the power of each element."""
    return ops.exp2(floating(input))


def expm1(input: core.Tensor) -> core.Tensor:
    """eᵃ − 1, exact near 0."""
    return ops.expm1(floating(input))


def log(input: core.Tensor) -> core.Tensor:
    """The natural logarithm."""
    return ops.log(floating(input))


def log1p(input: core.Tensor) -> core.Tensor:
    """ln(1 + a), exact near 0."""
    return ops.log1p(floating(input))


def log2(input: core.Tensor) -> core.Tensor:
    """The logarithm to base 2."""
    return ops.log2(floating(input))


def log10(input: core.Tensor) -> core.Tensor:
    """The logarithm to base 10."""
    return ops.log10(floating(input))


def sqrt(input: core.Tensor) -> core.Tensor:
    """The square root."""
    return ops.sqrt(floating(input))


def rsqrt(input: core.Tensor) -> core.Tensor:
    """1 / √a."""
    return ops.rsqrt(floating(input))


def reciprocal(input: core.Tensor) -> core.Tensor:
    """1 / a."""
    return ops.reciprocal(floating(input))


def sin(input: core.Tensor) -> core.Tensor:
    """The sine."""
    return ops.sin(floating(input))


def cos(input: core.Tensor) -> core.Tensor:
    """The cosine."""
    return ops.cos(floating(input))


def tan(input: core.Tensor) -> core.Tensor:
    """The tangent."""
    return ops.tan(floating(input))


def asin(input: core.Tensor) -> core.Tensor:
    """The inverse of the sine."""
    return ops.asin(floating(input))


def acos(input: core.Tensor) -> core.Tensor:
    """The inverse of the cosine."""
    return ops.acos(floating(input))


def atan(input: core.Tensor) -> core.Tensor:
    """The inverse of the tangent."""
    return ops.atan(floating(input))


def sinh(input: core.Tensor) -> core.Tensor:
    """The hyperbolic sine."""
    return ops.sinh(floating(input))


def cosh(input: core.Tensor) -> core.Tensor:
    """The hyperbolic cosine."""
    return ops.cosh(floating(input))


def tanh(input: core.Tensor) -> core.Tensor:
    """The hyperbolic tangent."""
    return ops.tanh(floating(input))


def sigmoid(input: core.Tensor) -> core.Tensor:
    """The logistic function."""
    return ops.sigmoid(floating(input))


def relu(input: core.Tensor) -> core.Tensor:
    """max(0, a); the gradient at 0 is 0."""
    return ops.relu(input)


def abs(input: core.Tensor) -> core.Tensor:
    """The absolute value |a|; its gradient at 0 is 0."""
    return ops.abs(input)


def square(input: core.Tensor) -> core.Tensor:
    """input · input."""
    return ops.square(to(input, np.int64) if kind_of(input) == "b" else input)


def sign(input: core.Tensor) -> core.Tensor:
    """1 above 0, −1 below, 0 at 0; its gradient is 0."""
    return input if kind_of(input) == "b" else ops.sign(input)


def floor(input: core.Tensor) -> core.Tensor:
    """⌊a⌋, the largest integer not above a; its gradient is 0."""
    return ops.floor(input)


def ceil(input: core.Tensor) -> core.Tensor:
    """⌈a⌉, the smallest integer not below a; its gradient is 0."""
    return ops.ceil(input)


def trunc(input: core.Tensor) -> core.Tensor:
    """a rounded toward 0; its gradient is 0."""
    return ops.trunc(input)


def frac(input: core.Tensor) -> core.Tensor:
    """The fractional part, a − trunc(a)."""
    return ops.sub(input, trunc(input))


def round(input: core.Tensor, *, decimals: int = 0) -> core.Tensor:
    """a rounded to the nearest integer, halves to the even one; its gradient is 0.

    Args:
        input: the tensor.
        decimals: the number of decimals to keep; negative numbers round to tens, hundreds and so on.
    """
    return ops.round(input, decimals=decimals)


def rounded(input: core.Tensor, decimals: int | None = None) -> core.Tensor:
    """Python's round(t, decimals)."""
    return round(input, decimals=decimals or 0)


absolute, fix = abs, trunc
arcsin, arccos, arctan = asin, acos, atan
