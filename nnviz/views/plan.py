"""Tape and plan side by side: the order each found, what the plan does in one go, and where memory is reused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnviz.network import Graph, Plan, shape_text
from nnviz.run import Costs
from nnviz.views.table import Line, Table
from nnviz.views.units import bytes_text, seconds_text

if TYPE_CHECKING:
    from nnviz.plan import Row

COMPARED, NAMED = 56, 78
"""Columns from which on the costs are compared in words, and from which on is said who does it so."""

FALLBACK = "*"
"""Stands behind an operation that the plan runs by the tape's own function."""

TAPE_HEADS = ("  #", " tape")
PLAN_HEADS = ("  #", " plan", " of tape", " output", " block", " till")
BRIEF_HEADS = ("  #", " plan", " of tape", " block")


WAYS = {"plan": ("define-then-run", "TensorFlow's graphs"), "tape": ("define-by-run", "PyTorch")}
"""What each stands for: how the order comes about, and who does it so."""


@dataclass(frozen=True, eq=False)
class PlanView:
    """Tape and plan of one network.

    Attributes:
        tape, plan: the rows of each.
        words: what the plan makes of the tape, in numbers.
    """

    tape: Table
    plan: Table
    words: str


def view(graph: Graph, plan: Plan, layer: int, brief: bool) -> PlanView:
    """Tape and plan, with the rows of the layer at position `layer` standing out; fewer columns where it is `brief`."""
    return PlanView(_tape(graph, layer), _plan(graph, plan, layer, brief), _words(graph, plan))


def _tape(graph: Graph, layer: int) -> Table:
    """Forward and backward as the tape goes."""
    ahead = len(graph.operations)

    def line(at: int) -> Line:
        node = graph.operations[at] if at < ahead else graph.nodes[graph.gradients[at - ahead]]
        return _line(node.layer == layer, node.number, f"{'' if at < ahead else '∂ '}{node.name}")

    first = next((at for at, node in enumerate(graph.operations) if node.layer == layer), None)
    return Table(TAPE_HEADS, ahead + len(graph.gradients), line, cursor=first)


def _plan(graph: Graph, plan: Plan, layer: int, brief: bool) -> Table:
    """The instructions, with those that stand for operations of `layer` standing out."""
    chosen = {node.number for node in graph.operations if node.layer == layer}

    def line(at: int) -> Line:
        row = plan.rows[at]
        name = f"{'∂ ' if row.direction == 'backward' else ''}{row.name}{'' if row.native else FALLBACK}"
        block = "grads" if row.block is None else f"{row.block}{' again' if row.reused else ''}"
        words = [name, _span(row), block]
        if not brief:
            words = [name, _span(row), shape_text(row.shape), block, str(row.needed_until)]
        return _line(bool(chosen & set(row.covers)), row.number, *words)

    first = next((at for at, row in enumerate(plan.rows) if chosen & set(row.covers)), None)
    return Table(BRIEF_HEADS if brief else PLAN_HEADS, len(plan.rows), line, cursor=first)


def _span(row: Row) -> str:
    """The numbers of the tape that a row stands for: `1-3`, or `2,5`."""
    covers = row.covers
    if len(covers) > 2 and covers[-1] - covers[0] == len(covers) - 1:
        return f"{covers[0]}-{covers[-1]}"
    return ",".join(map(str, covers))


def _line(chosen: bool, number: int, *words: str) -> Line:
    cells = (f"{'▸' if chosen else ' '}{number:>2}", *(f" {word[:40]}" for word in words))
    return Line(cells, "chosen" if chosen else "")


def ways(planned: bool, costs: Costs | None, width: int) -> tuple[tuple[str, bool], ...]:
    """Plan and tape, a line each: what each stands for, what a step costs, and whether it is the one that trains."""
    lines, brief = [], width < COMPARED
    for name, mine in (("plan", True), ("tape", False)):
        how, who = WAYS[name]
        named = f"{how} ({who})" if width >= NAMED else how
        cost = "" if costs is None else seconds_text(costs.plan if mine else costs.tape)
        room, own = 37 if width >= NAMED else 15, 6 if brief else 7
        words = f"{'▸' if mine == planned else ' '} {name} {named:<{room}} {cost:>{own}}"
        if costs is not None and not brief:
            words += " a step"
        if costs is not None and not mine:
            ratio = f"{costs.tape / costs.plan:.1f} ×"
            ratio = f" {ratio}" if brief else f", {ratio} the plan"
            words += ratio if len(words + ratio) <= width else ""
        if costs is None and not mine and not brief:
            words = f"{words.rstrip()}   (timed when training is idle)"
        lines.append((words.rstrip(), mine == planned))
    return tuple(lines)


def _words(graph: Graph, plan: Plan) -> str:
    """What the plan makes of the tape, in numbers."""
    tape, own = len(graph.operations) + len(graph.gradients), len(plan.rows)
    words = (
        f"{tape} operations on the tape, {own} in the plan; {len(plan.blocks)} blocks of memory take "
        f"{bytes_text(plan.bytes)} in place of {bytes_text(plan.unshared)}."
    )
    if not all(row.native for row in plan.rows):
        words += f" {FALLBACK} runs by the tape's function, and copies."
    return words


def named(width: int) -> str:
    """Who does it as the plan, and who as the tape; empty where the width has room for that above."""
    return "" if width >= NAMED else f" {', '.join(f'{name}: {who}' for name, (_, who) in WAYS.items())}."
