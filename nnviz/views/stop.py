"""The view model of one stop of a walk: its dependencies, its computation, and where its gradient flows."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.autograd.formula import factor, short
from nnviz.autograd.operation import Array, Shape
from nnviz.lab import literal
from nnviz.network import UPDATE, Graph, GraphNode, Stop, Toposort
from nnviz.run import Walk
from nnviz.views import update
from nnviz.views.answer import answer
from nnviz.views.element import Application, chain_of, letter_of, made_of, place_text, reads
from nnviz.views.local import Local, named, operand

FEW = 4
"""Of what is ready, and of terms on a line, so many are named."""

MANY = 1_000
"""Terms that are unfolded, a line each."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """An array to be looked at.

    Attributes:
        title: what it is.
        array: its numbers.
        chosen: the element that is spoken of; None where none is.
        marked: the elements that go into the chosen one, or that it goes into.
        open: whether another element of it can be chosen.
        source: on the way back, the node whose gradient it is.
        name: what the formula calls it, which is all that a narrow title says; the title's first word where left out.
    """

    title: str
    array: Array
    chosen: Shape | None = None
    marked: frozenset[Shape] = frozenset()
    open: bool = False
    source: int | None = None
    name: str = ""


@dataclass(frozen=True, eq=False)
class StopView:
    """What there is to see at a stop.

    Attributes:
        head: the operation, and the place in the walk.
        dependencies: what it waited for, and what is ready now.
        lines: the formula, and the formula with numbers in it; a command id in braces is a placeholder for its key.
        matrices: inputs and output; on the way back gradients.
        number: the chosen element and its number; empty where there is none.
    """

    head: str
    dependencies: str
    lines: tuple[str, ...]
    matrices: tuple[Matrix, ...] = ()
    number: str = ""


def stop_view(
    walk: Walk, position: int, chosen: Shape | None = None, target: int = 0, toposort: Toposort | None = None
) -> StopView:
    """The stop number `position` of a walk that has reached it; 0 is the start.

    Args:
        walk: the walk.
        position: which stop.
        chosen: the element that is spoken of, the first where it does not exist.
        target: on the way back, which of the gradients that are passed on is spoken of.
        toposort: the stops as they are shown; each by itself where left out.
    """
    toposort = toposort or walk.outline.toposort()
    if position == 0:
        return _start(walk, toposort)
    node = walk.graph.nodes[walk.stops[position - 1].node]
    if walk.stops[position - 1].update:
        return _update_view(walk, toposort, position, chosen)
    if walk.stops[position - 1].backward:
        lines, matrices = _backward_view(walk, position, chosen, target)
    else:
        lines, matrices = _forward_view(walk, position, chosen)
        # Before the formula, which may be long.
        lines = (*answer(walk, position, within(chosen, walk.value(walk.stops[position - 1].node).shape)), *lines)
    shown = tuple(map(literal, lines))
    number = next((_number(walk, position, matrix) for matrix in matrices if matrix.chosen is not None), "")
    return StopView(_head(walk, position, node), _dependencies(walk, toposort, position), shown, matrices, number)


def _update_view(walk: Walk, toposort: Toposort, position: int, chosen: Shape | None) -> StopView:
    """The stop at which the optimizer updates a parameter."""
    node = walk.stops[position - 1].node
    done = walk.updates[node]
    index = within(chosen, done.after.shape)
    marked = frozenset() if index is None else frozenset({index})
    *given, (title, after) = update.arrays(done)
    before = (Matrix(name, array, marked=marked) for name, array in given)
    matrices = (*before, Matrix(title, after, index, open=True, name=title))
    head, waited = _head(walk, position, walk.graph.nodes[node]), _dependencies(walk, toposort, position)
    shown = tuple(map(literal, update.lines(done, index)))
    return StopView(head, waited, shown, matrices, "" if index is None else update.number(done, index))


def _number(walk: Walk, position: int, matrix: Matrix) -> str:
    """The chosen element by the formula's name for its array, and its number."""
    assert matrix.chosen is not None  # noqa: S101 (what the caller has asked)
    said = f"{matrix.name or matrix.title}{place_text(matrix.chosen)} = {short(matrix.array[matrix.chosen])}"
    if matrix.source is None:
        return said
    done, total = walk.parts_of(matrix.source, position)
    return said if done == total else f"{said} so far: {done} of {total} parts"


def application(walk: Walk, node: int) -> Application:
    """The operation at a node with what it was computed from."""
    one = walk.graph.nodes[node]
    assert one.operation is not None  # noqa: S101 (only operations are stops)
    return Application(one.operation, walk.inputs(node), walk.values[node], walk.attributes(node))


