"""Candidate fixes of a layer's error, the most likely first; `fixes` checks which of them help."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.network.description import Network
from nnviz.network.job import job_of
from nnviz.network.trace import Trace, trace
from nnviz.registry import Spec, Value

Candidate = tuple[str, Network]
"""A description of the edit, and the network after it."""


def candidates_for(network: Network, found: Trace, at: int) -> Iterator[Candidate]:
    """Candidate fixes of the error of the layer at position `at`."""
    spec, shape = network.layers[at], found.rows[at].input
    if spec.name not in nn.layers:
        yield from _known_instead(network, at)
    elif shape is not None:
        yield from _twin(network, at, shape)
        yield from _flattened(network, at, shape)
        yield from _images_first(network, at, shape)
        fitted = _fitted(spec, shape)
        if fitted:
            yield _setting(network, at, **fitted)
        yield from _window(network, at, shape)
        yield from _joined(network, found, at, shape)
        dim = spec.get("dim")
        if isinstance(dim, int) and not -len(shape) <= dim < len(shape):
            yield _setting(network, at, dim=1)
        yield from _giver(network, at, spec.get("in_features"))
        yield from _larger_batch(network)
        yield from _linear_instead(network, at, shape)


def last_resorts(network: Network, at: int) -> Iterator[Candidate]:
    """Candidates if no other helps: default arguments, or removing the layer."""
    if network.layers[at].name in nn.layers:
        yield from _defaults(network, at)
    yield _removed(network, at)


def _known_instead(network: Network, at: int) -> Iterator[Candidate]:
    """For an unknown name: the one that was probably meant, with the same arguments, or no layer at all."""
    close = nn.layers.closest(network.layers[at].name)
    if close is not None:
        yield f"layer {at + 1}: {close}", network.change(at, replace(network.layers[at], name=close))
    yield _removed(network, at)


def _twin(network: Network, at: int, shape: Shape) -> Iterator[Candidate]:
    """The same layer for another number of dimensions: BatchNorm1d for BatchNorm2d."""
    spec = network.layers[at]
    for ending, other in (("2d", "1d"), ("1d", "2d")):
        name = spec.name.removesuffix(ending) + other
        if spec.name.endswith(ending) and name in nn.layers:
            known = {argument.name for argument in nn.layers[name].arguments}
            kept = Spec.of(name, **{key: value for key, value in spec.arguments if key in known})
            fitted = kept.replace(**_fitted(kept, shape))
            yield f"make layer {at + 1} {nn.layers.label(fitted)}", network.change(at, fitted)


def _flattened(network: Network, at: int, shape: Shape) -> Iterator[Candidate]:
    """A layer that flattens above one that wants rows of features."""
    spec, flatten = network.layers[at], nn.usual.flatten()
    if len(shape) > 2 and nn.facts_of(spec).changes != "shape":
        flat = network.insert(at, flatten)
        fitted = _fitted(spec, (shape[0], math.prod(shape[1:])))
        text = f"insert {flatten.name} above layer {at + 1}" + (f", {_assignments(fitted)}" if fitted else "")
        yield text, flat.change(at + 1, spec.replace(**fitted))


def _images_first(network: Network, at: int, shape: Shape) -> Iterator[Candidate]:
    """What flattens above a layer for images, moved below it."""
    flat = next((i for i in reversed(range(at)) if nn.facts_of(network.layers[i]).changes == "shape"), None)
    if len(shape) == 2 and flat is not None and "kernel_size" in dict(network.layers[at].arguments):
        yield f"move {network.layers[flat].name} below layer {at + 1} {network.layers[at].name}", network.move(flat, at)


def _window(network: Network, at: int, shape: Shape) -> Iterator[Candidate]:
    """A kernel larger than what it slides over, or padding wider than half a kernel."""
    spec = network.layers[at]
    kernel, padding = spec.get("kernel_size"), spec.get("padding", 0)
    if not isinstance(kernel, int) or not isinstance(padding, int) or len(shape) < 3:
        return
    pools = nn.facts_of(spec).pools
    if pools and padding > kernel // 2:
        yield _setting(network, at, padding=kernel // 2)
        yield _setting(network, at, kernel_size=2 * padding)
    side = min(shape[2:])
    fits = side + 2 * padding
    if kernel <= fits:
        return
    # A kernel of 1 is a pool that does nothing.
    if pools and fits < 2:
        yield _removed(network, at)
    least = 2 if pools else 1
    sizes = [size for size in (fits, 3, 2) if least <= size <= fits]
    smaller = [_setting(network, at, kernel_size=size) for size in dict.fromkeys(sizes)]
    # The largest after which the layers below it still run.
    yield from sorted(smaller, key=lambda one: trace(one[1]).faulty is not None)[:1]
    yield _setting(network, at, padding=(kernel - side + 1) // 2)
    yield _removed(network, at)


def _joined(network: Network, found: Trace, at: int, shape: Shape) -> Iterator[Candidate]:
    """A join with a row that does not fit, or is not above it: another row, or another width."""
    spec = network.layers[at]
    row = spec.get("row")
    if not isinstance(row, int):
        return
    above = [found.input, *(one.output for one in found.rows[:at])]
    like = [number for number in reversed(range(at)) if above[number] == shape]
    # Of two rows the nearer one; that just above would be joined with itself.
    for number in [*like, at]:
        yield _setting(network, at, row=number)
    other = above[row] if row <= at else None
    if other is not None and len(other) == 2:
        yield from _giver(network, at, other[-1])
        if row:
            yield from _giver(network, row, shape[-1])


def _giver(network: Network, at: int, wanted: Value) -> Iterator[Candidate]:
    """The last layer above that says how many numbers come out, with as many as are wanted."""
    giver = last_sized(network, at)
    if giver is not None and wanted is not None:
        yield _setting(network, giver, out_features=wanted)


def last_sized(network: Network, end: int | None = None) -> int | None:
    """The position of the last layer with `out_features`, before position `end`; None if there is none."""
    before = range(len(network.layers) if end is None else end)
    return next((i for i in reversed(before) if network.layers[i].get("out_features") is not None), None)


def _larger_batch(network: Network) -> Iterator[Candidate]:
    """The next batch size at which no batch of an epoch holds a single sample, where one does now."""
    settings = network.settings
    count = job_of(network).schema.train
    if settings.batch != 1 and count % settings.batch != 1:
        return
    size = next((size for size in range(settings.batch + 1, count + 1) if count % size != 1), None)
    if size is not None:
        yield f"settings: batch = {size:,}", network.configure(replace(settings, batch=size))


def _defaults(network: Network, at: int) -> Iterator[Candidate]:
    """An argument back at its default, or at the end of its bounds; or all of them."""
    spec = network.layers[at]
    plain: dict[str, Value] = {}
    for argument in nn.layers[spec.name].arguments:
        value = spec.get(argument.name)
        if not argument.required and value != argument.default:
            plain[argument.name] = argument.default
            yield _setting(network, at, **{argument.name: argument.default})
        elif argument.bounds is not None and isinstance(value, int) and value < argument.bounds.low:
            yield _setting(network, at, **{argument.name: int(argument.bounds.low)})
    if len(plain) > 1:
        yield _setting(network, at, **plain)


def _linear_instead(network: Network, at: int, shape: Shape) -> Iterator[Candidate]:
    """A linear layer for one that wants images or whole numbers, and gets rows of features."""
    spec = network.layers[at]
    out = spec.get("out_channels", spec.get("embedding_dim"))
    if len(shape) == 2 and isinstance(out, int):
        linear = nn.usual.linear(shape[1], out)
        yield f"make layer {at + 1} {nn.layers.label(linear)}", network.change(at, linear)


def _removed(network: Network, at: int) -> Candidate:
    return f"remove layer {at + 1} {network.layers[at].name[:40]}", network.remove(at)


def _fitted(spec: Spec, shape: Shape) -> dict[str, Value]:
    """The arguments that `shape` dictates and `spec` has otherwise."""
    layer = nn.layer_class(spec)
    dictated = {} if layer is None else layer.fitted(shape)
    return {name: value for name, value in dictated.items() if spec.get(name) != value}


def _setting(network: Network, at: int, **changes: Value) -> Candidate:
    return sets(network, at, **changes), set_on(network, at, **changes)


def set_on(network: Network, at: int, **changes: Value) -> Network:
    """With arguments of the layer at `at` changed."""
    return network.change(at, network.layers[at].replace(**changes))


def sets(network: Network, at: int, **changes: Value) -> str:
    """The same in words."""
    return f"layer {at + 1} {network.layers[at].name}: {_assignments(changes)}"


def _assignments(changes: dict[str, Value]) -> str:
    return ", ".join(
        f"{name} = {value:g}" if isinstance(value, float) else f"{name} = {value}" for name, value in changes.items()
    )
