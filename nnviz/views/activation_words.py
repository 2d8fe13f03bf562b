"""What holds of an activation function, in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nnviz import nn
from nnviz.nn.facts import Curve, Range
from nnviz.registry import Spec
from nnviz.text import percent
from nnviz.views.activation_facts import ActivationFacts, Chord, Interval, activation_facts
from nnviz.views.units import seconds_text

CAR = "so is each chord, or on it: a car whose wheel is always turned one way"
"""What convex means, behind the chord that is above the curve."""

BEND = {"convex": "convex", "concave": "concave", "straight": "straight", "neither": "no"}


@dataclass(frozen=True)
class Known:
    """What is known of a function on the page.

    Attributes:
        name: its name.
        spec: the layer.
        z: the reading line.
        f, slope: f(z) and f′(z) there.
        seconds: the time of a million numbers; NaN before it is measured.
        relu_seconds: that of ReLU.
    """

    name: str
    spec: Spec
    z: float
    f: float
    slope: float
    seconds: float = math.nan
    relu_seconds: float = math.nan

    @property
    def facts(self) -> ActivationFacts:
        """What holds of it."""
        return activation_facts(self.spec)

    @property
    def on_kink(self) -> bool:
        """Whether f is not differentiable at the reading line."""
        curve = self.facts.curve
        return curve is not None and self.z in curve.kinks

    @property
    def times_relu(self) -> float:
        """Its time as a multiple of ReLU's."""
        return self.seconds / self.relu_seconds


def facts_in_words(one: Known, chord: Chord, drawn: bool = False) -> tuple[str, ...]:
    """What holds of a function, a line a fact; first what is drawn or set: the chord, f′ at a kink."""
    facts = one.facts
    label = nn.layers.label(one.spec)
    time = "not measured"
    if not math.isnan(one.seconds):
        time = f"{seconds_text(one.seconds)}, {one.times_relu:.1f} times as long as ReLU"
    lines = [
        f"{label}: {facts.formula}; {facts.derivative}",
        kinks_text(facts),
        f"outputs: {facts.outputs}; of standard normal z: mean {decimal(facts.mean)}, std {decimal(facts.std)}, and we "
        "would like 0 and 1",
        f"flat, |f′| < 0.01: {flat_text(facts.flat)}; {percent(facts.flat_share)} of standard normal z",
        f"a million numbers: {time}",
    ]
    bend = bend_text(facts.curve, chord)
    if one.on_kink:
        lines = [lines[1], lines[0], *lines[2:]]
    lines[0 if drawn else 2 : 0 if drawn else 2] = [f"{one.name}: {bend[0]}" if drawn else bend[0], *bend[1:]]
    if not facts.elementwise:
        lines.append("it works on a row: drawn is the first of three outputs, while the other two z are 0")
    return tuple(lines)


def kinks_text(facts: ActivationFacts) -> str:
    """Where it is not differentiable, and what the code sets there."""
    if facts.curve is None:
        return "where it is differentiable is not stated"
    if not facts.curve.kinks:
        return "differentiable everywhere"
    places = " and ".join(short(kink) for kink in facts.curve.kinks)
    values = dict.fromkeys(short(slope) for slope in facts.at_kinks)
    return f"not differentiable at {places}: the code sets f′ = {' and '.join(values)} there"


def bend_text(curve: Curve | None, chord: Chord) -> tuple[str, ...]:
    """Whether it is convex, with what the chord shows; and what that means."""
    if curve is None:
        return (f"not said to be convex or not; {chord_text(chord)}",)
    if curve.curvature == "convex":
        return f"convex: {chord_text(chord)}", CAR
    if curve.curvature == "straight":
        return (f"straight, so convex and concave: {chord_text(chord)}",)
    return (f"not convex{' but concave' if curve.curvature == 'concave' else ''}: {chord_text(chord)}",)


def chord_text(chord: Chord) -> str:
    """What the chord shows."""
    ends = f"the chord from {short(chord.low)} to {short(chord.high)}"
    if not chord.above:
        return f"{ends} lies on the curve"
    way = "below" if chord.above > 0 else "above"
    return f"{ends} is {short(abs(chord.above))} {way} the curve at z = {short(chord.z)}"


def flat_text(flat: tuple[Interval, ...]) -> str:
    """Where it is flat."""
    return ", ".join(_interval(*one) for one in flat) or "nowhere"


def _interval(low: float, high: float) -> str:
    if low == -math.inf:
        return "everywhere" if high == math.inf else f"z < {two(high)}"
    return f"z > {two(low)}" if high == math.inf else f"{two(low)} to {two(high)}"


def range_text(found: Range) -> str:
    """A range as an interval: [0, ∞) contains 0."""
    low, high = ("∞" if math.isinf(bound) else short(abs(bound)) for bound in (found.low, found.high))
    left = "(" if not found.reached or math.isinf(found.low) else "["
    right = ")" if not found.reached or math.isinf(found.high) else "]"
    return f"{left}{'−' if found.low < 0 else ''}{low}, {'−' if found.high < 0 else ''}{high}{right}"


def short(value: float) -> str:
    """A number with four digits."""
    return f"{value + 0.0:.4g}".replace("-", "−")


def two(value: float) -> str:
    """A number with two decimals, without zeros at the end."""
    return f"{round(value, 2) + 0.0:g}".replace("-", "−")


def decimal(value: float) -> str:
    """A number with two decimals, or more digits where that is 0 by rounding or too large."""
    if abs(value) < 1e-12:
        return "0.00"
    text = f"{value:.2f}" if 0.005 <= abs(value) < 1e4 else f"{value:.2g}"
    return text.replace("-", "−")
