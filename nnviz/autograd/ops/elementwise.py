"""Operations that work element by element, with broadcasting."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnviz.autograd.operation import Array, Shape, define
from nnviz.errors import ShapeError


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape both broadcast to.

    Raises:
        ShapeError: they do not, in PyTorch's words.
    """
    longest = max(len(a), len(b))
    wide_a, wide_b = (1,) * (longest - len(a)) + a, (1,) * (longest - len(b)) + b
    for dim in reversed(range(longest)):
        m, n = wide_a[dim], wide_b[dim]
        if m != n and m != 1 and n != 1:
            raise ShapeError(
                f"The size of tensor a ({m}) must match the size of tensor b ({n}) at non-singleton dimension {dim}",
                f"shapes {a} and {b} broadcast only where sizes are equal or one of them is 1",
            )
    return tuple(n if m == 1 else m for m, n in zip(wide_a, wide_b, strict=True))


def same(shape: Shape, **_: Any) -> Shape:
    """The shape rule of every operation that works on one array, element by element."""
    return shape


def _quiet_div(a: Array, b: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.divide(a, b))


def _quiet_log(a: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(a))


def _quiet_exp(a: Array) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(a))


def _sigmoid(z: Array) -> Array:
    # tanh never overflows, so this form is finite at any z.
    return np.asarray(0.5 * np.tanh(0.5 * z) + 0.5)


def _leaky_slope(z: Array, slope: float) -> Array:
    return np.asarray(np.where(z > 0, z.dtype.type(1), z.dtype.type(slope)))


add = define(
    "add",
    forward=np.add,
    gradients=(lambda g, out, a, b: g, lambda g, out, a, b: g),
    shape=broadcast,
    formula="a + b",
)
sub = define(
    "sub",
    forward=np.subtract,
    gradients=(lambda g, out, a, b: g, lambda g, out, a, b: -g),
    shape=broadcast,
    formula="a − b",
)
mul = define(
    "mul",
    forward=np.multiply,
    gradients=(lambda g, out, a, b: g * b, lambda g, out, a, b: g * a),
    shape=broadcast,
    formula="a · b",
)
div = define(
    "div",
    forward=_quiet_div,
    gradients=(lambda g, out, a, b: _quiet_div(g, b), lambda g, out, a, b: _quiet_div(-g * out, b)),
    shape=broadcast,
    formula="a / b",
)
neg = define("neg", forward=np.negative, gradients=(lambda g, out, a: -g,), shape=same, formula="−a")
square = define("square", forward=np.square, gradients=(lambda g, out, a: 2 * g * a,), shape=same, formula="a²")
exp = define("exp", forward=_quiet_exp, gradients=(lambda g, out, a: g * out,), shape=same, formula="eᵃ")
log = define("log", forward=_quiet_log, gradients=(lambda g, out, a: _quiet_div(g, a),), shape=same, formula="ln a")
sigmoid = define(
    "sigmoid",
    forward=_sigmoid,
    gradients=(lambda g, out, z: g * (out * (1 - out)),),
    shape=same,
    formula="1 / (1 + e⁻ᶻ)",
)
tanh = define(
    "tanh",
    forward=np.tanh,
    gradients=(lambda g, out, z: g * (1 - out * out),),
    shape=same,
    formula="(eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)",
)
relu = define(
    "relu",
    forward=lambda z: np.maximum(z, 0),
    # 0 at z = 0, as in PyTorch: any number from 0 to 1 is a subgradient there.
    gradients=(lambda g, out, z: g * (z > 0),),
    shape=same,
    formula="max(0, z)",
)
leaky_relu = define(
    "leaky_relu",
    forward=lambda z, slope: z * _leaky_slope(z, slope),
    gradients=(lambda g, out, z, slope: g * _leaky_slope(z, slope),),
    shape=same,
    formula="z for z > 0, else slope · z",
)
