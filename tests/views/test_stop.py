"""What a stop says: true numbers, true names, and the whole of a element_lines."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd.formula import short
from nnviz.files.opened import open_model
from nnviz.network import PRESETS, Network, opening
from nnviz.registry import Spec
from nnviz.run import Run, Walk
from nnviz.views.element import place_text
from nnviz.views.stop import element_lines, stop_view, targets


def preset(name: str) -> Network:
    return next(one for one in PRESETS if one.name == name).make()


def walked(network: Network, predicting: bool = False) -> Walk:
    walk = Walk(Run(network), predicting=predicting)
    walk.reach(len(walk.stops))
    return walk


def value(text: str) -> float:
    return float(text.strip("()").replace("−", "-"))


@pytest.mark.parametrize("one", [p for p in PRESETS if p.name not in ("Broken", "Empty")], ids=lambda p: p.name)
def test_every_stop_of_every_preset_has_something_true_to_say(one) -> None:  # type: ignore[no-untyped-def]
    walk = walked(one.make())
    for position in range(len(walk.stops) + 1):
        view = stop_view(walk, position, (1, 1, 0, 0))
        assert view.head
        assert view.dependencies
        assert view.lines
        if not position:
            continue
        stop = walk.stops[position - 1]
        if stop.update:
            done, matrix = walk.updates[stop.node], view.matrices[-1]
            after, before, change = re.fullmatch(r"w\S*.* = (\S+), was (\S+) \(\+?(\S+)\)", view.number).groups()  # type: ignore[union-attr]
            assert matrix.chosen is not None
            assert value(before) == pytest.approx(float(done.before[matrix.chosen]), rel=1e-3)
            assert value(after) == pytest.approx(float(done.after[matrix.chosen]), rel=1e-3)
            assert value(change) == pytest.approx(
                float(done.after[matrix.chosen] - done.before[matrix.chosen]), rel=1e-3
            )
            assert view.lines[1].startswith("w ← ")
            assert view.lines[1].removesuffix(", where").endswith(f" = {after}")
            unfolded = element_lines(walk, position, (1, 1, 0, 0))
            optimizer = walk.network.settings.optimizer
            assert unfolded[0].endswith("updated by SGD" if optimizer.name == "SGD" else ", t = 1")
            assert unfolded[-2:] == [f"  = {after}", view.number]
            assert all(matrix.marked == {view.matrices[-1].chosen} for matrix in view.matrices[:-1])
        elif stop.backward:
            for target, slot in enumerate(targets(walk, stop.node)):
                chosen = stop_view(walk, position, (0, 1), target)
                matrix = next(m for m in chosen.matrices if m.chosen is not None)
                part = walk.parts[stop.node, slot][matrix.chosen]
                said = re.search(r"= (\S+?)(?:: no result depends on this element)?$", chosen.lines[1])
                assert said is not None
                assert value(said[1]) == pytest.approx(float(part), rel=1e-3, abs=1e-12)
                number = re.fullmatch(r"∂L/∂\w+(?:\[[\d, ]*])? = (\S+)(?: so far: \d+ of \d+ parts)?", chosen.number)
                assert number is not None, chosen.number
                assert value(number[1]) == pytest.approx(float(matrix.array[matrix.chosen]), rel=1e-3, abs=1e-12)
        else:
            matrix = view.matrices[-1]
            assert matrix.title == "out"
            name, _, said = view.number.partition(" = ")
            assert name == f"out{place_text(matrix.chosen)}"
            assert value(said) == pytest.approx(float(walk.values[stop.node][matrix.chosen]), rel=1e-3, abs=1e-12)


def test_a_neuron_is_every_weight_times_its_input_the_sum_the_bias_and_the_bend() -> None:
    walk = walked(opening())
    lines = element_lines(walk, 8, (3, 5))
    terms = [line for line in lines if line.startswith("  ")]
    assert len(terms) == 16
    total = value(re.search(r"Σ\s+(\S+)", terms[-1])[1])  # type: ignore[index]
    node = walk.stops[5].node
    assert total == pytest.approx(float(walk.values[node][3, 5]), rel=1e-3)
    assert lines[0].startswith("matmul₆[3, 5]: every weight times its input")
    assert lines[-2].startswith("add₇[3, 5] of matmul₆[3, 5], bias[5] = ")
    assert lines[-1].startswith("tanh₈[3, 5] of add₇[3, 5] = ")
    assert value(lines[-1].rpartition("= ")[2]) == pytest.approx(float(walk.values[walk.stops[7].node][3, 5]), rel=1e-3)


def test_a_residual_gradient_is_added_from_two_parts() -> None:
    walk = walked(preset("Residual"))
    back = range(walk.forward + 1, len(walk.stops) + 1)
    said = [stop_view(walk, p, None, target).lines[-1] for p in back for target in (0, 1)]
    assert any("part 1 of 2" in line for line in said)
    assert any("part 2 of 2" in line for line in said)


def test_the_start_says_what_is_given_and_what_is_ready() -> None:
    view = stop_view(walked(opening()), 0)
    assert "x (10, 2), y (10,) and 6 parameters" in view.lines[0]
    assert view.dependencies == "Ready: 1 transpose, 5 transpose, 9 transpose."


def test_a_prediction_says_that_it_needs_no_loss() -> None:
    assert "neither loss nor backward" in " ".join(stop_view(walked(opening(), predicting=True), 0).lines)


def test_elements_that_do_not_exist_become_the_nearest_that_does() -> None:
    walk = walked(opening())
    matrix = stop_view(walk, 2, (999, -5, 7)).matrices[-1]
    assert matrix.chosen == (9, 0)


def test_what_an_element_is_made_of_is_marked() -> None:
    walk = walked(opening())
    x, weight, out = stop_view(walk, 2, (4, 3)).matrices
    assert out.chosen == (4, 3)
    assert x.marked == {(4, 0), (4, 1)}
    assert weight.marked == {(0, 3), (1, 3)}
    assert np.isfinite(out.array).all()


def test_a_prediction_of_a_stack_that_cannot_run_does_not_claim_to_reach_the_output() -> None:
    layers = tuple(
        nn.layers.check(Spec.of("Linear", in_features=n, out_features=m)) for n, m in ((2, 4), (3, 4), (4, 2))
    )
    walk = walked(Network(layers, opening().settings), predicting=True)
    assert not walk.outline.complete
    assert "It ends where the stack cannot run." in stop_view(walk, 0).lines
    assert stop_view(walk, 3).dependencies.endswith("Nothing is left that can run.")


def test_a_prediction_needs_no_loss_that_fits() -> None:
    settings = replace(opening().settings, loss=nn.losses.check(Spec("MSELoss")))
    assert walked(Network(opening().layers, settings), predicting=True).outline.complete


def test_without_parameters_there_is_no_way_back() -> None:
    walk = walked(Network((nn.layers.check(Spec("Tanh")),), opening().settings))
    assert not walk.outline.has_backward
    assert "no parameters" in stop_view(walk, 0).lines[0]
    assert "no backward" in stop_view(walk, 0).lines[2]


def test_what_reads_the_same_twice_sends_two_parts() -> None:
    layers = (nn.layers.check(Spec.of("Linear", in_features=2, out_features=2)), nn.layers.check(Spec.of("Add", row=1)))
    walk = walked(Network(layers, opening().settings))
    back = next(
        p for p in range(walk.forward + 1, len(walk.stops) + 1) if len(targets(walk, walk.stops[p - 1].node)) == 2
    )
    node = walk.graph.nodes[walk.stops[back - 1].node]
    assert node.inputs[0] == node.inputs[1]
    assert walk.parts_of(node.inputs[0], back) == (2, 2)
    assert "part 2 of 2" in stop_view(walk, back).lines[-1]


def test_sums_of_very_many_terms_end_at_the_gradient() -> None:
    """A norm over 32 images of 8x8: 2,048 results move with its bias."""
    digits = preset("Digits, convolutions")
    norm = nn.layers.check(Spec.of("BatchNorm2d", num_features=8))
    walk = walked(digits.insert(1, norm))
    counts: set[int] = set()
    for position in range(walk.forward + 1, len(walk.stops) + 1):
        node = walk.stops[position - 1].node
        for target, slot in enumerate(targets(walk, node)):
            lines = element_lines(walk, position, (3,), target)
            if len(lines) < 1000:
                continue
            part = walk.parts[node, slot]
            index = next(m.chosen for m in stop_view(walk, position, (3,), target).matrices if m.chosen is not None)
            ends = re.search(r"Σ\s+(\S+)$", lines[-1])
            assert ends is not None
            assert value(ends[1]) == pytest.approx(float(part[index]), rel=1e-3)
            counted = re.search(r"… ([\d,]+) more", stop_view(walk, position, (3,), target).lines[1])
            assert counted is not None
            counts.add(int(counted[1].replace(",", "")) + 4)
    assert 32 * 8 * 8 in counts


def test_terms_through_which_something_comes_stand_first() -> None:
    walk = walked(opening())
    position = next(
        p
        for p in range(walk.forward + 1, len(walk.stops))
        if walk.graph.nodes[walk.stops[p - 1].node].name == "log_softmax"
    )
    upstream = walk.upstream[walk.stops[position - 1].node]
    said = stop_view(walk, position, (0, 0)).lines[1]
    first = re.search(r"derivative = (\S+) ·", said)
    assert first is not None
    assert value(first[1]) == pytest.approx(float(upstream[0].min()), rel=1e-3)


def test_a_row_of_a_reduction_names_the_first_of_what_it_reads() -> None:
    walk = walked(opening())
    (line,) = element_lines(walk, walk.forward, ())
    assert line.startswith("mean₁₄ of nll₁₃[0], nll₁₃[1], nll₁₃[2], nll₁₃[3] and 6 more = (")
    (line,) = element_lines(walk, 1, (0, 1))
    assert line.startswith("transpose₁[0, 1] of weight[1, 0] = a[1, 0] = ")


def test_a_rule_that_is_not_written_is_said_not_to_be() -> None:
    walk = walked(opening())
    position, node = len(walk.stops), walk.stops[-1].node
    walk.updates[node] = done = replace(walk.updates[node], rule=(), optimizer="Mine")
    view = stop_view(walk, position, (1,))
    assert view.lines == (
        "Mine, t = 1: the rule of Mine is not written element by element; what it did stands beside it",
    )
    np.testing.assert_array_equal(view.matrices[-1].array, done.after)
    assert element_lines(walk, position, (1,))[-1] == view.number


def test_where_an_update_is_cut_its_numbers_are_seen() -> None:
    """A narrow screen has nine lines of 48 columns: what w becomes, from which moments, and the rule come first."""
    walk = walked(open_model("spiral 2-8-2 tanh adam:0.01").network)
    view = stop_view(walk, len(walk.stops), (1,))
    done = walk.updates[walk.stops[-1].node]
    assert view.number.startswith(f"w[1] = {short(float(done.after[1]))}, was {short(float(done.before[1]))}")
    assert view.lines[0] == "Adam, t = 1: w ← w − lr · m̂ / (√v̂ + eps)"
    assert [line.split(" ←")[0] for line in view.lines[1:5]] == ["w", "m", "v", "m̂"]
    assert sum(-(-len(line) // 44) for line in view.lines[:6]) <= 9
    assert view.lines[-1].startswith("by m ← β₁ · m + (1 − β₁) · g;  v ←")