def letters(graph: Graph, node: int) -> list[str]:
    """What the inputs of an operation are called in its formula."""
    one = graph.nodes[node]
    assert one.operation is not None  # noqa: S101 (only operations have inputs)
    return [letter_of(one.operation, slot) for slot in range(len(one.inputs))]


def within(chosen: Shape | None, shape: Shape) -> Shape | None:
    """The chosen element, or the nearest one that there is; None where there is none at all."""
    if 0 in shape:
        return None
    found = (0,) * len(shape) if chosen is None else (*chosen, *(0,) * len(shape))[: len(shape)]
    return tuple(min(max(at, 0), size - 1) for at, size in zip(found, shape, strict=True))


def _start(walk: Walk, toposort: Toposort) -> StopView:
    given = [node for node in walk.graph.nodes if not node.number]
    data = ", ".join(f"{node.name} {node.shape}" for node in given if node.kind == "input")
    count = sum(node.kind == "parameter" for node in given)
    parameters = "1 parameter" if count == 1 else f"{count} parameters" if count else "no parameters"
    if not walk.outline.complete:
        end = "It ends where the stack cannot run."
    elif walk.predicting:
        end = "It ends at the output: predicting needs neither loss nor backward."
    elif not walk.outline.has_backward:
        end = "It ends at the loss: without parameters there is nothing to learn, and no backward."
    else:
        end = "Forward ends at the loss, backward goes in reverse, and the optimizer comes last."
    return StopView(
        f"start · 0 of {walk.forward} forward · step {walk.step:,}",
        f"Ready: {_listed(toposort, toposort.ready(0))}.",
        (
            f"Nothing is computed yet. Given are {data} and {parameters}.",
            "An operation is ready once all it depends on is computed; each counts how many of those are left.",
            end,
            "{walk_next} computes the next operation, {walk_play} plays them all.",
        ),
    )


def _listed(toposort: Toposort, stops: Sequence[int]) -> str:
    """The first few by name; of several updates only how many they are."""
    updates = [p for p in stops if toposort.parts(p)[0] == UPDATE]
    named = [p for p in stops if p not in updates or len(updates) == 1]
    listed = ", ".join(toposort.name(p) for p in named[:FEW]) + (" …" if len(named) > FEW else "")
    return ", ".join(filter(None, (listed, f"{len(updates)} updates" if len(updates) > 1 else ""))) or "nothing is left"


def _dependencies(walk: Walk, toposort: Toposort, position: int) -> str:
    needs = toposort.needs(position)
    waited = f"It waited for {_listed(toposort, needs)}" if needs else "It waited for nothing but what is given"
    if position == len(walk.stops):
        return f"{waited}. {'All is computed' if walk.outline.complete else 'Nothing is left that can run'}."
    return f"{waited}. Ready now: {_listed(toposort, toposort.ready(position))}."


def _forward_view(walk: Walk, position: int, chosen: Shape | None) -> tuple[tuple[str, ...], tuple[Matrix, ...]]:
    at = walk.stops[position - 1].node
    node, one, names = walk.graph.nodes[at], application(walk, at), letters(walk.graph, at)
    sources = [walk.graph.nodes[i] for i in node.inputs]
    index = within(chosen, one.out.shape)
    read = reads(one, index) if index is not None else [[] for _ in sources]
    lines = [f"{node.formula}    {', '.join(_where(walk.graph, at))}".rstrip()]
    if index is not None:
        lines.append(f"out{place_text(index)} = {made_of(one, index)}")
        lines += _on_padding(one, read)
    matrices = [
        Matrix(_meaning(letter, source.symbol), array, marked=frozenset(places))
        for letter, source, array, places in zip(names, sources, one.inputs, read, strict=True)
    ]
    return tuple(lines), (*matrices, Matrix("out", one.out, index, open=True))


def _where(graph: Graph, node: int, used: Collection[str] | None = None) -> list[str]:
    """Which node each letter of an operation's formula is, or each of those that are `used`."""
    pairs = zip(letters(graph, node), graph.nodes[node].inputs, strict=True)
    named = [(letter, graph.nodes[source].symbol) for letter, source in pairs if used is None or letter in used]
    return list(dict.fromkeys(_meaning(letter, symbol) for letter, symbol in named if letter != symbol))


def _meaning(letter: str, symbol: str) -> str:
    """Which node a letter is; `x = x` says no more than x."""
    return letter if letter == symbol else f"{letter} = {symbol}"


def _head(walk: Walk, position: int, node: GraphNode) -> str:
    stop, found = walk.stops[position - 1], walk.outline
    way, sign = f"{position} of {found.forward} forward", ""
    if stop.backward:
        way, sign = f"{position - found.forward} of {found.backward} backward", "∂ "
    if stop.update:
        way = f"{stop.update} of {found.updates} update{'s' if found.updates > 1 else ''}"
        sign = f"{UPDATE} "
    return f"{sign}{node.label} · {way} · {walk.owner(node)} · step {walk.step:,}"


