"""Activation functions, element by element."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from nnviz.autograd.formula import factor, short
from nnviz.autograd.kernel import Bound, Call, Workspace, elementwise
from nnviz.autograd.operation import OUT, Array, Shape, define
from nnviz.autograd.ops.elementwise import of_one
from nnviz.autograd.ops.gaussian import gelu_of, gelu_slope
from nnviz.autograd.sample_inputs import Domain, each, unary
from nnviz.errors import ShapeError

SELU_ALPHA = 1.6732632423543772848170429916717
SELU_SCALE = 1.0507009873554804934193349852946
"""Klambauer et al. 2017, arXiv 1706.02515: these two constants preserve mean 0 and variance 1."""

of_z = partial(of_one, letters="z")
"""Defines an activation."""

KINKED = Domain(-4, 4, away=(0.0,))
SMOOTH = Domain(-4, 4)


def sigmoid_of(z: Array) -> Array:
    # Where e⁻ᶻ overflows, the result is correctly 0; a form with tanh would lose the digits of small results.
    return np.asarray(np.reciprocal(np.exp(-z) + z.dtype.type(1)))


def softplus_of(z: Array) -> Array:
    """ln(1 + eᶻ), without overflow and exact for very negative z."""
    return np.asarray(np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z))))


def _slope(z: Array, slope: float) -> Array:
    """1 for z > 0, else the slope."""
    if 0 < slope <= 1:
        # The same numbers without a branch, which where takes wrongly for every other number of random signs.
        return np.asarray(np.maximum(np.asarray(z > 0, z.dtype), z.dtype.type(slope)))
    return np.asarray(np.where(z > 0, z.dtype.type(1), z.dtype.type(slope)))


def _exp_below(z: Array) -> Array:
    """eᶻ for z < 0, else 1, so that it never overflows."""
    return np.asarray(np.exp(np.minimum(z, 0)))


def _elu(z: Array, alpha: float) -> Array:
    # One of the two is 0.
    return np.asarray(np.maximum(z, 0) + alpha * np.expm1(np.minimum(z, 0)))


def _elu_gradient(g: Array, out: Array, z: Array, alpha: float) -> Array:
    below = alpha * _exp_below(z)
    return np.asarray(g * (below if alpha == 1 else np.where(z > 0, z.dtype.type(1), below)))


def _gelu_gradient(g: Array, out: Array, z: Array) -> Array:
    slope = gelu_slope(z)
    return np.multiply(g, slope, out=slope)


_GELU_TANH = math.sqrt(2 / math.pi)


def _gelu_tanh(z: Array) -> Array:
    return np.asarray(0.5 * z * (1 + np.tanh(_GELU_TANH * (z + 0.044715 * z * z * z))))


def _gelu_tanh_gradient(g: Array, out: Array, z: Array) -> Array:
    t = np.tanh(_GELU_TANH * (z + 0.044715 * z * z * z))
    return np.asarray(g * (0.5 * (1 + t) + 0.5 * z * (1 - t * t) * _GELU_TANH * (1 + 3 * 0.044715 * z * z)))


def _hardtanh(z: Array, low: float, high: float) -> Array:
    if z.dtype.kind in "iu":
        # Integers stay integers, as in PyTorch, and so do the bounds.
        low, high = math.trunc(low), math.trunc(high)
    return np.asarray(np.clip(z, low, high))


def _silu_gradient(g: Array, out: Array, z: Array) -> Array:
    s = sigmoid_of(z)
    return np.asarray(g * (s * (1 + z * (1 - s))))


def _mish_gradient(g: Array, out: Array, z: Array) -> Array:
    t = np.tanh(softplus_of(z))
    return np.asarray(g * (t + z * (1 - t * t) * sigmoid_of(z)))


def _softplus(z: Array, beta: float, threshold: float) -> Array:
    return np.asarray(np.where(z * beta > threshold, z, softplus_of(z * beta) / beta))


def _softplus_gradient(g: Array, out: Array, z: Array, beta: float, threshold: float) -> Array:
    return np.asarray(g * np.where(z * beta > threshold, z.dtype.type(1), sigmoid_of(z * beta)))


def _per_channel(z: Array, weight: Array) -> Array:
    """The weight in a shape that broadcasts along dimension 1, the channels."""
    return weight.reshape((1, -1) + (1,) * (z.ndim - 2)) if z.ndim > 1 else weight.reshape((1,) * z.ndim)


def _prelu_weight_gradient(g: Array, out: Array, z: Array, weight: Array) -> Array:
    part = g * np.minimum(z, 0)
    if weight.size == 1:
        return np.asarray(part.sum().reshape(weight.shape))
    return np.asarray(part.sum(axis=tuple(i for i in range(z.ndim) if i != 1)))


def _prelu_shape(z: Shape, weight: Shape) -> Shape:
    channels = z[1] if len(z) > 1 else 1
    if len(weight) != 1 or weight[0] not in (1, channels):
        raise ShapeError(
            "Mismatch of parameter numbers and input channel size. Found parameter numbers = "
            f"{math.prod(weight)} and channel size = {channels}.",
            "num_parameters must be 1, or the size of dimension 1",
        )
    return z


def _sigmoid_forward(k: Bound) -> list[Call]:
    (z,), one = k.inputs, k.out.dtype.type(1)
    calls = [partial(np.negative, z, k.out), partial(np.exp, k.out, k.out), partial(np.add, k.out, one, k.out)]
    return [*calls, partial(np.reciprocal, k.out, k.out)]


def _sigmoid_backward(k: Bound) -> list[Call]:
    (rest,), one = k.scratch, k.out.dtype.type(1)
    first = [partial(np.subtract, one, k.out, rest), partial(np.multiply, rest, k.out, rest)]
    return [*first, partial(np.multiply, k.g, rest, k.grads[0])]


def _tanh_backward(k: Bound) -> list[Call]:
    (slope,), one = k.scratch, k.out.dtype.type(1)
    first = [partial(np.multiply, k.out, k.out, slope), partial(np.subtract, one, slope, slope)]
    return [*first, partial(np.multiply, k.g, slope, k.grads[0])]


def _relu_forward(k: Bound) -> list[Call]:
    return [partial(np.maximum, k.inputs[0], k.out.dtype.type(0), out=k.out)]


def _relu_backward(k: Bound) -> list[Call]:
    (mask,) = k.scratch
    return [partial(np.greater, k.out, k.out.dtype.type(0), mask), partial(np.multiply, k.g, mask, k.grads[0])]


def _mask_workspace(dtype: DTypeLike, shape: Shape) -> list[Workspace]:
    return [(shape, bool)]


sigmoid = of_z(
    "sigmoid",
    forward=sigmoid_of,
    vjps=(lambda g, out, z: g * (out * (1 - out)),),
    formula="1 / (1 + e⁻ᶻ)",
    gradients=("upstream · out · (1 − out)",),
    saved=(OUT,),
    kernel=replace(elementwise(np.negative, _sigmoid_backward, scratch=1), forward=_sigmoid_forward),
    samples=unary(SMOOTH, extremes=(-700.0, 700.0)),
)
tanh = of_z(
    "tanh",
    forward=np.tanh,
    vjps=(lambda g, out, z: g * (1 - out * out),),
    formula="(eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)",
    gradients=("upstream · (1 − out²)",),
    saved=(OUT,),
    kernel=elementwise(np.tanh, _tanh_backward, scratch=1),
    samples=unary(SMOOTH, extremes=(-1e4, 1e4)),
)
relu = of_z(
    "relu",
    forward=lambda z: np.maximum(z, 0),
    # 0 at z = 0, as in PyTorch: any number from 0 to 1 is a subgradient there.
    vjps=(lambda g, out, z: g * (out > 0),),
    formula="max(0, z)",
    gradients=("upstream for z > 0, else 0",),
    saved=(OUT,),
    kernel=replace(elementwise(np.maximum, _relu_backward), forward=_relu_forward, scratch=_mask_workspace),
    samples=unary(KINKED, extremes=(-1e4, 1e4)),
    analytic=False,
)
leaky_relu = of_z(
    "leaky_relu",
    forward=lambda z, slope: z * _slope(z, slope),
    vjps=(lambda g, out, z, slope: g * _slope(z, slope),),
    formula="z for z > 0, else a · z",
    gradients=("upstream for z > 0, else upstream · a",),
    saved=(0,),
    samples=unary(KINKED, {"slope": 0.01}, {"slope": 0.2}, extremes=(-1e4, 1e4)),
    analytic=False,
)
hardtanh = of_z(
    "hardtanh",
    forward=_hardtanh,
    # 0 at the bounds themselves, as in PyTorch, whose clamp passes the gradient there.
    vjps=(lambda g, out, z, low, high: g * ((z > low) & (z < high)),),
    formula="min(max(z, low), high)",
    gradients=("upstream for low < z < high, else 0",),
    saved=(0,),
    samples=unary(
        Domain(away=(-1.0, 1.0, 0.5)), {"low": -1.0, "high": 1.0}, {"low": 0.5, "high": 1.0}, extremes=(-1e4, 1e4)
    ),
    analytic=False,
)
prelu = define(
    "prelu",
    forward=lambda z, weight: np.maximum(z, 0) + _per_channel(z, weight) * np.minimum(z, 0),
    vjps=(
        lambda g, out, z, weight: g * np.where(z > 0, z.dtype.type(1), _per_channel(z, weight)),
        _prelu_weight_gradient,
    ),
    shape=_prelu_shape,
    formula="z for z > 0, else a · z",
    gradients=("upstream for z > 0, else upstream · a", "Σ upstream · min(z, 0)"),
    letters="za",
    reads=lambda index, z, a: [[index], [(index[1] if a[0] > 1 else 0,)]],
    written=lambda own, z, a: f"{short(z[0])} for {short(z[0])} > 0, else {factor(a[0])} · {factor(z[0])}",
    saved=(0, 1),
    samples=each([((3,), (1,)), ((2, 3), (3,)), ((2, 3), (1,)), ((2, 3, 2), (3,)), ((0, 2), (2,))], [KINKED]),
    analytic=False,
)
elu = of_z(
    "elu",
    forward=_elu,
    vjps=(_elu_gradient,),
    formula="z for z > 0, else α · (eᶻ − 1)",
    gradients=("upstream for z > 0, else upstream · α · eᶻ",),
    saved=(0,),
    samples=unary(KINKED, {"alpha": 1.0}, {"alpha": 0.3}, extremes=(-1e4, 1e4)),
    analytic=False,
)
selu = of_z(
    "selu",
    forward=lambda z: SELU_SCALE * _elu(z, SELU_ALPHA),
    vjps=(lambda g, out, z: SELU_SCALE * _elu_gradient(g, out, z, SELU_ALPHA),),
    formula="λ · z for z > 0, else λ · α · (eᶻ − 1)",
    gradients=("upstream · λ for z > 0, else upstream · λ · α · eᶻ",),
    saved=(0,),
    samples=unary(KINKED, extremes=(-1e4, 1e4)),
    analytic=False,
)
gelu = of_z(
    "gelu",
    forward=gelu_of,
    vjps=(_gelu_gradient,),
    formula="z · Φ(z)",
    gradients=("upstream · (Φ(z) + z · φ(z))",),
    saved=(0,),
    samples=unary(SMOOTH, extremes=(-30.0, 30.0)),
    # The function is analytic, but it is computed from |z|.
    analytic=False,
)
gelu_tanh = of_z(
    "gelu_tanh",
    forward=_gelu_tanh,
    vjps=(_gelu_tanh_gradient,),
    formula="z / 2 · (1 + tanh(√(2/π) · (z + 0.044715 · z³)))",
    gradients=(
        "upstream · ((1 + t) / 2 + z / 2 · (1 − t²) · √(2 / π) · (1 + 0.134145 · z²)), "
        "where t = tanh(√(2 / π) · (z + 0.044715 · z³))",
    ),
    saved=(0,),
    samples=unary(SMOOTH, extremes=(-30.0, 30.0)),
)
silu = of_z(
    "silu",
    forward=lambda z: z * sigmoid_of(z),
    vjps=(_silu_gradient,),
    formula="z / (1 + e⁻ᶻ)",
    gradients=("upstream · s · (1 + z · (1 − s)), where s = σ(z)",),
    saved=(0,),
    samples=unary(SMOOTH, extremes=(-700.0, 700.0)),
)
mish = of_z(
    "mish",
    forward=lambda z: z * np.tanh(softplus_of(z)),
    vjps=(_mish_gradient,),
    formula="z · tanh(ln(1 + eᶻ))",
    gradients=("upstream · (t + z · (1 − t²) · σ(z)), where t = tanh(ln(1 + eᶻ))",),
    saved=(0,),
    samples=unary(SMOOTH, extremes=(-1e3, 1e3)),
    # Its softplus is computed from |z|, which is not analytic.
    analytic=False,
)
softplus = of_z(
    "softplus",
    forward=_softplus,
    vjps=(_softplus_gradient,),
    formula="ln(1 + e^(β · z)) / β",
    gradients=("upstream · σ(β · z)",),
    saved=(0,),
    samples=unary(SMOOTH, {"beta": 1.0, "threshold": 20.0}, {"beta": 2.0, "threshold": 20.0}, extremes=(-1e3, 1e3)),
    analytic=False,
)
log_sigmoid = of_z(
    "log_sigmoid",
    forward=lambda z: -softplus_of(-z),
    vjps=(lambda g, out, z: g * sigmoid_of(-z),),
    formula="−ln(1 + e⁻ᶻ)",
    gradients=("upstream · σ(−z)",),
    saved=(0,),
    samples=unary(SMOOTH, extremes=(-700.0, 700.0)),
    analytic=False,
)
softsign = of_z(
    "softsign",
    forward=lambda z: z / (1 + np.abs(z)),
    vjps=(lambda g, out, z: g / np.square(1 + np.abs(z)),),
    formula="z / (1 + |z|)",
    gradients=("upstream / (1 + |z|)²",),
    saved=(0,),
    samples=unary(Domain(-4, 4), extremes=(-1e3, 1e3)),
    analytic=False,
)
