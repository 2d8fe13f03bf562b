"""Tape and plan as rows of a table: the order each found, what the plan does in one go, and where memory is reused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.content import Content

from nnviz.network import Graph, Plan
from nnviz.run import Costs
from nnviz.tui.text import clean
from nnviz.tui.widgets.stack import bytes_text, shape_text
from nnviz.tui.widgets.table import Rows

if TYPE_CHECKING:
    from nnviz.plan import Row

FALLBACK = "*"
"""Stands behind an operation that the plan runs by the tape's own function."""


TAPE_HEADS = ("  #", " tape")


def tape_cells(graph: Graph, layer: int) -> Rows:
    """Forward and backward as the tape goes, with the operations of `layer` standing out."""
    ahead = len(graph.operations)

    def make(at: int) -> list[Text]:
        node = graph.operations[at] if at < ahead else graph.nodes[graph.gradients[at - ahead]]
        return _line(node.layer == layer, node.number, f"{'' if at < ahead else '∂ '}{node.name}")

    return Rows(ahead + len(graph.gradients), make)


def plan_heads(brief: bool) -> tuple[str, ...]:
    """The columns of the plan: fewer where it is narrow."""
    return (
        ("  #", " plan", " of tape", " block") if brief else ("  #", " plan", " of tape", " output", " block", " till")
    )


def plan_cells(graph: Graph, plan: Plan, layer: int, brief: bool) -> Rows:
    """The instructions, with those that stand for operations of `layer` standing out."""
    chosen = {node.number for node in graph.operations if node.layer == layer}

    def make(at: int) -> list[Text]:
        row = plan.rows[at]
        name = f"{'∂ ' if row.direction == 'backward' else ''}{row.name}{'' if row.native else FALLBACK}"
        block = "grads" if row.block is None else f"{row.block}{' again' if row.reused else ''}"
        words = [name, _span(row), block]
        if not brief:
            words = [name, _span(row), shape_text(row.shape), block, str(row.needed_until)]
        return _line(bool(chosen & set(row.covers)), row.number, *words)

    return Rows(len(plan.rows), make)


def _span(row: Row) -> str:
    """The numbers of the tape that a row stands for: `1-3`, or `2,5`."""
    covers = row.covers
    if len(covers) > 2 and covers[-1] - covers[0] == len(covers) - 1:
        return f"{covers[0]}-{covers[-1]}"
    return ",".join(map(str, covers))


def _line(chosen: bool, number: int, *words: str) -> list[Text]:
    style = "bold" if chosen else ""
    return [
        Text(f"{'▸' if chosen else ' '}{number:>2}", style),
        *(Text(f" {clean(word, 40)}", style) for word in words),
    ]


def order_words(planned: bool, costs: Costs | None, brief: bool) -> Content:
    """Which of the two trains, and what a step costs each way."""
    ways = [("plan", "ordered once      ", True), ("tape", "ordered every step", False)]
    lines = []
    for name, how, mine in ways:
        trains = mine == planned
        cost = "" if costs is None else _time(costs.plan if mine else costs.tape)
        words = f"{'▸' if trains else ' '} {name} {'' if brief else how} {cost:>9}{' a step' if costs else ''}"
        if not mine and costs is not None:
            words += f", {costs.tape / costs.plan:.1f} × the plan"[: 8 if brief else None]
        if not mine and costs is None:
            words = f"{words.rstrip()}{'' if brief else '   (timed when training rests)'}"
        lines.append(Content.styled(words, "bold" if trains else ""))
    return Content("\n").join(lines)


def plan_words(graph: Graph, plan: Plan) -> Content:
    """What the plan makes of the tape, in numbers."""
    tape, own = len(graph.operations) + len(graph.gradients), len(plan.rows)
    words = (
        f"{tape} operations on the tape, {own} in the plan; {len(plan.blocks)} blocks of memory take "
        f"{bytes_text(plan.bytes)} in place of {bytes_text(plan.unshared)}."
    )
    if not all(row.native for row in plan.rows):
        words += f" {FALLBACK} runs by the tape's function, and copies."
    return Content(words)


def _time(seconds: float) -> str:
    """A duration with a unit: 24 µs, 1.25 ms, 3.1 s."""
    for size, unit in ((1e-3, "µs"), (1.0, "ms")):
        if seconds < size:
            number = seconds * 1e3 / size
            return f"{number:.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"
    return f"{seconds:.1f} s"
