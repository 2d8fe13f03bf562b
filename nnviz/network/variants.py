"""Variants of a network: the same with other activations, optimizers, initializations, rates, widths or seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise

from nnviz import nn, optim
from nnviz.errors import NotSupportedError
from nnviz.network.description import Network, with_rate
from nnviz.network.presets import LESSON_ACTIVATIONS
from nnviz.network.trace import trace
from nnviz.registry import Spec

Variants = tuple[tuple[str, Network], ...]
"""Networks with what each differs in."""

OPTIMIZERS = (
    Spec.of("SGD", lr=0.1), Spec.of("SGD", lr=0.03, momentum=0.9), Spec.of("Adagrad", lr=0.03),
    Spec.of("RMSprop", lr=0.01), Spec.of("Adam", lr=0.01), Spec.of("AdamW", lr=0.01),
)  # fmt: skip
"""Each at a rate that is usual for it: at the same rate they could not be compared."""

INITIALIZATIONS = ("default", "xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "zeros")

FACTORS = (0.5, 1.0, 2.0, 4.0)
"""Of the hidden widths."""

SEEDS = 8


def variants(network: Network, kind: str) -> Variants:
    """What `kind` names, varied; variants that cannot run are left out.

    Args:
        network: the network.
        kind: one of `KINDS`.

    Raises:
        NotSupportedError: the network has nothing of the kind that could be varied.
    """
    found = tuple((label, one) for label, one in KINDS[kind](network) if trace(one).diagnostic is None)
    if found and not trace(network).parameters:
        raise NotSupportedError("the stack has no parameters to learn", "add a Linear layer")
    if not found:
        trouble = trace(network).diagnostic
        raise NotSupportedError(
            "the stack cannot run, and so cannot race" if trouble else f"nothing here has another {kind}",
            trouble.explanation if trouble else "choose something else to vary",
        )
    return found


def _activations(network: Network) -> Variants:
    """Every activation but one that ends the stack, where it says what the outputs mean."""
    places = {at for at, layer in enumerate(network.layers[:-1]) if _is_activation(layer)}
    if not places:
        raise NotSupportedError("there is no activation between two layers of this stack", "add one, such as Tanh")
    found = []
    for spec in LESSON_ACTIVATIONS:
        other = nn.layers.check(spec)
        layers = tuple(other if at in places else layer for at, layer in enumerate(network.layers))
        found.append((_named(spec), replace(network, layers=layers)))
    return tuple(found)


def _is_activation(layer: Spec) -> bool:
    return layer.name in nn.layers and nn.layers[layer.name].category == "activation"


def _optimizers(network: Network) -> Variants:
    return tuple(
        (_named(spec), network.configure(replace(network.settings, optimizer=optim.optimizers.check(spec))))
        for spec in OPTIMIZERS
    )


def _named(spec: Spec) -> str:
    """The name, with the arguments that are given here: LeakyReLU 0.2, SGD 0.03 momentum 0.9."""
    words = [f"{value:g}" if name in ("lr", "negative_slope") else f"{name} {value}" for name, value in spec.arguments]
    return " ".join((spec.name, *words))


def _initializations(network: Network) -> Variants:
    return tuple(
        (name, network.configure(replace(network.settings, initialization=nn.init.initializers.check(Spec(name)))))
        if name != "default"
        else (name, network.configure(replace(network.settings, initialization=Spec(name))))
        for name in INITIALIZATIONS
    )


def _rates(network: Network) -> Variants:
    """The present rate, and two below and two above it: thirds and threes of a power of ten."""
    rate = float(str(network.settings.optimizer.get("lr")))
    if rate <= 0:
        raise NotSupportedError("the rate is 0, which has none below and above", "set another rate first")
    exponent = math.floor(math.log10(rate))
    ladder = [float(f"{digit}e{exponent + more}") for more in (-2, -1, 0, 1, 2) for digit in (1, 3)]
    below = [one for one in ladder if one < rate * (1 - 1e-9)][-2:]
    above = [one for one in ladder if one > rate * (1 + 1e-9)][:2]
    return tuple((f"rate {one:g}", with_rate(network, one)) for one in (*below, rate, *above))


def _widths(network: Network) -> Variants:
    """The outputs of every Linear but the last one, times a factor."""
    linear = [at for at, layer in enumerate(network.layers) if nn.facts_of(layer).linear]
    if len(linear) < 2:
        raise NotSupportedError("there is no hidden layer whose width could be another", "add a Linear layer")
    found: dict[tuple[int, ...], tuple[str, Network]] = {}
    for factor in FACTORS:
        changed, widths = network, []
        for at, after in pairwise(linear):
            width = max(round(int(str(network.layers[at].get("out_features"))) * factor), 1)
            widths.append(width)
            changed = changed.change(at, changed.layers[at].replace(out_features=width))
            changed = changed.change(after, changed.layers[after].replace(in_features=width))
            for between in range(at + 1, after):
                changed = _widened(changed, between, width)
        found.setdefault(tuple(widths), (f"width {' '.join(map(str, widths))}", changed))
    return tuple(found.values())


def _widened(network: Network, at: int, width: int) -> Network:
    """A layer between two Linear layers that says how wide its input is."""
    layer = network.layers[at]
    for name in ("num_features", "normalized_shape"):
        if layer.get(name) is not None:
            return network.change(at, layer.replace(**{name: width}))
    return network


def _seeds(network: Network) -> Variants:
    settings = network.settings
    seeds = [(settings.seed + more) % 2**32 for more in range(SEEDS)]
    return tuple((f"seed {seed}", network.configure(replace(settings, seed=seed))) for seed in seeds)


KINDS: Mapping[str, Callable[[Network], Variants]] = {
    "activation": _activations,
    "optimizer": _optimizers,
    "initialization": _initializations,
    "rate": _rates,
    "width": _widths,
    "seed": _seeds,
}
"""What can be varied, and how."""
