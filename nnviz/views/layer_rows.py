"""What the stack says about each layer whatever its weights: its sizes, its arguments, its shape, its parameters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from nnviz import nn
from nnviz.autograd.operation import Shape
from nnviz.network import LayerTrace, Network, Trace, job_of, shape_text, trace
from nnviz.registry import Argument, Spec, Value

Role = Literal["input", "layer", "loss"]

LONGEST = 60
"""Characters of a name that are shown."""

ALWAYS = ("kernel_size", "negative_slope", "p", "row")
"""Arguments that are shown also where they have their default, because what the layer does is said by them."""

SHORTER = {"kernel_size": "kernel", "negative_slope": "slope"}
"""Names of arguments that have a shorter one."""


@dataclass(frozen=True)
class LayerRow:
    """One row of the stack.

    Attributes:
        role: what it is.
        name: its name.
        sizes: what goes in and what comes out of a sample: features, channels, or the sides of an image.
        arguments: the others that matter, each as one writes it.
        shape: of its output, with the batch; "?" where there is none.
        parameters: how many numbers it learns; empty if none.
        faulty: whether it cannot run.
    """

    role: Role
    name: str
    sizes: str = ""
    arguments: tuple[str, ...] = ()
    shape: str = ""
    parameters: str = ""
    faulty: bool = False


@lru_cache(maxsize=16)
def layer_rows(network: Network) -> tuple[LayerRow, ...]:
    """The input, a row a layer, and the loss with what it takes."""
    found, settings = trace(network), network.settings
    return (
        LayerRow("input", job_of(network).schema.name[:LONGEST], shape=shape_text(found.input)),
        *(_layer(row) for row in found.rows),
        _loss(settings.loss, found),
    )


def _layer(row: LayerTrace) -> LayerRow:
    spec = row.spec
    return LayerRow(
        role="layer",
        name=spec.name[:LONGEST],
        sizes=_declared(spec) or _sizes(row.input, row.output),
        arguments=_arguments(row),
        shape="?" if row.output is None else shape_text(row.output),
        parameters=f"{row.parameters:,}" if row.parameters else "",
        faulty=row.diagnostic is not None,
    )


def _loss(spec: Spec, found: Trace) -> LayerRow:
    taken = "?" if found.output is None else shape_text(found.output)
    gives = "?" if found.diagnostic is not None else shape_text(())
    sizes = f"{taken} and {shape_text(found.target)} → {gives}"
    written = [_written(argument, spec) for argument in _known(spec) if _matters(argument, spec)]
    return LayerRow("loss", spec.name[:LONGEST], sizes, tuple(written), faulty=found.loss_diagnostic is not None)


def _declared(spec: Spec) -> str:
    """The sizes that the layer itself names: in_features and out_features, in_channels and out_channels."""
    given = dict(spec.arguments)
    ways = [next((given[name] for name in given if name.startswith(way)), None) for way in ("in_", "out_")]
    return "" if None in ways else " → ".join(map(str, ways))


def _sizes(taken: Shape | None, given: Shape | None) -> str:
    """The sizes of one sample before and after: as one where they are the same, without what stays the same."""
    if taken is None or given is None:
        return ""
    before, after = taken[1:], given[1:]
    if before == after:
        return str(before[0]) if before else ""
    if len(before) == len(after) > 1 and before[0] == after[0]:
        before, after = before[1:], after[1:]
    return f"{_times(before)} → {_times(after)}"


def _times(sizes: Shape) -> str:
    return "×".join(map(str, sizes)) or "1"


def _arguments(row: LayerTrace) -> tuple[str, ...]:
    """The arguments that matter and are no sizes that the row shows otherwise."""
    layer, spec = nn.layer_class(row.spec), row.spec
    fits = {} if layer is None or row.input is None else layer.fitted(row.input)
    pair = ("in_", "out_") if _declared(spec) else ()
    return tuple(
        _written(argument, spec)
        for argument in (nn.layers[spec.name].arguments if spec.name in nn.layers else ())
        if _matters(argument, spec)
        and not (pair and argument.name.startswith(pair))
        and (argument.name not in fits or fits[argument.name] != spec.get(argument.name) or row.output is None)
    )


def _known(spec: Spec) -> tuple[Argument, ...]:
    return nn.losses[spec.name].arguments if spec.name in nn.losses else ()


def _matters(argument: Argument, spec: Spec) -> bool:
    value = spec.get(argument.name, argument.default)
    if argument.name in ALWAYS:
        return value is not None
    return argument.required or value != argument.default


def _written(argument: Argument, spec: Spec) -> str:
    value = spec.get(argument.name, None if argument.required else argument.default)
    if isinstance(value, bool):
        return argument.name if value else f"no {argument.name}"
    return f"{SHORTER.get(argument.name, argument.name)} {_number(value)}"


def _number(value: Value) -> str:
    return f"{value:g}".replace("-", "−") if isinstance(value, float) else str(value)[:LONGEST].replace("-", "−")
