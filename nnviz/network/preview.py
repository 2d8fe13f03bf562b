"""Text previews of an edit: the shapes from layer to layer, and whether the network is valid."""

from __future__ import annotations

from typing import Any

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.data import datasets
from nnviz.network.description import Network
from nnviz.network.job import job_of
from nnviz.network.trace import trace
from nnviz.nn.init import initializers
from nnviz.optim import optimizers
from nnviz.registry import Registry, Spec, Value

MOST_STEPS = 14
"""Most steps that a summary lists; of more, it lists the first eight, the last four, and what is changed."""


def shape_text(shape: Shape) -> str:
    """A shape as Python writes it; a single number has the shape ()."""
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"


def network_summary(network: Network) -> str:
    """The shapes of a network from layer to layer, and whether it is valid."""
    return f"{' → '.join(step for step, _ in network_steps(network))}\n{network_verdict(network)}"


def network_steps(network: Network, before: Network | None = None) -> list[tuple[str, bool]]:
    """The shapes from layer to layer, each with whether that layer is new or changed since `before`.

    A changed one is in brackets. Of many, those that are unchanged and in the middle are left out.
    """
    found = trace(network)
    steps = [(f"x {shape_text(found.input)}", False)]
    for at, row in enumerate(found.rows):
        label = nn.layers.label(row.spec)
        shape = "✗" if row.output is None else shape_text(row.output)
        changed = before is not None and _is_changed(before, network, at)
        steps.append((f"[{label}] {shape}" if changed else f"{label} {shape}", changed))
    if len(steps) <= MOST_STEPS:
        return steps
    shown: list[tuple[str, bool]] = []
    left = 0
    for number, step in enumerate(steps):
        if 8 <= number < len(steps) - 4 and not step[1]:
            left += 1
            continue
        shown += [(f"… {left} more", False), step] if left else [step]
        left = 0
    return shown


def network_verdict(network: Network) -> str:
    """Whether a network is valid: its parameters, or its first error."""
    found = trace(network)
    if found.diagnostic is None:
        return f"It runs: {found.parameters:,} parameters, data {job_of(network).schema.name}."
    where = "the loss" if found.faulty == len(found.rows) else f"layer {(found.faulty or 0) + 1}"
    return f"Then {where} says: {found.diagnostic.message}"


def network_changes(before: Network, after: Network) -> list[str]:
    """What an edit changes, in words, layer by layer and then the settings.

    Layers are compared by their ids, so a layer that another one was put above is no other layer. Those of `before`
    have the number they have there.
    """
    said = []
    numbers = {id_: at for at, id_ in enumerate(after.ids)}
    moved = _moved(before, after)
    for at, (id_, spec) in enumerate(zip(before.ids, before.layers, strict=True)):
        label = nn.layers.label(spec)
        to = numbers.get(id_)
        if to is None:
            said.append(f"layer {at + 1}, {label}, is deleted")
            continue
        if id_ in moved:
            said.append(f"layer {at + 1}, {label}, becomes layer {to + 1}")
        if _is_changed(before, after, to):
            said.append(f"layer {at + 1}: {_becomes(spec, after.layers[to], nn.layers)}")
    known = set(before.ids)
    said += [
        f"new layer {at + 1}: {nn.layers.label(spec)}"
        for at, (id_, spec) in enumerate(zip(after.ids, after.layers, strict=True))
        if id_ not in known
    ]
    one, other = before.settings, after.settings
    said += [
        f"the {name}: {_becomes(old, new, registry)}"
        for name, old, new, registry in (
            ("data", one.data, other.data, datasets),
            ("loss", one.loss, other.loss, nn.losses),
            ("optimizer", one.optimizer, other.optimizer, optimizers),
            ("initialization", one.initialization, other.initialization, initializers),
        )
        if old != new
    ]
    if one.l1 != other.l1:
        said.append(f"the L1 penalty: {one.l1:g} becomes {other.l1:g}")
    return said + [
        f"the {name}: {old:,} becomes {new:,}"
        for name, old, new in (("batch", one.batch, other.batch), ("seed", one.seed, other.seed))
        if old != new
    ]


def _is_changed(before: Network, after: Network, at: int) -> bool:
    """Whether the layer at position `at` is new or has other arguments; that of a row it names may have moved."""
    id_ = after.ids[at]
    return id_ not in before.ids or _meant(before, before.ids.index(id_)) != _meant(after, at)


def _meant(network: Network, at: int) -> Spec:
    """A layer that names the ids of layers instead of their rows."""
    spec = network.layers[at]
    rows = [a.name for a in nn.layers[spec.name].arguments if a.row] if spec.name in nn.layers else []
    ids: dict[str, Value] = {}
    for name in rows:
        row = spec.get(name)
        if isinstance(row, int):
            # Where no layer is, at the input or beyond the last row, a number that is no id.
            ids[name] = network.ids[row - 1] if 0 < row <= len(network.ids) else -1 - abs(row)
    return spec.replace(**ids) if ids else spec


def _moved(before: Network, after: Network) -> set[int]:
    """The ids of the layers that have another place among those that both have; of one that was moved, it alone."""
    ones = [id_ for id_ in before.ids if id_ in set(after.ids)]
    others = [id_ for id_ in after.ids if id_ in set(before.ids)]
    while ones and others and ones[0] == others[0]:
        ones, others = ones[1:], others[1:]
    while ones and others and ones[-1] == others[-1]:
        ones, others = ones[:-1], others[:-1]
    if ones[1:] == others[:-1]:
        return set(ones[:1])
    return set(ones[-1:]) if ones[:-1] == others[1:] else set(ones)


def _becomes(old: Spec, new: Spec, registry: Registry[Any]) -> str:
    """What was and what is, with all arguments where that tells them apart."""
    labels = registry.label(old), registry.label(new)
    if labels[0] == labels[1]:
        given = dict(old.arguments)
        differ = [name for name, value in new.arguments if given.get(name) != value]
        return f"{new.name}, " + ", ".join(f"{name} = {new.get(name)}" for name in differ)
    return f"{labels[0]} becomes {labels[1]}"


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


def arriving(network: Network, at: int) -> str:
    """What a layer at position `at` takes in, in words: from where, and its shape; empty if that is not known."""
    found = trace(network)
    if at == 0:
        return f"from the data, {job_of(network).schema.name}, {shape_text(found.input)}"
    row = found.rows[at - 1]
    return "" if row.output is None else f"from layer {at}, {nn.layers.label(row.spec)}, {shape_text(row.output)}"
