"""From the description to the things themselves: modules, loss, optimizer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nnviz import nn, optim
from nnviz.autograd import Tensor
from nnviz.errors import ShapeError
from nnviz.network.description import Network
from nnviz.nn.init import initializers
from nnviz.optim.rules import L1
from nnviz.registry import Spec
from nnviz.seeds import stream

DEFAULT_INITIALIZATION = "default"


def build_layer(spec: Spec, seed: int, position: int, initialization: Spec) -> nn.Module:
    """One layer with its starting numbers, which depend on the seed and its position alone.

    With an initialization other than `default`, weights (two dimensions or more) are drawn by its rule and the other
    parameters start at 0.

    Raises:
        NnvizError: no such layer, or arguments it does not take.
    """
    generator = stream(seed, "weights", position)
    layer = nn.layers.build(spec, generator=generator)
    for module in layer.modules():
        if isinstance(module, nn.Random):
            module.generator = stream(seed, "masks", position)
    if initialization.name != DEFAULT_INITIALIZATION:
        for parameter in layer.parameters():
            if parameter.ndim >= 2:
                initializers.build(initialization, tensor=parameter, generator=generator)
            else:
                nn.init.zeros_(parameter)
    return layer


class Stack(nn.Sequential):
    """Modules in order, where a joining layer also gets what an earlier row gave.

    Shape:
        Input: what the first takes. Output: what the last gives.
    """

    def run(self, x: Tensor) -> Iterator[Tensor]:
        """What each row gives, from the first on.

        Raises:
            ShapeError: a layer does not fit; it says which.
        """
        wanted = {layer.row for layer in self if isinstance(layer, nn.Join)}
        rows = {0: x}
        for number, layer in enumerate(self, 1):
            try:
                x = call(layer, x, rows, number)
            except ShapeError as error:
                error.layer = error.layer or f"layer {number} {layer}"
                raise
            if number in wanted:
                rows[number] = x
            yield x

    def forward(self, x: Tensor) -> Tensor:
        """What the last row gives."""
        for out in self.run(x):
            x = out
        return x


def call(layer: nn.Module, x: Tensor, rows: Mapping[int, Tensor], number: int) -> Tensor:
    """What the layer in row `number` makes of `x`, and of the earlier row it names where it joins two.

    Raises:
        ShapeError: the row it names does not stand above it.
    """
    if not isinstance(layer, nn.Join):
        return layer(x)
    if layer.row >= number:
        raise ShapeError(
            f"row {layer.row} does not stand above layer {number}",
            f"name an earlier row, 0 (the input) to {number - 1}",
        )
    return layer(x, rows[layer.row])


def build_model(network: Network) -> Stack:
    """The stack as a module, with its starting weights."""
    settings = network.settings
    return Stack(
        *[
            build_layer(spec, settings.seed, position, settings.initialization)
            for position, spec in enumerate(network.layers)
        ]
    )


def build_loss(network: Network) -> nn.Loss:
    """The loss."""
    return nn.losses.build(network.settings.loss)


def build_optimizer(network: Network, model: nn.Module) -> optim.Optimizer | None:
    """The optimizer of `model`'s parameters; None where there are no parameters to move."""
    parameters = list(model.parameters())
    return optimizer_of(network, parameters) if parameters else None


def optimizer_of(network: Network, parameters: Sequence[Tensor]) -> optim.Optimizer:
    """The optimizer of a network, for these parameters, of which there is one at least."""
    optimizer = optim.optimizers.build(network.settings.optimizer, params=list(parameters))
    if network.settings.l1:
        for group in optimizer.param_groups:
            group[L1] = network.settings.l1
    return optimizer
