"""Text previews of an edit: the shapes from layer to layer, and whether the network is valid."""

from __future__ import annotations

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.network.description import Network
from nnviz.network.trace import trace
from nnviz.registry import Value

MOST_STEPS = 14
"""Most steps that a summary lists; of more, it lists the first eight and the last four."""


def shape_text(shape: Shape) -> str:
    """A shape as Python writes it; a single number has the shape ()."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def network_summary(network: Network) -> str:
    """The shapes of a network from layer to layer, and whether it is valid."""
    found = trace(network)
    steps = [f"x {shape_text(found.input)}"]
    for row in found.rows:
        label = nn.layers.label(row.spec)
        steps.append(f"{label} {'✗' if row.output is None else shape_text(row.output)}")
    shown = steps if len(steps) <= MOST_STEPS else [*steps[:8], f"… {len(steps) - 12} more", *steps[-4:]]
    if found.diagnostic is None:
        end = f"It runs: {found.parameters:,} parameters, data {network.settings.data.name}."
    else:
        where = "the loss" if found.faulty == len(found.rows) else f"layer {(found.faulty or 0) + 1}"
        end = f"Then {where} says: {found.diagnostic.message}"
    return f"{' → '.join(shown)}\n{end}"


def layer_summary(network: Network, at: int) -> str:
    """The shapes and the parameter count of the layer at position `at`, or its error."""
    row = trace(network).rows[at]
    if row.diagnostic is not None:
        return f"✗ {row.diagnostic.message}"
    if row.input is None or row.output is None:
        return "a layer above this one has an error"
    count = "1 parameter" if row.parameters == 1 else f"{row.parameters:,} parameters"
    return f"{shape_text(row.input)} → {shape_text(row.output)}, {count}"


def inferred_arguments(network: Network, name: str, at: int) -> dict[str, Value]:
    """The arguments of a layer of this name that follow from its input shape at position `at`."""
    found = trace(network)
    shape = found.input if at == 0 else found.rows[at - 1].output
    factory = nn.layers[name].factory
    if shape is None or not (isinstance(factory, type) and issubclass(factory, nn.Module)):
        return {}
    return factory.fitted(shape)
