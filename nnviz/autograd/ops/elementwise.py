"""Elementwise arithmetic, with broadcasting."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from nnviz.autograd.kernel import Bound, Call, elementwise
from nnviz.autograd.operation import OUT, Array, Shape, define
from nnviz.autograd.sample_inputs import POSITIVE, Domain, binary, each, unary
from nnviz.errors import OperationError, ShapeError


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape that both broadcast to.

    Raises:
        ShapeError: they do not broadcast.
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
    """The shape rule of elementwise operations on one array."""
    return shape


of_one = partial(define, shape=same, letters="a", elementwise=True)
"""Defines an elementwise operation on one array."""

of_two = partial(define, shape=broadcast, letters="ab", elementwise=True)
"""Defines an elementwise operation on two arrays that broadcast."""


def _pow(a: Array, b: Array) -> Array:
    if b.dtype.kind == "i" and (b < 0).any():
        raise OperationError("Integers to negative integer powers are not allowed.", "call .float() first")
    return np.asarray(np.power(a, b))


def _pow_base(g: Array, out: Array, a: Array, b: Array) -> Array:
    # 0 where the exponent is 0, also at a = 0: the power is constant there.
    return np.where(b == 0, 0, g * b * np.power(a, b - 1)).astype(out.dtype, copy=False)


def _pow_exponent(g: Array, out: Array, a: Array, b: Array) -> Array:
    # 0 at a = 0, where the logarithm is not finite and the power is 0 whatever the exponent above 0.
    return np.where((a == 0) & (b >= 0), 0, g * out * np.log(a)).astype(out.dtype, copy=False)


def _clamp(a: Array, low: float | None, high: float | None) -> Array:
    return np.asarray(np.clip(a, low, high)) if low is not None or high is not None else a


def _clamp_gradient(g: Array, out: Array, a: Array, low: float | None, high: float | None) -> Array:
    inside = np.ones(a.shape, bool)
    if low is not None:
        inside &= a >= low
    if high is not None:
        inside &= a <= high
    return np.asarray(g * inside)


def source_index(at: Shape, shape: Shape) -> Shape:
    """The element of an input of that shape which broadcasts to the result's element `at`."""
    own = at[len(at) - len(shape) :] if shape else ()
    return tuple(0 if size == 1 else i for i, size in zip(own, shape, strict=True))


def _mul_partner(position: int, index: Shape, at: Shape, a: Shape, b: Shape) -> Shape:
    return source_index(at, a if position else b)


def _square_backward(k: Bound) -> list[Call]:
    (a,), (twice,) = k.inputs, k.scratch
    return [partial(np.add, a, a, twice), partial(np.multiply, k.g, twice, k.grads[0])]


def _where_shape(condition: Shape, a: Shape, b: Shape) -> Shape:
    return broadcast(condition, broadcast(a, b))


