"""The numbers of the layer page explained: a weight by its last change, norms, and the gradients of all parameters."""

from __future__ import annotations

import math

import numpy as np

from nnviz.engine import Moment
from nnviz.errors import NotSupportedError
from nnviz.lab import Lab
from nnviz.network import shape_text
from nnviz.run.queries import GradientSeen, GradientsSeen, ParameterSeen
from nnviz.text import percent
from nnviz.views import layer, why
from nnviz.views.explained.explained import Explained, explained, written

LOG = {"log₁₀": math.log10}


def of_layer(lab: Lab, moment: Moment | None) -> list[Explained]:
    """The numbers of the page: of the chosen weight, or of the selected parameter."""
    found = layer.seen_of(lab, moment) if lab.valid else None
    if isinstance(found, GradientsSeen):
        return _gradients(lab, found)
    if isinstance(found, ParameterSeen) and found.values.size:
        return [_weight(lab, found), *_norms(found)]
    return []


def _weight(lab: Lab, seen: ParameterSeen) -> Explained:
    """The chosen weight: what it was, and what the last step added."""
    weight, moved = layer.weight_of(lab, seen), seen.moved
    value = float(seen.values[weight.index])
    shown = written(value)
    if moved is None or moved.gradient is None or seen.moved_in != seen.step:
        return Explained(weight.name, shown, words=_unmoved(seen), value=value)
    before = float(moved.before[weight.index])
    words = f"w before step {seen.moved_in:,}, and what {seen.optimizer} added"
    try:
        parts = why.split_of(seen, weight.index)
    except NotSupportedError:
        values = {"w": before, "c": float(moved.after[weight.index]) - before}
        return explained(weight.name, shown, "w + c", values, words)
    names = (("g", "gradient"), ("m", parts.name or "momentum"), ("d", "decay"))
    added = zip(names, (parts.gradient, parts.momentum, parts.decay), parts.formulas, strict=True)
    values, formula, told = {"w": before}, "w", [words]
    for (letter, name), part, rule in added:
        if rule:
            values[letter] = float(part)
            formula += f" + {letter}"
            told.append(f"{letter}: {name}, {rule}")
    return explained(weight.name, shown, formula, values, "; ".join(told))


def _unmoved(seen: ParameterSeen) -> str:
    """Where a weight comes from that the last step did not move, as far as it is known."""
    if not seen.step:
        return "as it was drawn from the seed, edited, or read from a file"
    if seen.moved is None:
        return "what moved it last is not known: the weights were changed since, or the step was not recorded"
    if seen.moved.gradient is None:
        return "the loss does not depend on it, so that it has no gradient and does not move"
    return f"the step that was recorded last is {seen.moved_in:,}: its changes since are not known"


def _norms(seen: ParameterSeen) -> list[Explained]:
    """Mean and norm of the whole parameter, and the norms over time."""
    values = seen.values.astype(np.float64)
    count = values.size
    of = f"of the {count:,} numbers of {seen.name} {shape_text(seen.values.shape)}"
    spread = f"{written(float(values.mean()))} ±{written(float(values.std()))}"
    total, squares = float(values.sum()), float(np.square(values).sum())
    found = [
        explained("mean", spread, "S / n", {"S": total, "n": count}, f"{of}; ± is their standard deviation"),
        explained("‖w‖", written(float(np.linalg.norm(values))), "√S", {"S": squares}, f"S = Σ w² {of}"),
    ]
    if len(seen.norms):
        gradient, update, _ = (float(one) for one in seen.norms[-1])
        where = f"over {count:,} numbers, in step {int(seen.steps[-1]):,}"
        found += [
            Explained("‖gradient‖", written(gradient), "√Σ (∂L/∂w)²", words=where, value=gradient),
            Explained("‖change‖", written(update), "√Σ (w after − w before)²", words=where, value=update),
        ]
    return [one for one in found if math.isfinite(one.value)]


def _gradients(lab: Lab, seen: GradientsSeen) -> list[Explained]:
    """The line of the selected layer."""
    at = layer.position(lab)
    if at is None:
        return []
    own = [one for one in seen.rows if one.layer == lab.network.ids[at]]
    if not own:
        return []
    one = own[min(lab.layer.number, len(own) - 1)]
    return [] if not seen.step else _of_parameter(f"layer {at + 1} {one.name}", one, seen.step)


def _of_parameter(name: str, one: GradientSeen, step: int) -> list[Explained]:
    count = math.prod(one.shape)
    found = []
    if math.isfinite(one.gradient):
        words = f"over {count:,} numbers, in step {step:,}"
        shown = written(one.gradient)
        found.append(Explained(f"{name} ‖gradient‖", shown, "√Σ (∂L/∂w)²", words=words, value=one.gradient))
    if one.update > 0 and one.weights > 0:
        values, words = {"u": one.update, "w": one.weights}, "u = ‖w after − w before‖, w = ‖w‖; about −3 is usual"
        shown = f"{math.log10(one.update / one.weights):.1f}".replace("-", "−")
        found.append(explained(f"{name} log₁₀ update/w", shown, "log₁₀(u / w)", values, words, functions=LOG))
    if math.isfinite(one.zeros):
        values = {"zeros": round(one.zeros * count), "all": count}
        found.append(
            explained(f"{name} zeros", percent(one.zeros), "zeros / all", values, "gradients that are exactly 0")
        )
    return found
