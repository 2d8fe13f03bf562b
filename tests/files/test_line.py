"""A network in one line, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.data import datasets
from nnviz.errors import NnvizError
from nnviz.files.line import line_of, network_of_line, why_no_line
from nnviz.network import PRESETS, Network, opening
from nnviz.nn import layers, losses
from nnviz.nn.init import initializers
from nnviz.optim import optimizers
from nnviz.registry import Spec


@pytest.mark.parametrize(
    ("line", "back"),
    [
        ("spiral 2-16-16-2 tanh adam:0.01 seed:1", None),
        ("SPIRAL   2-16-16-2  Tanh", "spiral 2-16-16-2 tanh adam:0.01 seed:1"),
        ("function 1-8-1 gelu sgd:0.1 shape:sine noise:0.2 momentum:0.9 nesterov:true batch:5 seed:7",
         "function 1-8-1 gelu sgd:0.1 noise:0.2 momentum:0.9 nesterov:True batch:5 seed:7"),
        ("digits 64-10", "digits 64-10 adam:0.01 seed:1"),
        ("circle 2-1 bcewithlogitsloss adam initialization:orthogonal", "circle 2-1 adam:0.001 bcewithlogitsloss initialization:orthogonal seed:1"),
    ],
)  # fmt: skip
def test_a_line_and_back(line: str, back: str | None) -> None:
    network = network_of_line(line)
    assert line_of(network) == (back or line)
    assert network_of_line(back or line) == network


def test_the_opening_network_is_said_in_one_line() -> None:
    assert network_of_line("spiral 2-16-16-2 tanh adam:0.01 seed:1") == opening()


def test_what_cannot_be_said_in_one_line_is_not() -> None:
    lines = {preset.name: line_of(preset.make()) for preset in PRESETS}
    assert [name for name, line in lines.items() if line is None] == [
        "The lesson's model", "Digits, convolutions", "Residual", "Broken", "Empty",
    ]  # fmt: skip
    for preset in PRESETS:
        line = lines[preset.name]
        assert line is None or network_of_line(line) == preset.make()


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        ("", "expected a line", "for example"),
        ("spirl 2-2", "no data set is called 'spirl'", "did you mean spiral?"),
        ("spiral", "the widths of the layers are missing", "for example"),
        ("spiral 2", "expected widths such as 2-16-2, got '2'", "for example"),
        ("spiral 2-0-2", "widths are 1 to 1,000,000", "for example"),
        ("spiral 2-99999999", "expected widths", "for example"),
        ("spiral 2-2 tanhh", "no activation, loss or optimizer is called 'tanhh'", "did you mean Tanh?"),
        ("spiral 2-2 tanh relu", "activation is given twice", "remove one"),
        ("spiral 2-2 adam sgd", "optimizer is given twice", "remove one"),
        ("spiral 2-2 seed:1 seed:2", "seed is given twice", "remove one"),
        ("spiral 2-2 adam:0.1 lr:0.2", "lr is given twice", "remove one"),
        ("spiral 2-2 lr:0.2 adam:0.1", "lr is given twice", "remove one"),
        ("spiral 2-2 adam:fast", "lr: expected a number", ""),
        ("spiral 2-2 adam:nan", "lr: expected a finite number", ""),
        ("spiral 2-2 seed:-1", "seed: expected a whole number", ""),
        ("spiral 2-2 nois:1", "'nois' is neither a setting nor an argument of spiral or Adam", "did you mean noise?"),
        ("spiral 2-2 momentum:0.9", "'momentum' is neither", "there are"),
        ("spiral 2-2 initialization:os.system", "no initializer is called 'os.system'", ""),
        ("spiral " + "2-" * 6_000 + "2", "expected a line of 1 to 10,000 characters", ""),
    ],
)
def test_a_wrong_line_is_told_with_what_would_be_right(line: str, message: str, hint: str) -> None:
    with pytest.raises(NnvizError) as caught:
        network_of_line(line)
    assert message in caught.value.message
    assert hint in caught.value.hint


WORDS = st.sampled_from(
    [
        "spiral",
        "digits",
        "2-16-2",
        "2-",
        "-2",
        "tanh",
        "adam:0.01",
        "adam:",
        "seed:1",
        "seed:",
        "batch:0",
        "noise:1e9",
        "samples:0",
        "[/]",
        "\x1b[31m",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(WORDS | st.text(max_size=8), max_size=8).map(" ".join))
def test_only_named_errors_escape(line: str) -> None:
    try:
        network = network_of_line(line)
    except NnvizError:
        return
    said = line_of(network)
    assert said is None or network_of_line(said) == network


PRESET_NETWORKS = [preset.make() for preset in PRESETS]


@st.composite
def lines(draw: st.DrawFn) -> str:
    """A valid line with any of its words."""
    data = draw(st.sampled_from([entry for entry in datasets if entry.name != "file"]))
    inner = draw(st.lists(st.integers(1, 64), max_size=4))
    words = [data.name, "-".join(map(str, [2, *inner, 2]))]
    optional = [
        draw(st.sampled_from([entry.name.lower() for entry in layers if entry.category == "activation"])),
        f"{draw(st.sampled_from([entry.name.lower() for entry in optimizers]))}:{draw(st.floats(1e-6, 10))}",
        draw(st.sampled_from([entry.name.lower() for entry in losses])),
        f"batch:{draw(st.integers(1, 1_000))}",
        f"seed:{draw(st.integers(0, 2**32 - 1))}",
        f"initialization:{draw(st.sampled_from([entry.name for entry in initializers]))}",
    ]
    kept = draw(st.lists(st.sampled_from(optional), unique=True))
    return " ".join([*words, *draw(st.permutations(kept))])


@given(lines())
def test_every_line_is_said_again_and_means_the_same(line: str) -> None:
    network = network_of_line(line)
    said = line_of(network)
    assert said is not None, why_no_line(network)
    assert network_of_line(said) == network


@given(st.sampled_from(PRESET_NETWORKS), st.lists(st.integers(0, 2**16), min_size=0, max_size=3))
def test_an_edited_network_is_said_exactly_or_it_is_said_why_not(network: Network, edits: list[int]) -> None:
    for edit in edits:
        if not network.layers:
            break
        at = edit % len(network.layers)
        if edit % 3 == 0:
            network = network.remove(at)
        elif edit % 3 == 1:
            network = network.insert(at, network.layers[edit // 3 % len(network.layers)])
        else:
            network = network.insert(at, layers.check(Spec("ReLU")))
    said = line_of(network)
    if said is None:
        assert why_no_line(network) not in ("", "a line cannot say all of it")
    else:
        assert network_of_line(said) == network


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda n: n.insert(1, Spec.of("Add", row=0)), "layer 2, Add, is a join layer, which cannot be said in a line"),
        (lambda n: n.change(0, Spec.of("Linear", in_features=2, out_features=16, bias=False)), "has an argument that cannot be said"),
        (lambda n: n.change(1, Spec("ReLU")), "one activation, between any two Linear layers"),
        (lambda n: n.remove(1), "one activation, between any two Linear layers"),
        (lambda n: n.remove(0), "one activation, between any two Linear layers"),
        (lambda n: n.configure(replace(n.settings, loss=losses.check(Spec.of("CrossEntropyLoss", label_smoothing=0.1)))),
         "an argument of CrossEntropyLoss cannot be said in a line"),
        (lambda n: n.insert(0, layers.check(Spec("Flatten"))), "for images a line begins with Flatten, and for other data it has none"),
        (lambda _: network_of_line("digits 64-10 seed:1").remove(0), "for images a line begins with Flatten"),
        (lambda n: replace(n, layers=()), "a line has one Linear layer at least"),
    ],
)  # fmt: skip
def test_why_there_is_no_line(change: Callable[[Network], Network], why: str) -> None:
    network = change(opening())
    assert line_of(network) is None
    assert why in why_no_line(network)
