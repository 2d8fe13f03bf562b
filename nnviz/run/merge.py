"""Linear after linear is linear: the one layer that a stretch of them equals, and the proof by numbers.

W₂ (W₁ x + b₁) + b₂ = (W₂ W₁) x + (W₂ b₁ + b₂), and so on for more of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np

from nnviz import nn
from nnviz.autograd import Tensor, no_grad
from nnviz.autograd.operation import Array
from nnviz.errors import TrainingError
from nnviz.network import Network, build_model, job_of, linear_chains
from nnviz.nn.facts import LinearLayer
from nnviz.registry import Spec
from nnviz.run.checkpoint import Weights

SAMPLES = 1000
"""Training samples, at most, on which the two are compared."""


@dataclass(frozen=True, eq=False)
class Merge:
    """A stretch of Linear layers, and the one they equal.

    Attributes:
        first, end: the stretch, as positions; `end` is the one after the last.
        layer: the one layer.
        biased: of each Linear of the stretch, whether it has a bias.
        weight, bias: its W (out_features, in_features) and b (out_features,), in float64.
        difference: the largest difference between the outputs of both, as a share of the largest output.
        samples: on how many samples.
        network: the network with the one in place of them.
        weights: what that one starts with there, by path.
    """

    first: int
    end: int
    layer: Spec
    biased: tuple[bool, ...]
    weight: Array
    bias: Array
    difference: float
    samples: int
    network: Network
    weights: Weights


def merge(network: Network, weights: Weights, at: int | None = None) -> Merge:
    """The one layer that a stretch of Linear layers equals: the stretch at position `at`, else the first there is.

    It takes as long as there are data: the outputs of both are compared over training samples.

    Args:
        network: a stack that runs.
        weights: what its layers have learned, by path; the rest is as the seed gives it.
        at: a position within the stretch that is meant.

    Raises:
        TrainingError: no two linear layers follow each other directly.
    """
    stretches = linear_chains(network)
    if not stretches:
        raise TrainingError(
            "expected two linear layers that follow each other directly, got none",
            "delete the activation between two",
        )
    first, end = next((one for one in stretches if at is not None and one[0] <= at < one[1]), stretches[0])
    model = build_model(network)
    own = model.state_dict()
    given = {path: array for path, array in weights.items() if path in own and own[path].shape == array.shape}
    model.load_state_dict({**own, **given})
    stretch = zip(list(model.double())[first:end], network.layers[first:end], strict=True)
    layers = [cast(LinearLayer, layer) for layer, spec in stretch if nn.facts_of(spec).linear]
    weight, bias = _product(layers)
    x = _stretch_inputs(model, network, first)
    with no_grad():
        out = Tensor(x)
        for layer in layers:
            out = layer(out)
    merged = x @ weight.T + bias
    scale = max(float(np.abs(out.array).max(initial=0)), 1e-300)
    biased = tuple(layer.bias is not None for layer in layers)
    spec = nn.usual.linear(weight.shape[1], weight.shape[0], bias=any(biased))
    after = network
    for _ in range(end - first - 1):
        after = after.remove(first + 1)
    start = {f"{first}.weight": weight.astype(np.float32)} | (
        {f"{first}.bias": bias.astype(np.float32)} if any(biased) else {}
    )
    difference = float(np.abs(out.array - merged).max(initial=0)) / scale
    return Merge(first, end, spec, biased, weight, bias, difference, len(x), after.change(first, spec), start)


def _product(layers: list[LinearLayer]) -> tuple[Array, Array]:
    """W and b of all of them together."""
    weight, bias = np.eye(layers[0].weight.shape[1]), np.zeros(layers[0].weight.shape[1])
    for layer in layers:
        w = layer.weight.array
        weight, bias = w @ weight, w @ bias + (0 if layer.bias is None else layer.bias.array)
    return weight, bias


def _stretch_inputs(model: nn.Sequential, network: Network, first: int) -> Array:
    """What reaches the stretch, for the training samples."""
    x = Tensor(job_of(network).data().train_x[:SAMPLES].astype(np.float64))
    model.eval()
    with no_grad():
        rows = model.run(x)  # type: ignore[attr-defined]
        for _ in range(first):
            x = next(rows)
    return x.array
