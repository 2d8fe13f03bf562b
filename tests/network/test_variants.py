"""Variants of a network: one thing is another, everything else stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.errors import NotSupportedError
from nnviz.network import PRESETS, Network, empty, opening, trace
from nnviz.network.presets import digits_cnn
from nnviz.network.variants import KINDS, variants
from nnviz.registry import Spec


def names(network: Network) -> list[str]:
    return [layer.name for layer in network.layers]


def test_every_activation_between_layers_is_replaced() -> None:
    found = dict(variants(opening(), "activation"))
    assert list(found) == ["Sigmoid", "Tanh", "ReLU", "LeakyReLU 0.2"]
    assert found["Tanh"] == opening()
    assert names(found["ReLU"]) == ["Linear", "ReLU", "Linear", "ReLU", "Linear"]
    assert all(one.ids == opening().ids for one in found.values())


def test_an_activation_at_the_end_says_what_the_outputs_mean() -> None:
    network = opening().insert(5, Spec("Sigmoid"))
    assert all(names(one)[-1] == "Sigmoid" for _, one in variants(network, "activation"))


def test_rates_lie_around_the_present_one() -> None:
    labels = [label for label, _ in variants(opening(), "rate")]
    assert labels == ["rate 0.001", "rate 0.003", "rate 0.01", "rate 0.03", "rate 0.1"]
    other = replace(opening().settings, optimizer=opening().settings.optimizer.replace(lr=0.02))
    assert [float(str(one.settings.optimizer.get("lr"))) for _, one in variants(opening().configure(other), "rate")] == [
        0.003, 0.01, 0.02, 0.03, 0.1,
    ]  # fmt: skip


def test_widths_are_those_of_all_hidden_layers() -> None:
    found = dict(variants(opening(), "width"))
    assert list(found) == ["width 8 8", "width 16 16", "width 32 32", "width 64 64"]
    sizes = [(layer.get("in_features"), layer.get("out_features")) for layer in found["width 32 32"].layers[::2]]
    assert sizes == [(2, 32), (32, 32), (32, 2)]


def test_widths_take_along_what_says_them_again() -> None:
    network = opening().insert(1, Spec.of("BatchNorm1d", num_features=16))
    found = dict(variants(network, "width"))
    assert found["width 8 8"].layers[1].get("num_features") == 8
    assert len(found) == 4


def test_seeds_and_the_rest() -> None:
    assert [one.settings.seed for _, one in variants(opening(), "seed")] == list(range(1, 9))
    assert {one.settings.optimizer.name for _, one in variants(opening(), "optimizer")} >= {"SGD", "Adam", "RMSprop"}
    kinds = [one.settings.initialization.name for _, one in variants(opening(), "initialization")]
    assert kinds[0] == "default"
    assert "kaiming_normal" in kinds


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("preset", [preset.make() for preset in PRESETS], ids=[preset.name for preset in PRESETS])
def test_all_of_them_run_or_there_are_none(preset: Network, kind: str) -> None:
    try:
        found = variants(preset, kind)
    except NotSupportedError as error:
        found, hint = (), error.hint
    assert found or hint
    assert len({label for label, _ in found}) == len(found)
    assert all(trace(one).diagnostic is None for _, one in found)


@pytest.mark.parametrize(
    ("network", "kind", "words"),
    [
        (opening().remove(3).remove(1), "activation", "no activation"),
        (digits_cnn(), "width", "no hidden layer"),
        (empty(), "seed", "no parameters"),
        (empty().configure(replace(empty().settings, optimizer=Spec.of("SGD", lr=0.0))), "rate", "the rate is 0"),
        (opening().change(0, Spec.of("Linear", in_features=3, out_features=16)), "seed", "cannot run"),
    ],
)
def test_what_has_nothing_of_a_kind_says_so(network: Network, kind: str, words: str) -> None:
    with pytest.raises(NotSupportedError, match=words):
        variants(network, kind)
