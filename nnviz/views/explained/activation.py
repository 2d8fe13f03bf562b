"""The numbers of the page of activation functions explained: f and f′ at the reading line, moments, shares."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from nnviz import nn
from nnviz.engine import Moment
from nnviz.errors import ArgumentError
from nnviz.lab import Lab
from nnviz.network import trace
from nnviz.registry import Spec
from nnviz.run.queries import LayersSeen, LayerStatistics
from nnviz.text import percent
from nnviz.views.activation_facts import chord_of
from nnviz.views.activation_words import Known, decimal, flat_text
from nnviz.views.compared import known_of, number, value_at
from nnviz.views.curves import activation_class, nearest_activation
from nnviz.views.explained.explained import Explained, explained, written
from nnviz.views.explained.stack import flat_and_dead

FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "Φ": lambda z: 0.5 * math.erfc(-z / math.sqrt(2)),
    "φ": lambda z: math.exp(-z * z / 2) / math.sqrt(2 * math.pi),
    "σ": lambda z: 1 / (1 + math.exp(-z)),
}
"""The distribution and density of a standard normal number, and Sigmoid."""

LETTERS = {"negative_slope": "a", "init": "a", "alpha": "α", "beta": "β", "min_val": "low", "max_val": "high"}
"""The letters of arguments in the formulas."""

CHORD = "f − (1 − t) · a − t · b"

DEFINED = re.compile(r", (s|σ\(z\)) = .*$")
"""What a derivative says at its end of a name that it uses."""


def of_selected(lab: Lab, moment: Moment | None) -> list[Explained]:
    """The numbers of the selected activation."""
    at = nearest_activation(lab.network, lab.row - 1)
    seen = moment.seen(LayerStatistics()) if moment is not None and lab.valid else None
    if at is None or not isinstance(seen, LayersSeen):
        return []
    one = next((one for one in seen.layers if one.layer == lab.network.ids[at]), None)
    shape = trace(lab.network).rows[at].output
    if one is None or shape is None:
        return []
    found = flat_and_dead(one, seen, shape[1] if len(shape) == 4 else shape[-1])
    for name, spread in (("out", one.output), ("in", one.taken_in)):
        count = 0 if spread is None else int(spread.counts.sum())
        if spread is not None and count:
            words = f"S: all {count:,} numbers that go {name}, added up; ± is their standard deviation"
            values = {"S": spread.mean * count, "n": count}
            found.append(explained(name, f"{written(spread.mean)} ±{written(spread.std)}", "S / n", values, words))
    if math.isfinite(one.signal):
        words = "the root mean square of the loss's gradient at its output: √(Σ (∂L/∂out)² / n)"
        found.append(Explained("signal", written(one.signal), words=words, value=one.signal))
    return found


def of_compared(lab: Lab) -> list[Explained]:
    """The numbers of the function under the cursor: at the reading line, and in the table."""
    place = lab.curves
    one = known_of(place, place.name)
    facts = one.facts
    found = [_at(one, "f", facts.formula, one.f), _at(one, "f′", facts.derivative, one.slope)]
    if place.chord:
        found.append(_chord(one.spec, place.reach))
    moments = "of f(z) for standard normal z, by quadrature: ∫ f(z) · e^(−z²/2) / √(2π) dz; the lesson would like 0"
    found.append(Explained("mean", decimal(facts.mean), words=moments, value=facts.mean))
    spread = "√ of ∫ (f(z) − mean)² · e^(−z²/2) / √(2π) dz; the lesson would like 1"
    found.append(Explained("std", decimal(facts.std), words=spread, value=facts.std))
    flat = f"the part of standard normal z with |f′(z)| < 0.01, which is {flat_text(facts.flat)}"
    found.append(Explained("flat", percent(facts.flat_share), words=flat, value=facts.flat_share))
    if not math.isnan(one.times_relu):
        words = "seconds for a million numbers, its own by ReLU's: the median of several measurements taken in turn"
        values = {"t": one.seconds, "r": one.relu_seconds}
        found.append(explained("time", f"{one.times_relu:.1f}×", "t / r", values, words))
    return found


def _chord(spec: Spec, reach: float) -> Explained:
    """The chord that is drawn, where the curve is farthest from it."""
    chord = chord_of(spec, reach)
    curve = value_at(spec, chord.z)[0]
    t = (chord.z - chord.low) / (chord.high - chord.low)
    values = {"f": curve, "a": chord.f_low, "b": chord.f_high, "t": t}
    words = (
        f"the curve at z = {number(chord.z)} less the chord from {number(chord.low)} to {number(chord.high)}, the "
        "share t of the way; above 0: not convex"
    )
    return explained("curve − chord", number(curve - (1 - t) * chord.f_low - t * chord.f_high), CHORD, values, words)


def _at(one: Known, name: str, formula: str, value: float) -> Explained:
    """f or f′ at the reading line, with z in its formula where that can be."""
    title, right = f"{one.name} {name}({number(one.z)})", formula.partition(" = ")[2]
    words = "read at the line, which ← and → move"
    plain = Explained(title, number(value), formula, words=words, value=value)
    if name == "f′" and one.on_kink:
        return replace(plain, words=f"a kink: f′ is what the code sets there; {words}")
    if not one.facts.elementwise or not right:
        return replace(plain, words=f"the first of three, the other two z are 0; {words}")
    values = {**_values(one.spec, one.z), "F": one.f}
    if ", s = " in right:
        values["s"] = math.log1p(math.exp(one.z))
    right = DEFINED.sub("", right.replace("f(z)", "F"))
    try:
        found = explained(title, number(value), right, values, words, functions=FUNCTIONS)
    except (ArgumentError, OverflowError):
        return plain
    # A layer may compute otherwise by its arguments, or for large z.
    return replace(plain, numbers=found.numbers) if math.isclose(found.value, value, rel_tol=1e-6) else plain


def _values(spec: Spec, z: float) -> dict[str, float]:
    """z, and the arguments by their letters."""
    kind = activation_class(spec)
    values = {"z": z, **(kind.constants if kind is not None else {})}
    for argument in nn.layers[spec.name].arguments:
        value = spec.get(argument.name, argument.default)
        if argument.name in LETTERS and isinstance(value, (int, float)):
            values[LETTERS[argument.name]] = float(value)
    return values
