"""Repairs: edits that take a fault away, each tried on shapes alone before it is offered."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nnviz import nn
from nnviz.catalogue import Spec, Value
from nnviz.network.build import build_loss
from nnviz.network.description import Network
from nnviz.network.targets import outputs_for
from nnviz.network.trace import Trace, prepared, trace


@dataclass(frozen=True)
class Repair:
    """One way to take the first fault away.

    Attributes:
        text: what it does, in words.
        network: the network after it.
    """

    text: str
    network: Network


def repairs(network: Network) -> list[Repair]:
    """Every repair of the first fault that works, the best first; empty where there is no fault or no repair."""
    found = trace(network)
    if found.faulty is None:
        return []
    at = found.faulty
    candidates = _of_loss(network, found) if at == len(network.layers) else _of_layer(network, found, at)
    return [
        repair for repair in candidates if _helps(repair.network, at + len(repair.network.layers) - len(network.layers))
    ]


def repair_all(network: Network) -> tuple[Network, list[str]]:
    """Take the first repair of each fault in turn until none is left or none helps; and what was done, in words."""
    done: list[str] = []
    # Each repair moves the first fault further down, so there are at most as many as rows.
    for _ in range(2 * len(network.layers) + 2):
        options = repairs(network)
        if not options:
            break
        done.append(options[0].text)
        network = options[0].network
    return network, done


def fit_to_data(network: Network) -> tuple[Network, list[str]]:
    """Make a stack fit its data set: the loss for its task, as many outputs as it has classes, and every repair."""
    if not network.layers:
        return _with_loss_for_task(network)
    network, done = _with_loss_for_task(network)
    network, more = repair_all(network)
    outputs, last = _outputs(network), _last_sized(network)
    if last is not None and network.layers[last]["out_features"] != outputs:
        network = _set(network, last, out_features=outputs)
        more.append(_sets(network, last, out_features=outputs))
    network, rest = repair_all(network)
    return network, done + more + rest


def _helps(network: Network, at: int) -> bool:
    """Whether the rows up to position `at` are right now."""
    faulty = trace(network).faulty
    return faulty is None or faulty > at


def _of_layer(network: Network, found: Trace, at: int) -> Iterator[Repair]:
    spec, shape = network.layers[at], found.rows[at].input
    if spec.name not in nn.layers:
        yield from _known_instead(network, at)
    if shape is None:
        return
    if len(shape) > 2 and spec.name != "Flatten":
        flat = network.insert(at, nn.layers.check(Spec("Flatten")))
        features = 1
        for size in shape[1:]:
            features *= size
        fitted = _fitted(spec, (shape[0], features))
        text = f"insert Flatten above layer {at + 1}" + (f", {_assignments(fitted)}" if fitted else "")
        yield Repair(text, flat.change(at + 1, spec.replace(**fitted)))
    fitted = _fitted(spec, shape)
    if fitted:
        yield Repair(_sets(network, at, **fitted), _set(network, at, **fitted))
    yield from _smaller_kernel(network, at, shape)
    dim = spec.get("dim")
    if isinstance(dim, int) and not -len(shape) <= dim < len(shape):
        yield Repair(_sets(network, at, dim=1), _set(network, at, dim=1))
    giver = next((i for i in reversed(range(at)) if network.layers[i].get("out_features") is not None), None)
    wanted = spec.get("in_features")
    if giver is not None and wanted is not None:
        yield Repair(_sets(network, giver, out_features=wanted), _set(network, giver, out_features=wanted))
    yield from _larger_batch(network)


def _known_instead(network: Network, at: int) -> Iterator[Repair]:
    """For a name that nobody bears: the one that was probably meant, with the same arguments, or no layer at all."""
    name = network.layers[at].name
    close = nn.layers.closest(name)
    if close is not None:
        yield Repair(f"layer {at + 1}: {close}", network.change(at, replace(network.layers[at], name=close)))
    yield Repair(f"remove layer {at + 1} {name[:40]}", network.remove(at))


def _smaller_kernel(network: Network, at: int, shape: tuple[int, ...]) -> Iterator[Repair]:
    """A kernel larger than what it slides over: as large as fits, or room around the image, or no layer at all."""
    spec = network.layers[at]
    kernel, padding = spec.get("kernel_size"), spec.get("padding", 0)
    if not isinstance(kernel, int) or not isinstance(padding, int) or len(shape) < 3:
        return
    side = min(shape[-2:])
    if kernel <= side + 2 * padding:
        return
    fits = side + 2 * padding
    yield Repair(_sets(network, at, kernel_size=fits), _set(network, at, kernel_size=fits))
    wide = (kernel - side + 1) // 2
    yield Repair(_sets(network, at, padding=wide), _set(network, at, padding=wide))
    yield Repair(f"remove layer {at + 1} {spec.name}", network.remove(at))


def _larger_batch(network: Network) -> Iterator[Repair]:
    """The next batch size at which no batch of an epoch holds a single sample, where one does now."""
    settings = network.settings
    count = len(prepared(settings.data, settings.seed).train_x)
    if settings.batch != 1 and count % settings.batch != 1:
        return
    size = next((size for size in range(settings.batch + 1, count + 1) if count % size != 1), None)
    if size is not None:
        yield Repair(f"settings: batch = {size:,}", network.configure(replace(settings, batch=size)))


def _of_loss(network: Network, found: Trace) -> Iterator[Repair]:
    fitting, done = _with_loss_for_task(network)
    if done:
        yield Repair(done[0], fitting)
        last, needed = _last_sized(fitting), _outputs(fitting)
        if last is not None and fitting.layers[last]["out_features"] != needed:
            text = f"{done[0]}, and {_sets(fitting, last, out_features=needed)}"
            yield Repair(text, _set(fitting, last, out_features=needed))
    outputs = _outputs(network)
    first = next((i for i, spec in enumerate(network.layers) if spec.name == "Linear"), None)
    if found.output is not None and len(found.output) > 2 and first is not None and found.rows[first].input is not None:
        features = 1
        for size in (found.rows[first].input or ())[1:]:
            features *= size
        flat = network.insert(first, nn.layers.check(Spec("Flatten")))
        text = f"insert Flatten above layer {first + 1}, in_features = {features}"
        yield Repair(text, _set(flat, first + 1, in_features=features))
    last = _last_sized(network)
    if last is not None and network.layers[last]["out_features"] != outputs:
        yield Repair(_sets(network, last, out_features=outputs), _set(network, last, out_features=outputs))
    if found.output is not None:
        yield from _read_out(network, found.output, outputs)


def _read_out(network: Network, shape: tuple[int, ...], outputs: int) -> Iterator[Repair]:
    """What makes any output as many numbers as are wanted: a Linear layer, below a Flatten where it is an image."""
    end = len(network.layers)
    features = math.prod(shape[1:])
    last = nn.layers.check(Spec.of("Linear", in_features=features, out_features=outputs))
    if len(shape) > 2:
        flat = network.insert(end, nn.layers.check(Spec("Flatten")))
        yield Repair(f"add Flatten and Linear({features}, {outputs})", flat.insert(end + 1, last))
    elif len(shape) == 2:
        yield Repair(f"add Linear({features}, {outputs})", network.insert(end, last))


def _with_loss_for_task(network: Network) -> tuple[Network, list[str]]:
    settings = network.settings
    task = prepared(settings.data, settings.seed).dataset.task
    name = "CrossEntropyLoss" if task == "classification" else "MSELoss"
    if (build_loss(network).target != "values") == (task == "classification"):
        return network, []
    return network.configure(replace(settings, loss=nn.losses.check(Spec(name)))), [f"use {name}, made for {task}"]


def _outputs(network: Network) -> int:
    """How many numbers the last layer must give."""
    return outputs_for(build_loss(network), prepared(network.settings.data, network.settings.seed).dataset)


def _last_sized(network: Network) -> int | None:
    """The last layer that says how many numbers come out."""
    return next(
        (i for i in reversed(range(len(network.layers))) if network.layers[i].get("out_features") is not None), None
    )


def _fitted(spec: Spec, shape: tuple[int, ...]) -> dict[str, Value]:
    """The arguments that `shape` dictates and `spec` has otherwise."""
    factory = nn.layers[spec.name].factory if spec.name in nn.layers else None
    dictated = factory.fitted(shape) if isinstance(factory, type) and issubclass(factory, nn.Module) else {}
    return {name: value for name, value in dictated.items() if spec.get(name) != value}


def _set(network: Network, at: int, **changes: Value) -> Network:
    return network.change(at, network.layers[at].replace(**changes))


def _sets(network: Network, at: int, **changes: Value) -> str:
    return f"layer {at + 1} {network.layers[at].name}: {_assignments(changes)}"


def _assignments(changes: dict[str, Value]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in changes.items())
