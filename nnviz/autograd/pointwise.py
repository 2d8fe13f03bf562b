"""Elementwise functions of one tensor, under PyTorch's names."""

from __future__ import annotations

import numpy as np

import nnviz.autograd.tensor as core
from nnviz.autograd import ops
from nnviz.autograd.operation import Operation
from nnviz.autograd.types import Unary, floating, kind_of, named, to

# The names abs and round mean the functions of this module, as they do in PyTorch.

__all__ = [
    "abs", "absolute", "acos", "arccos", "arcsin", "arctan", "asin", "atan", "ceil", "cos", "cosh", "exp", "exp2",
    "expm1", "fix", "floor", "frac", "log", "log1p", "log2", "log10", "reciprocal", "relu", "round", "rsqrt", "sigmoid",
    "sign", "sin", "sinh", "sqrt", "square", "tan", "tanh", "trunc",
]  # fmt: skip


def _of_floats(operation: Operation) -> Unary:
    """The function that applies `operation` to each element; integers and bools are converted to floats."""

    def function(input: core.Tensor) -> core.Tensor:
        return operation(floating(input))

    return named(function, operation.name, f"{operation.formula}, for each element {operation.letters[0]}.")


exp: Unary = _of_floats(ops.exp)
exp2: Unary = _of_floats(ops.exp2)
expm1: Unary = _of_floats(ops.expm1)
log: Unary = _of_floats(ops.log)
log1p: Unary = _of_floats(ops.log1p)
log2: Unary = _of_floats(ops.log2)
log10: Unary = _of_floats(ops.log10)
sqrt: Unary = _of_floats(ops.sqrt)
rsqrt: Unary = _of_floats(ops.rsqrt)
reciprocal: Unary = _of_floats(ops.reciprocal)
sin: Unary = _of_floats(ops.sin)
cos: Unary = _of_floats(ops.cos)
tan: Unary = _of_floats(ops.tan)
asin: Unary = _of_floats(ops.asin)
acos: Unary = _of_floats(ops.acos)
atan: Unary = _of_floats(ops.atan)
sinh: Unary = _of_floats(ops.sinh)
cosh: Unary = _of_floats(ops.cosh)
tanh: Unary = _of_floats(ops.tanh)
sigmoid: Unary = _of_floats(ops.sigmoid)


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
