"""The numbers of the graph explained: the order, the costs of plan and tape, or the chosen element of a walk."""

from __future__ import annotations

from nnviz.lab import Lab, with_keys
from nnviz.network import plan_of, shape_text, trace
from nnviz.run import Walk
from nnviz.views import graph
from nnviz.views.explained.explained import Explained, explained
from nnviz.views.units import seconds_text


def of_graph(lab: Lab, walk: Walk | None) -> list[Explained]:
    """The numbers of the page."""
    if lab.walking:
        return _element(lab, walk)
    return [*_costs(lab), *(_planned(lab) if lab.graph == "plan" else _order(lab))]


def _element(lab: Lab, walk: Walk | None) -> list[Explained]:
    """The chosen element, with the computation behind it."""
    if walk is None or walk.reached < lab.walk.position or not lab.walk.position:
        return []
    found = graph.stop(lab, walk)
    name, _, value = found.number.partition(" = ")
    if not value:
        return []
    lines = "\n".join(with_keys(line, {}) for line in found.lines)
    return [Explained(name, value, "", lines, f"{found.head}. {found.dependencies}")]


def _costs(lab: Lab) -> list[Explained]:
    costs = lab.status.costs
    if costs is None:
        return []
    words = "the median of several steps of each kind, taken in turn while training rests"
    micro = {"t": 1e6 * costs.tape, "p": 1e6 * costs.plan}
    return [
        Explained("plan", f"{seconds_text(costs.plan)} a step", words=words, value=costs.plan),
        explained("tape", f"{costs.tape / costs.plan:.1f} × the plan", "t / p", micro, f"µs a step; {words}"),
    ]


def _planned(lab: Lab) -> list[Explained]:
    """What the plan makes of the tape, and of its memory."""
    plan, graph = plan_of(lab.network), trace(lab.network).graph
    if plan is None:
        return []
    values = {"forward": len(graph.operations), "backward": len(graph.gradients)}
    tape = values["forward"] + values["backward"]
    saved = {"own": plan.bytes, "unshared": plan.unshared}
    alone = "the bytes of all results in the blocks, by those of results with memory of their own"
    return [
        explained("operations on the tape", f"{tape}", "forward + backward", values, "each recorded at every step"),
        Explained("operations in the plan", f"{len(plan.rows)}", words="those that belong together are done in one go"),
        Explained("blocks", f"{len(plan.blocks)}", words="of memory, used again once a result is needed no longer"),
        explained("memory", f"{100 * plan.bytes / max(plan.unshared, 1):.0f} %", "own / unshared", saved, alone),
    ]


def _order(lab: Lab) -> list[Explained]:
    """Why the operations of the selected layer stand where they stand."""
    shown = graph.shown_graph(lab)
    found = []
    for node in shown.operations:
        if node.layer == lab.row - 1:
            waits = shown.waits_for(node)
            words = f"its place: it waits for {waits}, and comes after that" if waits else "it waits for nothing"
            found.append(Explained(f"{node.number} {node.name}", shape_text(node.shape), node.formula, words=words))
    return found
