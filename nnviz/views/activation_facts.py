"""The curve of an activation function: its moments, where it is flat, and the chord that shows how it bends."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nnviz import nn
from nnviz.autograd.operation import Array
from nnviz.nn.facts import Curve, Range
from nnviz.registry import Spec
from nnviz.views.curves import activation_class, evaluated, moments

FLAT = 0.01
"""The curve is flat where |f′| is below this."""

SEARCHED, BEYOND, GRID = 40.0, 1000.0, 0.01
"""Flat places are searched from −SEARCHED to SEARCHED in steps of GRID; those that reach the end go on to infinity if
the curve is flat at BEYOND, too."""

CHORD_POINTS = 49
"""Places on the z axis where a chord may begin or end."""

ROUNDING = 1e-9
"""Distances between chord and curve below this are rounding."""

Interval = tuple[float, float]


@dataclass(frozen=True)
class Chord:
    """A chord of the curve, and where it is farthest from it.

    Attributes:
        low, high: its ends on the z axis.
        f_low, f_high: the curve there.
        z: where the curve is farthest above it; of a chord that lies on or above the curve, farthest below it.
        above: how far the curve lies above it at z: positive where the chord shows that the function is not convex.
    """

    low: float
    high: float
    f_low: float
    f_high: float
    z: float
    above: float


@dataclass(frozen=True, eq=False)
class ActivationFacts:
    """What holds of an activation function.

    Attributes:
        spec: the layer.
        formula, derivative: as the layer's class says them.
        outputs: the range.
        curve: how it bends, and its kinks; None if that is not stated.
        at_kinks: f′ at each kink, as the code sets it.
        mean, std: of its outputs for standard normal z.
        flat: where |f′| < 0.01.
        flat_share: the share of standard normal z that lies there.
        elementwise: whether each output depends on its own z alone.
    """

    spec: Spec
    formula: str
    derivative: str
    outputs: Range
    curve: Curve | None
    at_kinks: tuple[float, ...]
    mean: float
    std: float
    flat: tuple[Interval, ...]
    flat_share: float
    elementwise: bool


@lru_cache(maxsize=64)
def activation_facts(spec: Spec) -> ActivationFacts:
    """What holds of an activation.

    Raises:
        NnvizError: its arguments do not go together.
    """
    factory = activation_class(spec)
    assert factory is not None  # noqa: S101 (asked of an activation)
    arguments = dict(spec.arguments)
    curve = factory.curve(arguments)
    kinks = curve.kinks if curve is not None else ()
    flat = flat_places(spec, kinks)
    mean, std = moments(spec)
    return ActivationFacts(
        spec=spec,
        formula=factory.formula,
        derivative=factory.derivative,
        outputs=factory.facts(arguments).outputs,
        curve=curve,
        at_kinks=tuple(evaluated(spec, np.array(kinks))[1].tolist()) if kinks else (),
        mean=mean,
        std=std,
        flat=flat,
        flat_share=sum(_below(high) - _below(low) for low, high in flat),
        elementwise=factory.elementwise,
    )


def all_activations() -> tuple[str, ...]:
    """The names of all activations that can be drawn, in the order of the registry.

    An activation of the user's own is left out if it needs arguments, or cannot be computed for single numbers and
    rows of three.
    """
    found = []
    for entry in nn.layers:
        kind = entry.factory
        known = isinstance(kind, type) and issubclass(kind, nn.Activation)
        if known and not any(argument.required for argument in entry.arguments) and _is_drawn(Spec(entry.name)):
            found.append(entry.name)
    return tuple(found)


@lru_cache(maxsize=256)
def _is_drawn(spec: Spec) -> bool:
    # Whatever the code of a user raises, the others can be compared.
    with suppress(Exception):
        f, slope = evaluated(spec, np.array([0.0, 1.0]))
        return f.shape == slope.shape == (2,)
    return False


def activation(name: str, slope: float) -> Spec:
    """The activation of this name; where it has a fixed slope a, with this one."""
    kind = activation_class(Spec(name))
    return nn.layers.check(Spec.of(name, **(kind.with_slope(slope) if kind is not None else {})))


def _below(z: float) -> float:
    """Φ(z), the share of a standard normal distribution below z."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def flat_places(spec: Spec, kinks: tuple[float, ...]) -> tuple[Interval, ...]:
    """The intervals with |f′| < 0.01, from left to right; an end at a kink is the kink itself."""
    z = np.linspace(-SEARCHED, SEARCHED, round(2 * SEARCHED / GRID) + 1)
    flat = _is_flat(spec, z)
    # The edges of the flat stretches, each between two places of the grid.
    left = np.flatnonzero(flat[1:] != flat[:-1])
    edges = [_snapped(edge, kinks) for edge in _refined(spec, z[left], z[left + 1]).tolist()]
    ends = _is_flat(spec, np.array([-BEYOND, BEYOND]))
    if flat[0]:
        edges.insert(0, -math.inf if ends[0] else -SEARCHED)
    if flat[-1]:
        edges.append(math.inf if ends[1] else SEARCHED)
    return tuple(zip(edges[::2], edges[1::2], strict=True))