add = of_two(
    "add",
    forward=np.add,
    vjps=(lambda g, out, a, b: g, lambda g, out, a, b: g),
    formula="a + b",
    gradients=("upstream", "upstream"),
    saved=(),
    kernel=elementwise(np.add, identity_grads=(0, 1)),
)
sub = of_two(
    "sub",
    forward=np.subtract,
    vjps=(lambda g, out, a, b: g, lambda g, out, a, b: -g),
    formula="a − b",
    gradients=("upstream", "−upstream"),
    saved=(),
    kernel=elementwise(np.subtract, identity_grads=(0,)),
)
mul = of_two(
    "mul",
    forward=np.multiply,
    vjps=(lambda g, out, a, b: g * b, lambda g, out, a, b: g * a),
    formula="a · b",
    gradients=("upstream · b", "upstream · a"),
    partner=_mul_partner,
    saved=(0, 1),
    crosswise=True,
    kernel=elementwise(np.multiply),
)
div = of_two(
    "div",
    forward=np.divide,
    vjps=(lambda g, out, a, b: g / b, lambda g, out, a, b: -g * out / b),
    formula="a / b",
    gradients=("upstream / b", "−upstream · out / b"),
    saved=(1, OUT),
    kernel=elementwise(np.divide),
    samples=binary(Domain(), POSITIVE),
)
pow = of_two(  # noqa: A001 (the operation's own name)
    "pow",
    forward=_pow,
    vjps=(_pow_base, _pow_exponent),
    formula="aᵇ",
    gradients=("upstream · b · aᵇ⁻¹", "upstream · out · ln a"),
    samples=binary(POSITIVE, Domain(-2, 2)),
)
neg = of_one(
    "neg",
    forward=np.negative,
    vjps=(lambda g, out, a: -g,),
    formula="−a",
    gradients=("−upstream",),
    saved=(),
    kernel=elementwise(np.negative, lambda k: [partial(np.negative, k.g, k.grads[0])]),
)
square = of_one(
    "square",
    forward=np.square,
    vjps=(lambda g, out, a: 2 * g * a,),
    formula="a²",
    gradients=("upstream · 2 · a",),
    saved=(0,),
    kernel=elementwise(np.square, _square_backward, scratch=1),
    samples=unary(extremes=(-1e3, 1e3)),
)
sqrt = of_one(
    "sqrt",
    forward=np.sqrt,
    vjps=(lambda g, out, a: g / (2 * out),),
    formula="√a",
    gradients=("upstream / (2 · out)",),
    saved=(OUT,),
    samples=unary(POSITIVE, extremes=(1e4,)),
)
exp = of_one(
    "exp",
    forward=np.exp,
    vjps=(lambda g, out, a: g * out,),
    formula="eᵃ",
    gradients=("upstream · out",),
    saved=(OUT,),
    samples=unary(extremes=(-700.0, 5.0)),
)
log = of_one(
    "log",
    forward=np.log,
    vjps=(lambda g, out, a: g / a,),
    formula="ln a",
    gradients=("upstream / a",),
    saved=(0,),
    samples=unary(POSITIVE, extremes=(1e6,)),
)
sin = of_one(
    "sin",
    forward=np.sin,
    vjps=(lambda g, out, a: g * np.cos(a),),
    formula="sin a",
    gradients=("upstream · cos a",),
    saved=(0,),
    samples=unary(Domain(-7, 7)),
)
cos = of_one(
    "cos",
    forward=np.cos,
    vjps=(lambda g, out, a: -g * np.sin(a),),
    formula="cos a",
    gradients=("−upstream · sin a",),
    saved=(0,),
    samples=unary(Domain(-7, 7)),
)
abs = of_one(  # noqa: A001 (the operation's own name)
    "abs",
    forward=np.abs,
    # 0 at a = 0, as in PyTorch: any number from −1 to 1 is a subgradient there.
    vjps=(lambda g, out, a: g * np.sign(a),),
    formula="|a|",
    gradients=("upstream · sign(a)",),
    saved=(0,),
    samples=unary(Domain(away=(0.0,)), extremes=(-1e4, 1e4)),
    analytic=False,
)
clamp = of_one(
    "clamp",
    forward=_clamp,
    # 1 at the bounds themselves, as in PyTorch.
    vjps=(_clamp_gradient,),
    formula="min(max(a, low), high)",
    gradients=("upstream for low ≤ a ≤ high, else 0",),
    saved=(0,),
    samples=unary(
        Domain(away=(-1.0, 0.5)),
        {"low": -1.0, "high": 0.5},
        {"low": None, "high": 0.5},
        {"low": -1.0, "high": None},
        extremes=(-1e4, 1e4),
    ),
    analytic=False,
)
where = define(
    "where",
    forward=np.where,
    vjps=(None, lambda g, out, c, a, b: np.where(c, g, 0), lambda g, out, c, a, b: np.where(c, 0, g)),
    shape=_where_shape,
    formula="a where c, else b",
    gradients=(None, "upstream where c, else 0", "0 where c, else upstream"),
    letters="cab",
    elementwise=True,
    saved=(0,),
    samples=lambda: [
        type(sample)((sample.arrays[0] > 0, *sample.arrays[1:]), sample.attributes)
        for sample in each([(a, b, a) for a, b in (((), ()), ((2, 3), (3,)), ((3, 1), (1, 2)), ((0,), (1,)))])()
    ],
)