def targets(walk: Walk, node: int) -> list[int]:
    """The inputs of an operation, by number, into whose gradients its own is passed on."""
    return [slot for slot in range(len(walk.graph.nodes[node].inputs)) if (node, slot) in walk.parts]


def _backward_view(
    walk: Walk, position: int, chosen: Shape | None, target: int
) -> tuple[tuple[str, ...], tuple[Matrix, ...]]:
    stop = walk.stops[position - 1]
    node = walk.graph.nodes[stop.node]
    one, g = application(walk, stop.node), walk.upstream[stop.node]
    names, open_slots = letters(walk.graph, stop.node), targets(walk, stop.node)
    slot = open_slots[min(target, len(open_slots) - 1)]
    index = within(chosen, one.inputs[slot].shape)
    upstream = "1, where backward starts" if walk.forward + 1 == position else f"∂L/∂{node.symbol}"
    lines = [_gradient_formula(walk.graph, stop.node, slot, upstream)]
    local: Local | None = None
    marked: frozenset[Shape] = frozenset()
    if index is not None:
        chain = chain_of(one, slot, index, g)
        marked = frozenset(chain.places)
        part = float(walk.parts[stop.node, slot][index])
        sums = " + ".join(f"{factor(t.upstream)} · {factor(t.local)}" for t in chain.nonzero_first(FEW))
        more = f" + … {chain.count - FEW:,} more" if chain.count > FEW else ""
        said = f"{sums}{more} = {short(part)}" if sums else "0: no result depends on this element"
        lines.append(f"Σ upstream · local derivative = {said}")
        lines.append(_added(walk, position, stop, slot, index, names[slot]))
        symbols = [walk.graph.nodes[source].symbol for source in node.inputs]
        local = operand(one, slot, index, chain, names, symbols)
    matrices = [Matrix("upstream", g, marked=marked)]
    if local is not None:
        matrices.append(Matrix(local.title, local.array, marked=local.marked, name=local.name))
    for other in open_slots:
        arrived = walk.gradient(node.inputs[other], position)
        name, symbol = f"∂L/∂{names[other]}", walk.graph.nodes[node.inputs[other]].symbol
        if arrived is not None:
            here = index if other == slot else None
            title = name if names[other] == symbol else f"{name}, {names[other]} = {symbol}"
            matrices.append(Matrix(title, arrived, here, open=True, source=node.inputs[other], name=name))
    return tuple(lines), tuple(matrices)


def _gradient_formula(graph: Graph, node: int, slot: int, upstream: str) -> str:
    """The formula of the gradient of an input, and what the names in it are."""
    one = graph.nodes[node]
    assert one.operation is not None  # noqa: S101 (only operations are stops)
    formula, letter = one.operation.gradient_formula(slot), letters(graph, node)[slot]
    # An input that is neither in the formula nor what it is of would only be in the way.
    used = {letter, *re.findall("[A-Za-z]+", formula)}
    where = [f"upstream = {upstream}", *_where(graph, node, used), *([f"out = {one.symbol}"] if "out" in used else ())]
    return f"∂L/∂{letter} = {formula or 'upstream · local derivative'}    {', '.join(where)}"


def _added(walk: Walk, position: int, stop: Stop, slot: int, index: Shape, letter: str) -> str:
    """Into which gradient a part goes, and how much of that is there."""
    source = walk.graph.nodes[stop.node].inputs[slot]
    done, total = walk.parts_of(source, position)
    arrived = walk.gradient(source, position)
    assert arrived is not None  # noqa: S101 (this very stop sent a part)
    name = f"∂L/∂{letter}{place_text(index)}, the gradient of {walk.graph.nodes[source].symbol}"
    if total == 1:
        return f"→ into {name}: this is all of it"
    return f"→ added into {name}: part {done} of {total}, now {short(arrived[index])}"


def element_lines(walk: Walk, position: int, chosen: Shape | None, target: int = 0) -> list[str]:
    """The scalar computation behind an element, unfolded: one line a term.

    On a forward stop, through activations and biases back to the sum they start from. On a backward stop, one line for
    each result that the gradient flows through.
    """
    if position == 0:
        return ["Nothing is computed yet: {walk_next} computes the first operation."]
    stop = walk.stops[position - 1]
    if stop.update:
        return [literal(line) for line in _update_lines(walk, stop.node, chosen)]
    if stop.backward:
        return [literal(line) for line in _backward_lines(walk, stop, chosen, target)]
    index = within(chosen, walk.values[stop.node].shape)
    if index is None:
        return ["There is no element."]
    chain = _elementwise_chain(walk, stop.node, index)
    lines: list[str] = []
    for node, at in chain:
        lines += _forward_lines(walk, node, at)
    return [literal(line) for line in lines]