def _is_flat(spec: Spec, z: Array) -> Array:
    return np.abs(evaluated(spec, z)[1]) < FLAT


def _refined(spec: Spec, low: Array, high: Array) -> Array:
    """The place between `low` and `high`, of each edge, where the curve begins or ends to be flat."""
    count = 1000
    for _ in range(3):
        if not len(low):
            break
        inner = np.linspace(low, high, count + 1, axis=1)
        flat = _is_flat(spec, inner.ravel()).reshape(inner.shape)
        at = np.argmax(flat != flat[:, :1], axis=1)
        rows = np.arange(len(low))
        low, high = inner[rows, at - 1], inner[rows, at]
    return (low + high) / 2


def _snapped(edge: float, kinks: tuple[float, ...]) -> float:
    return next((kink for kink in kinks if abs(kink - edge) < 1e-6), edge)


@lru_cache(maxsize=128)
def chord_of(spec: Spec, reach: float) -> Chord:
    """The chord between −reach and reach that the curve is farthest above; if it is above none, the longest one.

    Where the function is not convex and none of these shows it, shorter and longer ones are searched.
    """
    found = _lowest_chord(spec, reach)
    factory = activation_class(spec)
    curve = factory.curve(dict(spec.arguments)) if factory is not None else None
    if found.above <= 0 and curve is not None and curve.curvature not in ("convex", "straight"):
        others = (6.0, *(2 * abs(kink) for kink in curve.kinks if kink), 1.0, 20.0, 100.0)
        return next((one for one in (_lowest_chord(spec, far) for far in others) if one.above > 0), found)
    return found


def _lowest_chord(spec: Spec, reach: float) -> Chord:
    ends = np.linspace(-reach, reach, CHORD_POINTS)
    # Between two ends, the places half a step apart are looked at.
    z = np.linspace(-reach, reach, 2 * CHORD_POINTS - 1)
    f = evaluated(spec, z)[0]
    first, last = np.triu_indices(CHORD_POINTS, 1)
    with np.errstate(all="ignore"):
        rise = (f[2 * last] - f[2 * first]) / (ends[last] - ends[first])
        above = f - (f[2 * first, None] + rise[:, None] * (z - ends[first, None]))
    place = np.arange(len(z))
    inside = (place > 2 * first[:, None]) & (place < 2 * last[:, None]) & np.isfinite(above)
    above = np.where(inside, above, -math.inf)
    best = int(np.argmax(above.max(axis=1)))
    scale = max(1.0, float(np.max(np.abs(f), initial=0.0, where=np.isfinite(f))))
    if not above[best].max() > ROUNDING * scale:
        best = int(np.flatnonzero((first == 0) & (last == CHORD_POINTS - 1))[0])
        above[best] = np.where(inside[best] & np.isfinite(above[best]), -above[best], -math.inf)
        at = int(np.argmax(above[best]))
        distance = -float(above[best][at])
        distance = 0.0 if abs(distance) < ROUNDING * scale else distance
    else:
        at = int(np.argmax(above[best]))
        distance = float(above[best][at])
    begin, end = int(first[best]), int(last[best])
    return Chord(float(ends[begin]), float(ends[end]), float(f[2 * begin]), float(f[2 * end]), float(z[at]), distance)
