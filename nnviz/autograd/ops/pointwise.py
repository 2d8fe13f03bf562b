"""More elementwise functions: powers and logarithms, trigonometry, rounding, floor division and remainders."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nnviz.autograd.operation import OUT, Array, Operation, Rule, define
from nnviz.autograd.ops.elementwise import broadcast, of_one, of_two
from nnviz.autograd.sample_inputs import POSITIVE, Attributes, Domain, Sample, binary, unary
from nnviz.errors import OperationError

INSIDE = Domain(-0.9, 0.9)


def _function(
    name: str,
    forward: np.ufunc | Callable[[Array], Array],
    rule: Rule,
    formula: str,
    gradient: str,
    saved: int,
    domain: Domain,
) -> Operation:
    """Defines an analytic elementwise function, whose vjp reads its input or its result."""
    return of_one(
        name,
        forward=forward,
        vjps=(rule,),
        formula=formula,
        gradients=(gradient,),
        saved=(saved,),
        samples=unary(domain),
    )


def _log1p(a: Array) -> Array:
    # numpy has no complex log1p that keeps a tiny imaginary part.
    return np.log1p(a) if a.dtype.kind != "c" else np.log(1 + a)


exp2 = _function(
    "exp2", np.exp2, lambda g, out, a: g * out * math.log(2), "2^a", "upstream · out · ln 2", OUT, Domain()
)
expm1 = _function("expm1", np.expm1, lambda g, out, a: g * (out + 1), "eᵃ − 1", "upstream · (out + 1)", OUT, Domain())
log1p = _function(
    "log1p", _log1p, lambda g, out, a: g / (1 + a), "ln (1 + a)", "upstream / (1 + a)", 0, Domain(-0.5, 3.0)
)
log2 = _function(
    "log2", np.log2, lambda g, out, a: g / (a * math.log(2)), "log₂ a", "upstream / (a · ln 2)", 0, POSITIVE
)
log10 = _function(
    "log10", np.log10, lambda g, out, a: g / (a * math.log(10)), "log₁₀ a", "upstream / (a · ln 10)", 0, POSITIVE
)
rsqrt = _function(
    "rsqrt",
    lambda a: np.reciprocal(np.sqrt(a)),
    lambda g, out, a: g * out * out * out / -2,
    "1 / √a",
    "−upstream · out³ / 2",
    OUT,
    POSITIVE,
)
reciprocal = _function(
    "reciprocal", np.reciprocal, lambda g, out, a: -g * out * out, "1 / a", "−upstream · out²", OUT, POSITIVE
)
tan = _function(
    "tan", np.tan, lambda g, out, a: g * (1 + out * out), "tan a", "upstream · (1 + out²)", OUT, Domain(-1.2, 1.2)
)
asin = _function(
    "asin", np.arcsin, lambda g, out, a: g / np.sqrt(1 - a * a), "arcsin a", "upstream / √(1 − a²)", 0, INSIDE
)
acos = _function(
    "acos", np.arccos, lambda g, out, a: -g / np.sqrt(1 - a * a), "arccos a", "−upstream / √(1 − a²)", 0, INSIDE
)
atan = _function("atan", np.arctan, lambda g, out, a: g / (1 + a * a), "arctan a", "upstream / (1 + a²)", 0, Domain())
sinh = _function("sinh", np.sinh, lambda g, out, a: g * np.cosh(a), "sinh a", "upstream · cosh a", 0, Domain())
cosh = _function("cosh", np.cosh, lambda g, out, a: g * np.sinh(a), "cosh a", "upstream · sinh a", 0, Domain())


# --- rounding: step functions, of gradient 0

HALVES = Domain(away=tuple(n / 2 for n in range(-4, 5)))


def _step(name: str, forward: Callable[..., Array], formula: str, options: tuple[Attributes, ...] = ({},)) -> Operation:
    return of_one(
        name,
        forward=forward,
        vjps=(lambda g, out, a, **_: np.zeros_like(g),),
        formula=formula,
        gradients=("0",),
        saved=(),
        samples=unary(HALVES, *options),
        analytic=False,
    )


def _round(a: Array, decimals: int) -> Array:
    return np.asarray(np.round(a, decimals)) if a.dtype.kind != "b" else a


floor = _step("floor", np.floor, "a, rounded down")
ceil = _step("ceil", np.ceil, "a, rounded up")
trunc = _step("trunc", np.trunc, "a, rounded toward 0")
sign = _step("sign", np.sign, "the sign of a")
round = _step(  # noqa: A001 (the operation's own name)
    "round", _round, "a, rounded to the nearest", ({"decimals": 0},)
)


# --- two numbers


def _larger(position: int, wins: np.ufunc) -> Rule:
    """The gradient where this input is chosen; half of it where both are equal."""

    def rule(g: Array, out: Array, a: Array, b: Array) -> Array:
        mine, other = (a, b) if position == 0 else (b, a)
        share = np.where(mine == other, 0.5, wins(mine, other))
        return np.asarray(g * share).astype(g.dtype, copy=False)

    return rule


def _shared(mine: str, wins: np.ufunc, other: str) -> str:
    return f"upstream for {mine} {'>' if wins is np.greater else '<'} {other}, else upstream / 2 for a = b, else 0"


def _pair(name: str, forward: np.ufunc, wins: np.ufunc) -> Operation:
    return of_two(
        name,
        forward=forward,
        vjps=(_larger(0, wins), _larger(1, wins)),
        formula=f"{name[:3]}(a, b)",
        gradients=(_shared("a", wins, "b"), _shared("b", wins, "a")),
        saved=(0, 1),
        analytic=False,
    )


maximum = _pair("maximum", np.maximum, np.greater)
minimum = _pair("minimum", np.minimum, np.less)


def _outside(a: Array, bound: Array, lower: bool) -> Array:
    return a < bound if lower else a > bound


def _clip_at(a: Array, bound: Array, lower: bool) -> Array:
    return np.maximum(a, bound) if lower else np.minimum(a, bound)


clip_at = define(
    "clip_at",
    forward=_clip_at,
    # At the bound, the whole gradient is that of the input, as for clamp.
    vjps=(
        lambda g, out, a, bound, lower: np.where(_outside(a, bound, lower), 0, g),
        lambda g, out, a, bound, lower: np.where(_outside(a, bound, lower), g, 0),
    ),
    shape=lambda a, bound, lower: broadcast(a, bound),
    formula="a, limited by b",
    gradients=("upstream where a is within b, 0 elsewhere", "upstream where a is beyond b, 0 elsewhere"),
    letters="ab",
    elementwise=True,
    saved=(0, 1),
    samples=binary(Domain(), Domain(), {"lower": True}, {"lower": False}),
    analytic=False,
)


def _divided(forward: Callable[..., Array]) -> Callable[[Array, Array], Array]:
    """A division that refuses integers divided by 0, since integers have no infinity."""

    def checked(a: Array, b: Array) -> Array:
        if b.dtype.kind in "iu" and not b.all():
            raise OperationError("ZeroDivisionError", "whole numbers cannot be divided by 0: call .float() first")
        return forward(a, b)

    return checked


def _trunc_divide(a: Array, b: Array) -> Array:
    if a.dtype.kind in "iu":
        return np.asarray((a - np.fmod(a, b)) // b)
    return np.asarray(np.trunc(a / b))


def _quotient(name: str, forward: Callable[..., Array], formula: str) -> Operation:
    """An integer quotient: a step function, of gradient 0."""
    flat: Rule = lambda g, out, a, b: np.zeros_like(g)  # noqa: E731
    return of_two(
        name,
        forward=_divided(forward),
        vjps=(flat, flat),
        formula=formula,
        gradients=("0", "0"),
        saved=(),
        samples=_between_steps,
        analytic=False,
    )


def _rest(
    name: str, forward: np.ufunc, quotient: Callable[[Array, Array], Array], formula: str, slope: str
) -> Operation:
    """A remainder: a − b · quotient, where the quotient has gradient 0."""
    return of_two(
        name,
        forward=_divided(forward),
        vjps=(lambda g, out, a, b: g, lambda g, out, a, b: -g * quotient(a, b)),
        formula=formula,
        gradients=("upstream", slope),
        saved=(0, 1),
        samples=_between_steps,
        analytic=False,
    )


def _between_steps() -> list[Sample]:
    """Pairs of either sign whose quotients are far enough from integers for finite differences."""
    found = []
    for sample in binary(Domain(), POSITIVE)() + binary(Domain(), Domain(-3.0, -0.5))():
        quotient = sample.arrays[0] / sample.arrays[1]
        if (np.abs(quotient - np.round(quotient)) > 1e-3).all():
            found.append(sample)
    return found


floor_divide = _quotient("floor_divide", np.floor_divide, "a / b, rounded down")
trunc_divide = _quotient("trunc_divide", _trunc_divide, "a / b, rounded toward 0")
remainder = _rest(
    "remainder", np.remainder, lambda a, b: np.floor(a / b), "a − b · (a / b, rounded down)", "−upstream · floor(a / b)"
)
fmod = _rest(
    "fmod", np.fmod, lambda a, b: np.trunc(a / b), "a − b · (a / b, rounded toward 0)", "−upstream · trunc(a / b)"
)
