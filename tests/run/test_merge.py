"""Linear after linear is one linear layer: the same outputs to rounding, and a network that goes on with it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor
from nnviz.errors import TrainingError
from nnviz.network import PRESETS, Network, linear_chains, opening, trace
from nnviz.registry import Spec
from nnviz.run import Run, Trainer, merge


def linears(*widths: int, bias: bool = True, before: tuple[Spec, ...] = ()) -> Network:
    layers = tuple(Spec.of("Linear", in_features=n, out_features=m, bias=bias) for n, m in itertools.pairwise(widths))
    return Network(tuple(nn.layers.check(layer) for layer in (*before, *layers)), opening().settings)


@pytest.mark.parametrize(
    "network", [linears(2, 2), linears(2, 5, 2), linears(2, 16, 16, 7, 2), linears(2, 4, 2, bias=False)]
)
def test_the_outputs_agree_to_1e_12(network: Network) -> None:
    trainer = Trainer(Run(network))
    steps = trainer.steps()
    for _ in range(20):
        next(steps)
    weights = trainer.checkpoint().parameters
    if len(network.layers) == 1:
        with pytest.raises(TrainingError, match="expected two linear layers"):
            merge(network, weights)
        return
    found = merge(network, weights)
    assert found.difference < 1e-12
    assert found.samples == len(trainer.data.train_x)
    # The network that has the one layer in their place says the same, up to float32.
    after = Trainer(Run(found.network, found.weights))
    x = trainer.data.train_x
    np.testing.assert_allclose(after.model(Tensor(x)).array, trainer.model(Tensor(x)).array, rtol=1e-4, atol=1e-5)
    assert len(found.network.layers) == 1
    assert dict(found.layer.arguments)["bias"] == dict(network.layers[0].arguments)["bias"]


def test_a_stretch_below_other_layers() -> None:
    network = linears(2, 2, 3, 2, before=(Spec.of("Linear", in_features=2, out_features=2), Spec("Tanh")))
    found = merge(network, {}, 3)
    assert (found.first, found.end) == (2, 5)
    assert found.difference < 1e-12
    assert trace(found.network).diagnostic is None
    assert list(found.weights) == ["2.weight", "2.bias"]


def test_what_a_later_layer_reads_is_not_merged_away() -> None:
    square = Spec.of("Linear", in_features=2, out_features=2)
    joined = Network(
        tuple(nn.layers.check(s) for s in (square, square, Spec.of("Add", row=1), square)), opening().settings
    )
    assert trace(joined).diagnostic is None
    assert linear_chains(joined) == []


def test_a_bend_between_is_no_stretch() -> None:
    with pytest.raises(TrainingError, match="expected two linear layers"):
        merge(opening(), {})


def test_the_preset_that_is_linear_only_is_one_layer() -> None:
    network = next(preset for preset in PRESETS if preset.name == "Linear only").make()
    found = merge(network, {})
    assert (found.first, found.end) == (0, len(network.layers))
