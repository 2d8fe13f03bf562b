"""All gradients at a glance: one line a parameter, sortable."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nnviz import nn
from nnviz.lab import Lab
from nnviz.lab.layer import SORTS
from nnviz.network import shape_text
from nnviz.run import Observation
from nnviz.run.queries import GradientSeen, GradientsSeen
from nnviz.text import percent
from nnviz.views.digits import Text, column_text
from nnviz.views.spark import trend
from nnviz.views.table import Line, Table

CURVE, BRIEF = 12, 5
"""Columns of a curve, and where there is little room."""

COLUMNS: tuple[tuple[str, Callable[[GradientSeen], float]], ...] = (
    ("parameter", lambda _: 0.0),
    ("‖gradient‖", lambda one: -one.gradient),
    ("‖w‖", lambda one: -one.weights),
    ("log₁₀ update/w", lambda one: -one.ratio),
    ("zeros", lambda one: -one.zeros),
    ("log₁₀ update/w, lowest first", lambda one: one.ratio),
)
"""What the lines are sorted by, the largest first; by the first column they stand as in the stack."""

USUAL = -3.0
"""Where log₁₀ of update/weight is about right, by the rule of the field (Karpathy 2022)."""


@dataclass(frozen=True, eq=False)
class GradientTable:
    """The table.

    Attributes:
        words: what it shows, and how it is sorted.
        table: its lines.
        places: the layer's id and the number of the parameter of each line.
    """

    words: str
    table: Table
    places: tuple[tuple[int, int], ...]


def gradient_table(lab: Lab, found: Observation | None, brief: bool = False) -> GradientTable | None:
    """The table, of an answer to AllGradients, None before the first; `brief` without shapes and norms of weights."""
    if not isinstance(found, GradientsSeen):
        return None
    name, key = COLUMNS[lab.layer.sort % SORTS]
    positions = {layer: at for at, layer in enumerate(lab.network.ids)}
    rows = [one for one in found.rows if one.layer in positions]
    # What is no number comes last; of equal ones the order is that of the stack.
    rows.sort(key=lambda one: (math.isnan(key(one)), key(one) if not math.isnan(key(one)) else 0.0))
    sorted_by = f"sorted by {name}" if lab.layer.sort else "as in the stack"
    if not rows:
        words = "No layer has parameters, so there are no gradients: {add} adds a layer."
    elif not found.step:
        words = "No step was recorded yet: {step} takes one. " + sorted_by
    else:
        words = f"step {found.step:,}, {sorted_by}; log₁₀ update/w is right at about {USUAL:g}".replace("-", "−")

    gradient, weights = _norms(one.gradient for one in rows), _norms(one.weights for one in rows)

    def line(at: int) -> Line:
        one = rows[at]
        position = positions[one.layer]
        kind = "" if brief else f"{nn.layers.label(lab.network.layers[position]).partition('(')[0]}."
        name = f"{position + 1} {kind}{one.name}"
        ratio = "–" if math.isnan(one.ratio) else "−∞" if math.isinf(one.ratio) else f"{one.ratio:.1f}"
        ratio, curve, zeros = (
            ratio.replace("-", "−"),
            trend(one.over_time, BRIEF if brief else CURVE),
            percent(one.zeros),
        )
        if brief:
            cells = [name, gradient(one.gradient), curve, ratio, zeros.replace(" ", "")]
        else:
            shape = shape_text(one.shape)
            cells = [name, shape, gradient(one.gradient), curve, weights(one.weights), ratio, zeros]
        return Line(tuple(f"{cell} " for cell in cells), "chosen" if position == lab.row - 1 else "")

    heads: tuple[str, ...] = ("parameter", "shape", "‖gradient‖", "over time", "‖w‖", "log₁₀ u/w", "zeros")
    right = frozenset((2, 4, 5, 6))
    if brief:
        heads, right = ("layer", "norm", "time", "u/w", "zero"), frozenset((1, 3, 4))
    table = Table(tuple(f"{head} " for head in heads), len(rows), line, elastic=0, right=right)
    return GradientTable(words, table, tuple((one.layer, one.number) for one in rows))


def _norms(values: Iterable[float]) -> Text:
    """How a column of norms is written."""
    text = column_text(values, 3)
    return lambda value: "–" if math.isnan(value) else text(value)
