"""Hints: each where it holds and nowhere else, with a fix that runs and takes it away; presets; folded graphs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn
from nnviz.data import datasets
from nnviz.network import PRESETS, Graph, Network, fix_all, fixes, folded, lint, opening, trace
from nnviz.registry import Spec
from nnviz.run import Run, Trainer


def network(*specs: Spec, data: str = "spiral", loss: str = "CrossEntropyLoss") -> Network:
    settings = replace(opening().settings, data=datasets.check(Spec(data)), loss=nn.losses.check(Spec(loss)))
    return Network(tuple(nn.layers.check(spec) for spec in specs), settings)


def linear(n: int, m: int) -> Spec:
    return Spec.of("Linear", in_features=n, out_features=m)


CASES = {
    "softmax twice": (network(linear(2, 2), Spec("Softmax")), "softmax twice", "remove layer 2 Softmax"),
    "log-softmax twice": (network(linear(2, 2), Spec("LogSoftmax")), "second time changes nothing", "remove layer 2"),
    "bounded scores": (network(linear(2, 2), Spec("Tanh")), "cannot become confident", "remove layer 2 Tanh"),
    "bounds of its own": (network(linear(2, 2), Spec("Hardtanh")), "Hardtanh before CrossEntropyLoss", "remove layer 2 Hardtanh"),
    "sure of little": (network(linear(2, 3), Spec("Softsign"), Spec("Identity")), "79%", "remove layer 2 Softsign"),
    "no gradient below 0": (network(linear(2, 2), Spec("ReLU")), "nothing is learned from a sample", "remove layer 2 ReLU"),
    "softmax, then nothing": (network(linear(2, 2), Spec("Softmax"), Spec("Identity")), "softmax twice", "remove layer 2"),
    "half the probabilities": (network(linear(2, 1), Spec("ReLU"), loss="BCEWithLogitsLoss"), "of 50% or more", "remove"),
    "few probabilities": (network(linear(2, 1), Spec("Tanh"), loss="BCEWithLogitsLoss"), "from 27% to 73%", "remove"),
    "a share of one": (network(linear(2, 1), Spec("Softmax"), loss="BCELoss"), "it always gives 1", "make layer 2 Sigmoid"),
    "along the samples": (network(linear(2, 2), Spec.of("LogSoftmax", dim=0)), "along the samples", "dim = 1"),
    "linear, nothing, linear": (
        network(linear(2, 8), Spec("Identity"), Spec.of("Dropout", p=0.0), linear(8, 2)), "Layers 1 to 4", "insert Tanh",
    ),
    "sigmoid twice": (network(linear(2, 1), Spec("Sigmoid"), loss="BCEWithLogitsLoss"), "sigmoid twice", "remove layer 2"),
    "no probabilities": (network(linear(2, 1), loss="BCELoss"), "BCELoss expects probabilities", "add Sigmoid as layer 2"),
    "no log": (network(linear(2, 2), loss="NLLLoss"), "NLLLoss expects log-probabilities", "add LogSoftmax"),
    "no log after softmax": (network(linear(2, 2), Spec("Softmax"), loss="NLLLoss"), "NLLLoss expects", "make layer 2 LogSoftmax"),
    "out of reach": (network(linear(2, 1), Spec("ReLU"), data="plane", loss="MSELoss"), "out of reach", "remove layer 2 ReLU"),
    "more scores": (network(linear(2, 5)), "5 scores", "out_features = 2"),
    "linear after linear": (network(linear(2, 8), linear(8, 2)), "Layers 1 and 2 are linear", "insert Tanh"),
    "wide": (network(linear(2, 500), Spec("ReLU"), linear(500, 2)), "500 wide", "out_features = 32"),
}  # fmt: skip


MANY = ("NLLLoss expects", "NLLLoss expects log-probabilities", "cannot become confident", "softmax twice")
"""Remarks that more than one of these stacks deserves."""


@pytest.mark.parametrize("name", CASES)
def test_each_hint_says_why_and_its_fix_takes_it_away(name: str) -> None:
    stack, words, fix = CASES[name]
    assert trace(stack).diagnostic is None
    found = [hint for hint in lint(stack) if words in hint.message]
    assert len(found) == 1
    assert found[0].fix is not None
    assert found[0].fix.text.startswith(fix) or fix in found[0].fix.text
    assert trace(found[0].fix.network).diagnostic is None
    assert not any(words in hint.message for hint in lint(found[0].fix.network))


@pytest.mark.parametrize("name", CASES)
def test_a_hint_stands_where_it_holds_alone(name: str) -> None:
    for other, (stack, _, _) in CASES.items():
        words = CASES[name][1]
        if other != name and words not in MANY:
            assert not any(words in hint.message for hint in lint(stack)), other


SILENT = {
    "probabilities passed on": network(linear(2, 1), Spec("Sigmoid"), Spec("Identity"), loss="BCELoss"),
    "probabilities, flat": network(linear(2, 1), Spec("Sigmoid"), Spec("Flatten"), loss="BCELoss"),
    "probabilities by bounds": network(
        linear(2, 1), Spec.of("Hardtanh", min_val=0.0, max_val=1.0), loss="BCELoss"
    ),
    "log-probabilities passed on": network(linear(2, 2), Spec("LogSoftmax"), Spec("Identity"), loss="NLLLoss"),
    "scores without bounds": network(linear(2, 2), Spec("Softplus")),
    "dropout between": network(linear(2, 8), Spec.of("Dropout", p=0.5), linear(8, 2)),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_what_is_right_is_not_remarked_upon(name: str) -> None:
    assert trace(SILENT[name]).diagnostic is None
    assert lint(SILENT[name]) == ()


@pytest.mark.parametrize("name", ["probabilities passed on", "probabilities, flat", "probabilities by bounds"])
def test_what_gives_probabilities_trains_with_a_loss_of_probabilities(name: str) -> None:
    trainer = Trainer(Run(SILENT[name]))
    for _ in zip(range(200), trainer.steps(), strict=False):
        pass
    assert np.isfinite(trainer.evaluate().train_loss)


def test_bounded_scores_are_never_surer_than_is_said() -> None:
    """Two scores within ±1: at most 1 / (1 + e^−2), 88 %."""
    assert "88%" in lint(CASES["bounds of its own"][0])[0].message
    scores = np.array([1.0, -1.0])
    assert (np.exp(scores) / np.exp(scores).sum()).max() == pytest.approx(0.8808, abs=1e-4)


def test_a_fix_is_one_of_the_very_network_that_stands_there() -> None:
    """Networks that are equal may have layers of another origin: each keeps its own weights."""
    one = network(linear(2, 8), linear(8, 8), linear(8, 2))
    other = one.remove(1).insert(1, nn.layers.check(linear(8, 8)))
    assert other == one
    for stack in (one, other):
        fix = lint(stack)[0].fix
        assert fix is not None
        assert [own for own in fix.network.ids if own in stack.ids] == list(stack.ids)


def test_a_good_network_and_a_faulty_one_get_no_hints() -> None:
    assert lint(opening()) == ()
    assert lint(network(linear(3, 2))) == ()


def test_a_fix_of_a_network_that_goes_on_learning_helps() -> None:
    """Softmax twice learns slowly: after the fix the loss is lower in the same number of steps."""
    stack = network(linear(2, 16), Spec("Tanh"), linear(16, 2), Spec("Softmax"), data="circle")
    fix = lint(stack)[0].fix
    assert fix is not None
    ends = []
    for one in (stack, fix.network):
        trainer = Trainer(Run(one))
        steps = trainer.steps()
        for _ in range(500):
            next(steps)
        ends.append(trainer.evaluate().train_loss)
    assert ends[1] < 0.5 * ends[0]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_is_what_it_says(preset) -> None:  # type: ignore[no-untyped-def]
    stack = preset.make()
    fault = trace(stack).diagnostic
    assert (fault is not None) == (preset.name == "Broken")
    assert preset.look
    if preset.name in ("Spirals", "Playground's default", "Digits, dense", "Digits, convolutions", "Residual"):
        assert lint(stack) == ()
        trainer = Trainer(Run(stack))
        steps = trainer.steps()
        before = trainer.evaluate().train_loss
        for _ in range(3 * trainer.steps_per_epoch):
            next(steps)
        assert trainer.evaluate().train_loss < before


def test_the_broken_preset_is_a_chain_of_faults_that_repair_all_mends() -> None:
    broken = next(preset for preset in PRESETS if preset.name == "Broken").make()
    mended, done = fix_all(broken)
    assert len(done) >= 3
    assert trace(mended).diagnostic is None


def test_a_kernel_larger_than_the_image_is_offered_three_ways_out() -> None:
    big = Spec.of("Conv2d", in_channels=1, out_channels=2, kernel_size=11)
    stack = network(big, Spec("Flatten"), linear(2, 10), data="digits")
    offers = fixes(stack)
    assert [offer.text for offer in offers] == [
        "layer 1 Conv2d: kernel_size = 8", "layer 1 Conv2d: padding = 2", "remove layer 1 Conv2d",
    ]  # fmt: skip


def test_a_loss_of_values_on_classes_is_exchanged_together_with_the_number_of_outputs() -> None:
    found = fixes(network(linear(2, 1), loss="MSELoss"))
    assert found[0].text == "use CrossEntropyLoss, made for classification, and layer 1 Linear: out_features = 2"
    assert trace(found[0].network).diagnostic is None
    assert fixes(network(linear(2, 2), loss="MSELoss"))[0].text == "use CrossEntropyLoss, made for classification"


def test_a_dimension_that_does_not_exist_becomes_that_of_the_numbers() -> None:
    found = fixes(network(linear(2, 2), Spec.of("Softmax", dim=5)))
    assert [repair.text for repair in found] == ["layer 2 Softmax: dim = 1"]


def test_scores_that_are_images_get_a_read_out() -> None:
    stack = network(Spec.of("Conv2d", in_channels=1, out_channels=3, kernel_size=3), data="digits")
    offers = fixes(stack)
    assert any(offer.text == "add Flatten and Linear(108, 10)" for offer in offers)
    assert all(trace(offer.network).diagnostic is None for offer in offers)


def test_each_repair_in_order_sets_the_layer_and_then_the_one_above() -> None:
    stack = network(linear(2, 16), Spec("ReLU"), linear(12, 2))
    assert [offer.text for offer in fixes(stack)] == [
        "layer 3 Linear: in_features = 16", "layer 1 Linear: out_features = 12",
    ]  # fmt: skip


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_folded_graph_keeps_the_order_and_who_waits_for_whom(preset) -> None:  # type: ignore[no-untyped-def]
    graph = trace(preset.make()).graph
    layers = {node.layer for node in graph.nodes if node.number}
    for chosen in ({}, {min(layers, default=0): "one"}, {layer: f"layer {layer}" for layer in layers}):
        small, places = folded(graph, chosen)
        assert len(places) == len(graph.nodes)
        assert_order(small)
        for i, node in enumerate(graph.nodes):
            if node.number:
                assert small.nodes[places[i]].layer == node.layer
        kept = [node for node in graph.nodes if node.number and node.layer not in chosen]
        assert len(small.operations) == len(kept) + len(chosen if layers else ())
        for i, node in enumerate(graph.nodes):
            for source in node.inputs:
                # Who waits for another layer's result still does.
                if node.number and graph.nodes[source].number and graph.nodes[source].layer != node.layer:
                    assert places[source] in small.nodes[places[i]].inputs


def assert_order(graph: Graph) -> None:
    for at, node in enumerate(graph.nodes):
        assert all(source < at for source in node.inputs)
