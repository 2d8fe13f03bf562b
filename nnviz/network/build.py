"""From the description to the things themselves: modules, loss, optimizer."""

from __future__ import annotations

from nnviz import nn, optim
from nnviz.catalogue import Spec
from nnviz.network.description import Network
from nnviz.nn.init import initialisers
from nnviz.seeds import stream

DEFAULT_INITIALISATION = "default"


def build_layer(spec: Spec, seed: int, position: int, initialisation: Spec) -> nn.Module:
    """One layer with its starting numbers, which depend on the seed and its position alone.

    With an initialisation other than `default`, weights (two dimensions or more) are drawn by its rule and the other
    parameters start at 0.

    Raises:
        NnvizError: no such layer, or arguments it does not take.
    """
    generator = stream(seed, "weights", position)
    layer = nn.layers.build(spec, generator=generator)
    if initialisation.name != DEFAULT_INITIALISATION:
        for parameter in layer.parameters():
            if parameter.ndim >= 2:
                initialisers.build(initialisation, tensor=parameter, generator=generator)
            else:
                nn.init.zeros_(parameter)
    return layer


def build_model(network: Network) -> nn.Sequential:
    """The stack as a module, with its starting weights."""
    settings = network.settings
    return nn.Sequential(
        *[
            build_layer(spec, settings.seed, position, settings.initialisation)
            for position, spec in enumerate(network.layers)
        ]
    )


def build_loss(network: Network) -> nn.Module:
    """The loss."""
    return nn.losses.build(network.settings.loss)


def build_optimizer(network: Network, model: nn.Module) -> optim.Optimizer | None:
    """The optimizer of `model`'s parameters; None where there are no parameters to move."""
    parameters = list(model.parameters())
    return optim.optimizers.build(network.settings.optimizer, params=parameters) if parameters else None