def _update_lines(walk: Walk, node: int, chosen: Shape | None) -> list[str]:
    done, one = walk.updates[node], walk.graph.nodes[node]
    index = within(chosen, done.after.shape)
    return ["There is no element."] if index is None else update.unfolded(done, f"{walk.owner(one)}, {one.name}", index)


def _on_padding(one: Application, read: Sequence[Sequence[Shape]]) -> list[str]:
    """That products with the zeros of a padding are left out, where there are some."""
    if one.operation.name != "conv2d":
        return []
    taps = int(np.prod(one.inputs[1].shape[1:]))
    out = taps - len(read[0])
    lie = "lies" if out == 1 else "lie"
    return [f"{out:,} of {taps:,} products {lie} on the padding: 0, and left out"] if out else []


def _elementwise_chain(walk: Walk, node: int, index: Shape) -> list[tuple[int, Shape]]:
    """The operations that made an element one number from another, from the sum they start with on."""
    chain = [(node, index)]
    while True:
        node, index = chain[0]
        one = walk.graph.nodes[node]
        if not (one.operation and one.operation.elementwise):
            return chain
        # Follow the data, not the parameters.
        sources = [i for i in one.inputs if walk.graph.nodes[i].number]
        if len(sources) != 1 or walk.graph.nodes[sources[0]].shape != one.shape:
            return chain
        chain.insert(0, (sources[0], index))


def _forward_lines(walk: Walk, node: int, index: Shape) -> list[str]:
    """One operation, with a line for each pair that is multiplied, and a running sum."""
    graph, one = walk.graph, application(walk, node)
    label = f"{graph.nodes[node].symbol}{place_text(index)}"
    places = reads(one, index)
    product = one.operation.name in ("matmul", "conv2d")
    names = [graph.nodes[i].symbol for i in graph.nodes[node].inputs]
    if not product:
        of = [f"{name}{place_text(at)}" for name, own in zip(names, places, strict=True) for at in own]
        more = f" and {len(of) - FEW:,} more" if len(of) > FEW else ""
        said = f"{label} of {', '.join(of[:FEW])}{more}" if of else label
        return [f"{said} = {made_of(one, index)} = {short(one.out[index])}"]
    lines = [f"{label}: every weight times its input, and the sum so far", *_on_padding(one, places)]
    total = 0.0
    for a, b in zip(places[0], places[1], strict=True):
        x, w = float(one.inputs[0][a]), float(one.inputs[1][b])
        total += x * w
        whose = f"{names[0]}{place_text(a)} · {names[1]}{place_text(b)}"
        lines.append(_line(f"{factor(x):>12} · {factor(w):>12} = {short(x * w):>10}", total, whose))
    for at in places[2] if len(places) > 2 else ():
        bias = float(one.inputs[2][at])
        total += bias
        lines.append(_line(f"{'+':>27} {factor(bias):>12}", total, f"{names[2]}{place_text(at)}"))
    return lines


def _line(pair: str, total: float, whose: str) -> str:
    """A term with the running sum; the names come last, because narrow screens cut them off."""
    return f"  {pair}   Σ {short(total):>10}   {whose}".rstrip()


def _backward_lines(walk: Walk, stop: Stop, chosen: Shape | None, target: int) -> list[str]:
    graph, one = walk.graph, application(walk, stop.node)
    slots = targets(walk, stop.node)
    slot = slots[min(target, len(slots) - 1)]
    index = within(chosen, one.inputs[slot].shape)
    if index is None:
        return ["There is no element."]
    symbols = [graph.nodes[source].symbol for source in graph.nodes[stop.node].inputs]
    out = graph.nodes[stop.node].symbol
    chain = chain_of(one, slot, index, walk.upstream[stop.node])
    lines = [
        f"∂L/∂{symbols[slot]}{place_text(index)} through {out}: {one.operation.gradient_formula(slot)}",
        "upstream times local derivative, and the sum so far",
    ]
    if chain.selective:
        lines.append("results that do not move with it, whose local derivative is 0, are left out")
    total = 0.0
    for term in chain.terms(MANY):
        total += term.product
        pair = f"{factor(term.upstream):>12} · {factor(term.local):>12} = {short(term.product):>10}"
        local = named(one, slot, index, term.index, out, symbols)
        lines.append(_line(pair, total, f"∂L/∂{out}{place_text(term.index)} · {local}"))
    if not chain.count:
        lines.append("  no result depends on this element: its gradient is 0")
    if chain.count > MANY:
        part = float(walk.parts[stop.node, slot][index])
        lines.append(_line(f"… {chain.count - MANY:,} more: {short(part - total)}".rjust(40), part, ""))
    return lines
