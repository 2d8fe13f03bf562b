"""What is offered against each fault: always something that was tried, and first what a teacher would do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz import nn
from nnviz.data import datasets
from nnviz.errors import ArgumentError
from nnviz.network import Network, empty, fixes, lint, next_error, opening, trace
from nnviz.registry import Spec, Value


def stack(*layers: Spec, data: str = "spiral", loss: str = "") -> Network:
    start = empty().settings
    chosen = replace(start, data=datasets.check(Spec(data)), batch=10)
    if loss:
        chosen = replace(chosen, loss=nn.losses.check(Spec(loss)))
    return Network(layers, chosen)


def of(name: str, **arguments: Value) -> Spec:
    """A layer with its defaults written out, whether or not its arguments are right."""
    plain = {a.name: a.default for a in nn.layers[name].arguments if not a.required}
    return Spec.of(name, **(plain | arguments))


def linear(n: int, m: int) -> Spec:
    return of("Linear", in_features=n, out_features=m)


def conv(n: int, m: int, kernel: int = 3, **more: Value) -> Spec:
    return of("Conv2d", in_channels=n, out_channels=m, kernel_size=kernel, **more)


def pool(kernel: int, name: str = "MaxPool2d", **more: Value) -> Spec:
    return of(name, kernel_size=kernel, **more)


FAULTS: list[tuple[Network, str]] = [
    (stack(linear(2, 8), of("BatchNorm2d", num_features=8), linear(8, 2)), "make layer 2 BatchNorm1d(8)"),
    (
        stack(conv(1, 4), of("BatchNorm1d", num_features=4), of("Flatten"), linear(144, 10), data="digits"),
        "make layer 2 BatchNorm2d(4)",
    ),
    (stack(conv(2, 8), linear(8, 2)), "make layer 1 Linear(2, 8)"),
    (
        stack(of("Flatten"), conv(1, 4), linear(144, 10), data="digits"),
        "move Flatten below layer 2 Conv2d",
    ),
    (stack(pool(2), linear(2, 2)), "remove layer 1 MaxPool2d"),
    (stack(pool(2, "AvgPool2d"), linear(2, 2)), "remove layer 1 AvgPool2d"),
    (
        stack(pool(2, padding=2), of("Flatten"), linear(25, 10), data="digits"),
        "layer 1 MaxPool2d: padding = 1",
    ),
    (
        stack(linear(2, 8), of("Tanh"), linear(8, 2), of("Add", row=2), linear(2, 2)),
        "layer 4 Add: row = 0",
    ),
    (
        stack(linear(2, 8), of("Tanh"), linear(8, 4), of("Add", row=2), linear(4, 2)),
        "layer 4 Add: row = 3",
    ),
    (stack(linear(2, 8), of("Add", row=3), linear(8, 2)), "layer 2 Add: row = 1"),
    (stack(of("Embedding", num_embeddings=9, embedding_dim=4), linear(4, 2)), "make layer 1 Linear(2, 4)"),
    (stack(linear(2, 2), of("Hardtanh", min_val=1.0, max_val=1.0)), "layer 2 Hardtanh: min_val = -1"),
    # The largest kernel would leave nothing for the pool below it.
    (
        stack(pool(9), pool(2), of("Flatten"), linear(4, 10), data="digits"),
        "layer 1 MaxPool2d: kernel_size = 2",
    ),
    # One pool too many goes: with a kernel of 1 it would do nothing.
    (
        stack(pool(2), pool(2), pool(2), pool(2), of("Flatten"), linear(1, 10), data="digits"),
        "remove layer 4 MaxPool2d",
    ),
    (stack(linear(1, 16), of("Tanh"), data="function", loss="MSELoss"), "add Linear(16, 1)"),
]


@pytest.mark.parametrize(("network", "first"), FAULTS, ids=[first for _, first in FAULTS])
def test_the_first_repair(network: Network, first: str) -> None:
    assert trace(network).diagnostic is not None
    assert fixes(network)[0].text == first


def test_the_last_linear_that_was_deleted_comes_back() -> None:
    network = opening().remove(len(opening().layers) - 1)
    first = lint(network)[0]
    assert "a Linear layer is missing" in first.message
    assert first.fix is not None
    assert first.fix.text == "add Linear(16, 2)"
    assert first.fix.network.layers == opening().layers


def test_a_repair_for_probabilities_adds_what_makes_them() -> None:
    offers = fixes(stack(linear(2, 16), of("Tanh"), linear(16, 2), loss="BCELoss"))
    assert offers[0].text == "layer 3 Linear: out_features = 1, and add Sigmoid"
    assert all(offer.network.layers[-1].name == "Sigmoid" for offer in offers)


def test_a_repair_says_what_is_next() -> None:
    network = stack(linear(3, 8), of("Tanh"), linear(9, 8), linear(8, 3), linear(4, 2))
    assert [next_error(offer) for offer in fixes(network)] == ["layer 3 Linear is next"]
    assert next_error(fixes(fixes(network)[0].network)[0]) == "layer 5 Linear is next"
    assert next_error(fixes(stack(linear(3, 2)))[0]) == ""


SOME = [
    linear(2, 8), linear(8, 2), linear(64, 10), conv(1, 4), conv(2, 4, 9), conv(1, 2, padding=1), pool(2), pool(9),
    pool(2, padding=2), pool(2, "AvgPool2d"), of("Flatten"), of("Tanh"), of("Softmax", dim=3), of("Dropout", p=0.5),
    of("BatchNorm1d", num_features=8), of("BatchNorm2d", num_features=4), of("LayerNorm", normalized_shape=8),
    of("Embedding", num_embeddings=9, embedding_dim=4), of("Add", row=1), of("Concat", row=0), of("Add", row=9),
    of("Hardtanh", min_val=1.0, max_val=1.0), of("PReLU", num_parameters=5), Spec("Lineer"), Spec.of("Linear"),
]  # fmt: skip


@given(st.lists(st.sampled_from(SOME), min_size=1, max_size=5), st.sampled_from(["spiral", "digits", "function"]))
@settings(deadline=None, max_examples=80)
def test_there_is_a_repair_for_every_fault_and_each_helps(layers: list[Spec], data: str) -> None:
    network = stack(*layers, data=data)
    before = trace(network)
    offers = fixes(network)
    if before.faulty is None:
        assert not offers
        return
    # Whatever a layer's fault is, the stack runs further without it; what a loss wants may be out of reach of one edit.
    assert offers or before.faulty == len(layers)
    for offer in offers:
        after = trace(offer.network)
        assert (after.faulty is None) == (not next_error(offer))
        assert after.faulty is None or len(offer.network.layers) - after.faulty < len(layers) - before.faulty


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,000", 1000), ("12,345,678", 12345678), ("16", 16), ("1e3", 1000), ("-1,000", -1000)],
)
def test_commas_between_thousands(text: str, number: int) -> None:
    argument = nn.layers["Flatten"].argument("start_dim")
    assert replace(argument, bounds=None).parse(text) == number


@pytest.mark.parametrize("text", ["16,5", "1,00", ",5", "5,", "1,0000", "1,000,5", "1_000", "0,001,00"])
def test_other_commas_are_refused(text: str) -> None:
    with pytest.raises(ArgumentError, match="expected a whole number"):
        nn.layers["Linear"].argument("in_features").parse(text)
