"""The layer page: the weights of one layer with gradient and last change, its neurons, or the gradients of all."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz import nn
from nnviz.autograd.formula import rounded
from nnviz.autograd.operation import Shape
from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.lab.lab import LayerPage
from nnviz.lab.layer import Weight
from nnviz.network import trace
from nnviz.run import Observation, Query, Refused
from nnviz.run.queries import AllGradients, LayerParameter, Neurons, ParameterSeen
from nnviz.views import why
from nnviz.views.gradients import GradientTable, gradient_table
from nnviz.views.neurons import NeuronView, neuron_view
from nnviz.views.spark import spark, trend
from nnviz.views.stop import Matrix

CURVE = 16
"""Columns of a curve, and of a histogram."""

BESIDE = 21
"""Columns of what stands beside a curve."""

BORDER = 11
"""Columns of the border that have no room for the title of a page: its number, its name and the corners."""

ROOMY = 76
"""Columns from which on the gradients have all their columns."""

NO_STEP = "No step was recorded yet, so there is no gradient and no change to show: {step} takes one."
UNRECORDED = (
    "What moved it in step %s is not known: the weights were changed since, or it was not recorded. "
    "{step} takes a step, and shows its gradient and change."
)
EMPTY = "The stack is empty: {add} adds a layer."


@dataclass(frozen=True, eq=False)
class LayerView:
    """What the panel shows.

    Attributes:
        page: which of its views.
        title: which layer or parameter.
        strong: the chosen weight, its value, and what moved it; empty where there is none.
        words: what is to be said, with the ids of commands in braces.
        numbers: the norms and the histogram, a line each.
        matrices: weights, gradient and last change.
        neurons: the units of the layer.
        table: the gradients of all parameters.
    """

    page: LayerPage
    title: str
    strong: str = ""
    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    neurons: NeuronView | None = None
    table: GradientTable | None = None


def position(lab: Lab) -> int | None:
    """The layer that the page shows: the selected one; of input and loss the layer beside it. None without layers."""
    count = len(lab.network.layers)
    return min(max(lab.row - 1, 0), count - 1) if count else None


def page_of(lab: Lab) -> LayerPage:
    """The view that is shown: of a layer without weights its neurons."""
    at = position(lab)
    if lab.layer.page == "weights" and at is not None and not has_weights(lab, at):
        return "neurons"
    return lab.layer.page


def has_weights(lab: Lab, at: int) -> bool:
    """Whether the layer at this position has parameters or buffers."""
    return any(row.position == at and row.weights for row in trace(lab.network).rows)


def query_of(lab: Lab) -> Query[Observation] | None:
    """What the page asks of the run; None of a stack that cannot run."""
    at = position(lab)
    if at is None or not lab.valid:
        return None
    place, layer = lab.layer, lab.network.ids[at]
    match page_of(lab):
        case "gradients":
            return AllGradients()
        case "neurons":
            return Neurons(layer, place.sample)
    return LayerParameter(layer, place.number)


def seen_of(lab: Lab, moment: Moment | None) -> Observation | None:
    """The newest answer to what the page asks."""
    query = query_of(lab)
    return None if moment is None or query is None else moment.observations.get(query)


def view(lab: Lab, moment: Moment | None = None, width: int = 200) -> LayerView:
    """The view that the lab names, of the selected layer, for a page of so many columns."""
    at, page = position(lab), page_of(lab)
    if at is None:
        return LayerView(page, "", words=(EMPTY,))
    spec = lab.network.layers[at]
    title = _fitting(width, f"layer {at + 1}, {nn.layers.label(spec)}", f"layer {at + 1}, {spec.name}")
    if not lab.valid:
        return LayerView(page, title, words=("The stack cannot run: the page 1 says why.", lab.fix_hint))
    found = seen_of(lab, moment)
    if isinstance(found, Refused):
        return LayerView(page, title, words=(f"No numbers: {found.message}.", found.hint))
    if page == "gradients":
        return LayerView(page, "all gradients", table=gradient_table(lab, found, width < ROOMY))
    if page == "neurons":
        missing = not has_weights(lab, at)
        words = (f"{lab.network.layers[at].name} has no weights; these are its neurons.",) if missing else ()
        return LayerView(page, title, words=words, neurons=neuron_view(lab, at, found))
    return _weights(lab, at, found, width) if isinstance(found, ParameterSeen) else LayerView(page, title)


def _fitting(width: int, *titles: str) -> str:
    """The first of some titles that is not cut above a page of so many columns; the last if none fits."""
    return next((title for title in titles if len(title) <= width - BORDER), titles[-1])


def chosen_in(lab: Lab, shape: Shape) -> Shape:
    """The index of the chosen weight in a parameter of this shape."""
    index = lab.layer.chosen
    fits = len(index) == len(shape) and all(at < size for at, size in zip(index, shape, strict=True))
    return index if fits else (0,) * len(shape)


def weight_of(lab: Lab, seen: ParameterSeen) -> Weight:
    """The chosen weight."""
    index = chosen_in(lab, seen.values.shape)
    return Weight(seen.path, f"{seen.name}{_bracketed(index)}", index, seen.values, seen.step)


def why_lines(lab: Lab, seen: ParameterSeen) -> list[str]:
    """Why the chosen weight moved, line by line."""
    weight = weight_of(lab, seen)
    return [_unmoved(seen)] if seen.moved is None else why.lines(weight.name, weight.index, seen)


def _unmoved(seen: ParameterSeen) -> str:
    """Why there is no step to show."""
    return UNRECORDED % f"{seen.step:,}" if seen.step else NO_STEP


def _weights(lab: Lab, at: int, seen: ParameterSeen, width: int) -> LayerView:
    """A parameter with its gradient and the change of the last step."""
    weight, moved = weight_of(lab, seen), seen.moved
    index, words = weight.index, list[str]()
    value = f"{weight.name} = {float(seen.values[index]):.6g}" if seen.values.size else f"{weight.name} is empty"
    if moved is None:
        words.append(_unmoved(seen))
    else:
        value += f"; {why.sentence(index, seen)}"
        if moved.gradient is None:
            words.append("The loss does not depend on it: it has no gradient, and does not move.")
        if seen.moved_in != seen.step:
            words.append(f"Gradient and change are those of step {seen.moved_in:,}.")
    matrices = [Matrix(seen.name, seen.values, index, open=True)]
    if moved is not None and moved.gradient is not None:
        matrices.append(Matrix("gradient", moved.gradient, index, open=True))
    if moved is not None:
        matrices.append(Matrix("change", moved.after - moved.before, index, open=True))
    numbers = _numbers(seen, max(min(CURVE, width - BESIDE), 1))
    return LayerView("weights", _title(lab, at, seen, width), value, tuple(words), numbers, tuple(matrices))


def _title(lab: Lab, at: int, seen: ParameterSeen, width: int) -> str:
    """The layer and its parameter, as a page of so many columns has room for."""
    spec, number, count = lab.network.layers[at], seen.names.index(seen.name) + 1, len(seen.names)
    label, others = nn.layers.label(spec), f", {number} of {count} parameters" if count > 1 else ""
    short = f": {seen.name} {number}/{count}" if count > 1 else f": {seen.name}"
    return _fitting(
        width,
        f"layer {at + 1}, {label}: {seen.name}{others}",
        f"{at + 1} {label}{short}",
        f"{at + 1} {spec.name}{short}",
    )


def _numbers(seen: ParameterSeen, curve: int) -> tuple[str, ...]:
    """Histogram, and norms over time, with curves of so many columns."""
    spread = seen.spread
    lines = [
        f"{rounded(spread.low, 3)} {spark(spread.counts, curve)} {rounded(spread.high, 3)}"
        f"  mean {rounded(spread.mean, 3)} ±{rounded(spread.std, 3)}"
    ]
    if len(seen.norms):
        for name, column in (("‖gradient‖", 0), ("‖change‖", 1), ("‖w‖", 2)):
            norms = seen.norms[:, column]
            lines.append(f"{name:10} {trend(norms, curve)} {rounded(float(norms[-1]), 3)}")
        lines[-1] += f"  steps {seen.steps[0]:,}–{seen.steps[-1]:,}"
    return tuple(lines)


def _bracketed(index: Shape) -> str:
    return f"[{', '.join(map(str, index))}]" if index else ""
