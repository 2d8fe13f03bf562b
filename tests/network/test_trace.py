"""The shape trace, its faults and their repairs, on the lesson's model and on random stacks."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz import nn
from nnviz.autograd import Tensor
from nnviz.data import datasets
from nnviz.network import (
    Network,
    build_loss,
    build_model,
    empty,
    fit_to_data,
    fix_all,
    fixes,
    job_of,
    lint,
    opening,
    trace,
)
from nnviz.registry import Spec
from nnviz.run import Run, Trainer

LESSON = (("Linear", 10, 5), ("Sigmoid",), ("Linear", 5, 8), ("Softmax",))


def layer(name: str, *sizes: int) -> Spec:
    return nn.layers.check(Spec.of(name, **dict(zip(("in_features", "out_features"), sizes, strict=False))))


def lesson() -> Network:
    network = empty()
    for position, (name, *sizes) in enumerate(LESSON):
        network = network.insert(position, layer(name, *sizes))
    return network


def with_data(network: Network, name: str, batch: int = 10) -> Network:
    return network.configure(replace(network.settings, data=datasets.check(Spec(name)), batch=batch))


def test_the_lessons_shapes() -> None:
    found = trace(lesson())
    assert found.input == (4, 10)
    assert [row.output for row in found.rows] == [(4, 5), (4, 5), (4, 8), (4, 8)]
    assert [row.parameters for row in found.rows] == [55, 0, 48, 0]
    assert (found.parameters, found.bytes) == (103, 412)
    assert found.target == (4,)
    assert found.diagnostic is None
    assert "softmax twice" in lint(lesson())[0].message


def test_the_lessons_graph() -> None:
    graph = trace(lesson()).graph
    assert [(n.number, n.name, graph.waits_for(n), n.shape, n.layer) for n in graph.operations] == [
        (1, "transpose", "weight", (10, 5), 0),
        (2, "matmul", "x, 1", (4, 5), 0),
        (3, "add", "2, bias", (4, 5), 0),
        (4, "sigmoid", "3", (4, 5), 1),
        (5, "transpose", "weight", (5, 8), 2),
        (6, "matmul", "4, 5", (4, 8), 2),
        (7, "add", "6, bias", (4, 8), 2),
        (8, "softmax", "7", (4, 8), 3),
        (9, "log_softmax", "8", (4, 8), 4),
        (10, "nll", "9, y", (4,), 4),
        (11, "mean", "10", (), 4),
    ]


def test_a_mismatch_keeps_the_rows_above_and_says_what_pytorch_says() -> None:
    network = lesson().change(2, layer("Linear", 8, 8))
    found = trace(network)
    assert [row.output for row in found.rows] == [(4, 5), (4, 5), None, None]
    assert found.faulty == 2
    assert found.diagnostic is not None
    assert found.diagnostic.message == "mat1 and mat2 shapes cannot be multiplied (4x5 and 8x8)"
    assert found.diagnostic.explanation == (
        "layer 2 (Sigmoid) gives 4x5: a batch of 4 with 5 features each; "
        "8x8 is this layer's W.T: in_features=8 by out_features=8"
    )
    assert [node.name for node in found.graph.operations] == ["transpose", "matmul", "add", "sigmoid"]


def test_the_lessons_fault_and_its_repair() -> None:
    network = empty().insert(0, layer("Linear", 8, 5))
    fault = trace(network).diagnostic
    assert fault is not None
    assert fault.message == "mat1 and mat2 shapes cannot be multiplied (4x10 and 8x5)"
    offers = fixes(network)
    assert offers[0].text == "layer 1 Linear: in_features = 10"
    assert offers[0].network.layers == (layer("Linear", 10, 5),)


def test_images_want_flatten() -> None:
    network = with_data(Network((layer("Linear", 64, 10),), empty().settings), "digits", 32)
    offer = fixes(network)[0]
    assert offer.text == "insert Flatten above layer 1"
    assert [row.output for row in trace(offer.network).rows] == [(32, 64), (32, 10)]
    # A Linear that takes the last dimension alone runs, and the loss is where it fails.
    late = with_data(Network((layer("Linear", 8, 10),), empty().settings), "digits", 32)
    assert trace(late).faulty == 1
    fixed, done = fix_all(late)
    assert done == ["insert Flatten above layer 1, in_features = 64"]
    assert trace(fixed).diagnostic is None


@pytest.mark.parametrize(
    ("data", "loss", "out", "words", "repair"),
    [
        ("digits", "CrossEntropyLoss", 8, "Target 9 is out of bounds.", "layer 2 Linear: out_features = 10"),
        ("circle", "MSELoss", 2, "Found dtype Long but expected Float", "use CrossEntropyLoss, made for classification"),
        ("function", "CrossEntropyLoss", 1, "expected target dtype to be Long or Byte, but got Float", "use MSELoss, made for regression"),
        ("function", "MSELoss", 3, "the output (10, 3) and the target (10, 1) have different shapes", "layer 2 Linear: out_features = 1"),
    ],
)  # fmt: skip
def test_a_loss_that_does_not_fit(data: str, loss: str, out: int, words: str, repair: str) -> None:
    network = with_data(Network((layer("Flatten"),), empty().settings), data)
    features = int(np.prod(job_of(network).schema.sample_shape))
    network = network.insert(1, layer("Linear", features, out))
    network = network.configure(replace(network.settings, loss=Spec(loss)))
    found = trace(network)
    assert found.loss_diagnostic is not None
    assert found.loss_diagnostic.message == words
    assert found.faulty == 2
    offer = fixes(network)[0]
    assert offer.text == repair
    assert trace(offer.network).diagnostic is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"out_features": 0}, "out_features: expected a whole number, at least 1 and at most 1,000,000, got 0"),
        ({"out_features": -1}, "out_features: expected a whole number, at least 1 and at most 1,000,000, got -1"),
        ({"out_features": 10**9}, "out_features: expected a whole number, at least 1 and at most 1,000,000, got 1,000,000,000"),
    ],
)  # fmt: skip
def test_sizes_out_of_bounds_are_a_fault_of_their_row(change: dict[str, int], words: str) -> None:
    network = empty().insert(0, Spec.of("Linear", **({"in_features": 10, "out_features": 5} | change)))
    fault = trace(network).rows[0].diagnostic
    assert fault is not None
    assert fault.message == words


IMAGES_OUT_OF_BOUNDS: list[tuple[Spec, str]] = [
    (Spec.of("Conv2d", in_channels=1, out_channels=2, kernel_size=9), "Calculated padded input size per channel: (8 x 8). Kernel size: (9 x 9). Kernel size can't be greater than actual input size"),
    (Spec.of("MaxPool2d", kernel_size=9), "Given input size: (1x8x8). Calculated output size: (1x0x0). Output size is too small"),
    (Spec.of("MaxPool2d", kernel_size=2, padding=2), "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2 and dilation=1"),
    (Spec.of("Conv2d", in_channels=1, out_channels=2, stride=0), "stride: expected a whole number, at least 1 and at most 1,000, got 0"),
    (Spec.of("Conv2d", in_channels=10**9, out_channels=2), "in_channels: expected a whole number, at least 1 and at most 1,000,000, got 1,000,000,000"),
    (Spec.of("Conv2d", in_channels=3, out_channels=2), "Given groups=1, weight of size [2, 3, 3, 3], expected input[10, 1, 8, 8] to have 3 channels, but got 1 channels instead"),
    (Spec.of("AvgPool2d", kernel_size=0), "kernel_size: expected a whole number, at least 1 and at most 1,000, got 0"),
    (Spec.of("Dropout", p=1.5), "p: expected a number, at least 0 and at most 1, got 1.5"),
    (Spec.of("Dropout", p=float("nan")), "p: expected a finite number, got nan"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "words"), IMAGES_OUT_OF_BOUNDS)
def test_what_images_cannot_go_through_is_a_fault(spec: Spec, words: str) -> None:
    found = trace(with_data(empty().insert(0, spec), "digits"))
    assert found.faulty == 0
    assert found.rows[0].diagnostic is not None
    assert found.rows[0].diagnostic.message == words


@pytest.mark.parametrize(("batch", "repaired"), [(1, 2), (83, 84), (249, 250)])
def test_a_batch_of_one_and_batch_norm(batch: int, repaired: int) -> None:
    network = opening().insert(1, nn.layers.check(Spec.of("BatchNorm1d", num_features=16)))
    network = network.configure(replace(network.settings, batch=batch))
    found = trace(network)
    assert found.faulty == 1
    fault = found.rows[1].diagnostic
    assert fault is not None
    assert fault.message == "Expected more than 1 value per channel when training, got input size torch.Size([1, 16])"
    assert found.rows[0].output == (batch, 16)
    assert all(row.output is None for row in found.rows[1:])
    if batch > 1:
        assert fault.explanation == f"250 samples in batches of {batch} leave 1 for the last"
    offer = fixes(network)[0]
    assert offer.text == f"settings: batch = {repaired}"
    steps = Trainer(Run(offer.network)).steps()
    assert all(np.isfinite(step.loss) for step in itertools.islice(steps, 5))


def test_too_large_is_refused_before_anything_is_allocated() -> None:
    network = empty().insert(0, layer("Linear", 10, 1_000_000)).insert(1, layer("Linear", 1_000_000, 1_000_000))
    fault = trace(network).diagnostic
    assert fault is not None
    assert fault.message.startswith("too large: its parameters")
    assert trace(network).faulty == 1
    # 0.6 GiB of weights alone, and four times that to train them.
    fault = trace(empty().insert(0, layer("Linear", 10, 16_000)).insert(1, layer("Linear", 16_000, 10_000))).diagnostic
    assert fault is not None
    assert "2.4 GiB" in fault.message


def test_unknown_layers_are_faults_with_a_suggestion() -> None:
    fault = trace(empty().insert(0, Spec("os.system"))).diagnostic
    assert fault is not None
    assert fault.message == "no layer is called 'os.system'"
    fault = trace(empty().insert(0, Spec("Reru"))).diagnostic
    assert fault is not None
    assert fault.explanation == "did you mean ReLU?"


def test_an_empty_stack_says_what_to_do() -> None:
    assert lint(empty())[0].message == "The stack is empty."


stacks = st.lists(
    st.one_of(
        st.builds(lambda n, m: layer("Linear", n, m), st.integers(1, 6), st.integers(1, 6)),
        st.sampled_from([layer(n) for n in ("Sigmoid", "Tanh", "ReLU", "LeakyReLU", "Softmax", "Flatten", "Dropout")]),
    ),
    max_size=7,
)
data_names = st.sampled_from(["spiral", "digits", "function", "lesson", "plane"])


@pytest.mark.parametrize(
    ("name", "offers"),
    [("linaer", ["layer 1: Linear", "remove layer 1 linaer"]), ("\x1b]0;", ["remove layer 1 \x1b]0;"])],
)
def test_a_layer_nobody_knows_is_replaced_or_removed(name: str, offers: list[str]) -> None:
    last = opening().layers[-1]
    network = Network((Spec(name, opening().layers[0].arguments), *opening().layers[1:]), opening().settings)
    found = fixes(network)
    assert [offer.text for offer in found][: len(offers)] == offers[: len(found)]
    if name == "linaer":
        assert found[0].network == opening()
    else:
        # Without the first layer the next one takes the data's size instead.
        assert [spec.name for spec in found[0].network.layers] == ["Tanh", "Linear", "Tanh", "Linear"]
    assert found[0].network.layers[-1] == last


@given(stacks, data_names)
@settings(deadline=None, max_examples=60)
def test_a_stack_without_fault_runs_and_has_the_shapes_it_said(layers: list[Spec], data: str) -> None:
    network, _ = fit_to_data(with_data(Network(tuple(layers), opening().settings), data))
    found = trace(network)
    if found.diagnostic is not None:
        # Whoever begins with an empty stack wants to build it: what would read the data out is offered, not taken.
        assert not network.layers
        return
    sets = job_of(network).data()
    x = Tensor(sets.train_x[:10])
    for row, module in zip(found.rows, build_model(network), strict=True):
        assert x.shape == row.input
        x = module(x)
        assert x.shape == row.output
        assert sum(p.array.size for p in module.parameters()) == row.parameters
    assert build_loss(network)(x, Tensor(sets.train_y[:10])).shape == ()


@given(stacks, data_names)
@settings(deadline=None, max_examples=60)
def test_offered_repairs_always_help(layers: list[Spec], data: str) -> None:
    network = with_data(Network(tuple(layers), opening().settings), data)
    before = trace(network)
    for offer in fixes(network):
        after = trace(offer.network)
        assert before.faulty is not None
        assert after.faulty is None or len(offer.network.layers) - after.faulty < len(layers) - before.faulty


@given(stacks, data_names)
@settings(deadline=None, max_examples=60)
def test_the_graph_is_in_topological_order(layers: list[Spec], data: str) -> None:
    graph = trace(with_data(Network(tuple(layers), opening().settings), data)).graph
    for place, node in enumerate(graph.nodes):
        assert all(source < place for source in node.inputs)
    assert [node.number for node in graph.operations] == list(range(1, len(graph.operations) + 1))
