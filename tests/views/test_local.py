"""What the upstream gradient is multiplied by: the operand that is drawn, and the element that a row names."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import operations
from nnviz.network import PRESETS, Network, opening
from nnviz.registry import Spec
from nnviz.run import Run, Walk
from nnviz.views.element import Application
from nnviz.views.local import partner
from nnviz.views.stop import element_lines, stop_view, targets


def walked(network: Network) -> Walk:
    walk = Walk(Run(network))
    walk.reach(len(walk.stops))
    return walk


def back_of(walk: Walk, name: str) -> int:
    """The first stop that goes back through an operation of that name."""
    found = [p for p, stop in enumerate(walk.stops, 1) if stop.backward and walk.graph.nodes[stop.node].name == name]
    return found[0]


@pytest.mark.parametrize("name", [name for name, one in operations.items() if one.partner is not None])
def test_the_partner_is_what_an_element_is_multiplied_by(name: str) -> None:
    """Of every element and every result: the local derivative is the partner, and the others have none."""
    operation, compared = operations[name], 0
    for sample in operation.samples():
        out = np.asarray(operation.forward(*sample.arrays, **sample.attributes))
        if not 0 < out.size <= 60:
            continue
        one = Application(operation, sample.arrays, out, sample.attributes)
        for at in np.ndindex(out.shape):
            one_hot = np.zeros(out.shape)
            one_hot[at] = 1
            for slot in (0, 1):
                local = one.gradient(slot, one_hot)
                assert local is not None
                for index in map(tuple, np.argwhere(local)):
                    own = tuple(map(int, index))
                    assert one.inputs[1 - slot][partner(one, slot, own, at)] == pytest.approx(local[own], rel=1e-12)
                    compared += 1
    assert compared > 100


def test_the_window_of_a_convolution_is_what_its_gradient_reaches() -> None:
    operation = operations["conv2d"]
    for sample in operation.samples():
        shapes = [array.shape for array in sample.arrays]
        arrays = tuple(np.abs(array) + 1 for array in sample.arrays)
        out = operation.forward(*arrays, **sample.attributes)
        for at in list(np.ndindex(out.shape))[:20]:
            one_hot = np.zeros(out.shape)
            one_hot[at] = 1
            assert operation.reads is not None
            read = operation.reads(at, *shapes, **sample.attributes)
            assert read is not None
            for slot, rule in enumerate(operation.rules(len(arrays))):
                assert rule is not None
                reached = rule(one_hot, out, *arrays, **sample.attributes)
                assert read[slot] == [tuple(map(int, place)) for place in np.argwhere(reached)]
            products = sum(sample.arrays[0][a] * sample.arrays[1][b] for a, b in zip(read[0], read[1], strict=True))
            true = operation.forward(*sample.arrays, **sample.attributes)[at]
            assert products + sum(sample.arrays[2][b] for b in (read[2] if len(read) > 2 else ())) == pytest.approx(
                true
            )


def test_of_a_product_the_other_operand_is_drawn_transposed_with_what_matters_marked() -> None:
    walk = walked(opening())
    position = back_of(walk, "matmul")
    view = stop_view(walk, position, (3, 5), 0)
    assert view.lines[0].startswith("∂L/∂a = upstream · bᵀ    upstream = ∂L/∂matmul₁₀, a = tanh₈, b = transpose₉")
    upstream, other, to_a, _ = view.matrices
    node = walk.graph.nodes[walk.stops[position - 1].node]
    np.testing.assert_array_equal(other.array, walk.values[node.inputs[1]].T)
    assert other.title == "bᵀ, b = transpose₉"
    assert upstream.marked == {(3, 0), (3, 1)}
    assert other.marked == {(0, 5), (1, 5)}
    # Row 3 of the one times column 5 of the other, as they are drawn, is the gradient of the element.
    product = sum(upstream.array[3, k] * other.array[k, 5] for k in range(2))
    assert product == pytest.approx(to_a.array[3, 5], rel=1e-5)
    view = stop_view(walk, position, (3, 1), 1)
    assert view.lines[0].startswith("∂L/∂b = aᵀ · upstream")
    upstream, other, _, to_b = view.matrices
    assert other.title == "aᵀ, a = tanh₈"
    assert other.marked == {(3, k) for k in range(10)}
    assert sum(other.array[3, k] * upstream.array[k, 1] for k in range(10)) == pytest.approx(to_b.array[3, 1], rel=1e-5)


def test_rows_of_a_convolution_name_the_pixel_and_the_tap() -> None:
    walk = walked(next(one for one in PRESETS if one.name == "Digits, convolutions").make())
    last = max(p for p, stop in enumerate(walk.stops, 1) if stop.backward)
    lines = element_lines(walk, last, (2, 0, 1, 1), 0)
    assert lines[0] == "∂L/∂weight[2, 0, 1, 1] through conv2d₁: Σ of upstream · x over samples and places"
    rows = [re.search(r"(\S+) · +(\S+) = .*∂L/∂conv2d₁\[(.*)] · x\[(.*)]$", line) for line in lines]
    found = [row for row in rows if row is not None]
    assert len(found) == 1000
    x = walk.values[next(i for i, node in enumerate(walk.graph.nodes) if node.name == "x")]
    for row in found:
        at, place = (tuple(map(int, text.split(", "))) for text in row.groups()[2:])
        # The middle tap lies on the pixel of the result's own place.
        assert place == (at[0], 0, at[2], at[3])
        assert float(row[2].strip("()").replace("−", "-")) == pytest.approx(float(x[place]), rel=1e-3, abs=1e-12)
    view = stop_view(walk, last, (2, 0, 1, 1), 0)
    drawn = next(matrix for matrix in view.matrices if matrix.title == "x")
    assert len(drawn.marked) == 32 * 64


def test_the_formula_says_which_node_each_of_its_letters_is_and_no_other() -> None:
    walk = walked(next(one for one in PRESETS if one.name == "Digits, convolutions").make())
    last = max(p for p, stop in enumerate(walk.stops, 1) if stop.backward)
    said = [stop_view(walk, last, None, target).lines[0].split("    ")[1] for target in (0, 1)]
    assert said == ["upstream = ∂L/∂conv2d₁, w = weight", "upstream = ∂L/∂conv2d₁, b = bias"]
    spirals = walked(opening())
    said = [stop_view(spirals, back_of(spirals, name)).lines[0] for name in ("mean", "tanh")]
    assert said[0] == "∂L/∂a = upstream / n    upstream = 1, where backward starts, a = nll₁₃"
    assert said[1] == "∂L/∂z = upstream · (1 − out²)    upstream = ∂L/∂tanh₈, z = add₇, out = tanh₈"


def test_other_local_derivatives_are_drawn_as_numbers_and_named_with_their_places() -> None:
    walk = walked(opening())
    position = back_of(walk, "log_softmax")
    view = stop_view(walk, position, (1, 1))
    drawn = next(matrix for matrix in view.matrices if matrix.title == "∂out/∂z[1, 1]")
    p = np.exp(walk.values[walk.stops[position - 1].node])
    assert drawn.array[1] == pytest.approx([-p[1, 1], 1 - p[1, 1]], rel=1e-5)
    assert not drawn.array[[0, 2, 3]].any()
    assert element_lines(walk, position, (1, 1))[-1].endswith(
        "∂L/∂log_softmax₁₂[1, 1] · ∂log_softmax₁₂[1, 1]/∂add₁₁[1, 1]"
    )
    # What only passes the gradient on has nothing to be multiplied by.
    assert not any("∂out" in matrix.title for matrix in stop_view(walk, back_of(walk, "add")).matrices)


def test_a_factor_that_broadcasts_is_named_where_it_stands() -> None:
    layers = tuple(nn.layers.check(spec) for spec in (Spec.of("Linear", in_features=2, out_features=4), Spec.of("LayerNorm", normalized_shape=4), Spec.of("Linear", in_features=4, out_features=2)))  # fmt: skip
    walk = walked(replace(opening(), layers=layers, ids=()))
    position = back_of(walk, "mul")
    node = walk.graph.nodes[walk.stops[position - 1].node]
    slot = next(n for n, source in enumerate(node.inputs) if walk.graph.nodes[source].number)
    target = targets(walk, walk.stops[position - 1].node).index(slot)
    assert element_lines(walk, position, (3, 2), target)[-1].endswith(" · weight[2]")


@pytest.mark.long
def test_no_name_in_a_formula_reads_as_a_product() -> None:
    """A number, a blank and a name is how a list names an operation; in a formula it would be a factor."""
    for preset in PRESETS:
        if preset.name in ("Broken", "Empty"):
            continue
        walk = walked(preset.make())
        for position, stop in enumerate(walk.stops, 1):
            for target in range(len(targets(walk, stop.node)) if stop.backward else 1):
                view = stop_view(walk, position, (0, 1), target)
                said = [
                    *view.lines,
                    view.number,
                    *(m.title for m in view.matrices),
                    *element_lines(walk, position, (0, 1), target),
                ]
                for line in said:
                    for node in walk.graph.nodes:
                        assert not (node.number and re.search(rf"(?<![\d.]){node.label}\b", line)), (line, node.label)
