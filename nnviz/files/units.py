"""What goes into a trained network and what comes out of it, in the names and units of its data: for exports."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz import nn
from nnviz.data import source_of
from nnviz.files.opened import Opened
from nnviz.network import Network, job_of

WIDTH = 100
"""Characters of a line of numbers or names."""


@dataclass(frozen=True, eq=False)
class Units:
    """Names and scales of inputs and outputs.

    Args:
        inputs: the name of each input, such as colour=red for a text that became one; empty for images.
        classes: the name of each class, in the order of the outputs; empty for a regression.
        targets: the name of each value of a regression; empty for a classification.
        mean, std: the network gets (input − mean) / std.
        target_mean, target_std: a value of a regression is output · target_std + target_mean; None for a
            classification.
        scores: the class probabilities of `out` as an expression in PyTorch.

    Shape:
        - mean, std: (inputs,), or () for images
        - target_mean, target_std: (targets,)
    """

    inputs: tuple[str, ...]
    classes: tuple[str, ...]
    targets: tuple[str, ...]
    mean: NDArray[np.float64]
    std: NDArray[np.float64]
    target_mean: NDArray[np.float64] | None
    target_std: NDArray[np.float64] | None
    scores: str

    @property
    def constants(self) -> dict[str, object]:
        """All of it by the names that constants in scripts have; numbers as lists."""
        found: dict[str, object] = {"INPUTS": list(self.inputs)} if self.inputs else {}
        found |= {"MEAN": self.mean.tolist(), "STD": self.std.tolist()}
        if self.target_mean is None or self.target_std is None:
            return {**found, "CLASSES": list(self.classes)}
        scale = {"TARGET_MEAN": self.target_mean.tolist(), "TARGET_STD": self.target_std.tolist()}
        return {**found, "TARGETS": list(self.targets), **scale}


def units_of(opened: Opened) -> Units:
    """Names and scales of an opened model; its data are loaded for that.

    Raises:
        NnvizError: the data cannot be loaded.
    """
    job = job_of(opened.network)
    data, schema = job.data(), job.schema
    values = data.targets
    last = opened.network.layers[-1] if opened.network.layers else None
    plain = last is not None and nn.facts_of(last).distribution
    return Units(
        schema.features,
        schema.classes,
        () if schema.classes else _targets(opened.network, schema.values),
        np.asarray(data.inputs.mean),
        np.asarray(data.inputs.std),
        None if values is None else np.asarray(values.mean),
        None if values is None else np.asarray(values.std),
        nn.Loss.pytorch if plain else type(job.loss).pytorch,
    )


def _targets(network: Network, count: int) -> tuple[str, ...]:
    """The names of the values of a regression: that of the column, or y."""
    source = source_of(network.settings.data)
    name = "y"
    if source is not None:
        from nnviz.data.own import load

        name = next((column.name for column in load(source).columns if column.made.startswith("target")), name)
    return (name,) if count == 1 else tuple(f"{name}{number}" for number in range(1, count + 1))


def assigned(name: str, value: object, wrap: str = "{}") -> str:
    """A constant as a line of Python, or as several if it is long; texts are quoted by `repr`.

    Args:
        name: its name.
        value: a number, or a list of numbers or texts.
        wrap: what is written around it, such as "np.array({})".
    """
    before, after = wrap.split("{}")
    line = f"{name} = {before}{value!r}{after}"
    if len(line) <= WIDTH or not isinstance(value, Sequence):
        return line
    items = [f"{item!r}," for item in value]
    if isinstance(value[0], str):
        rows = [f"    {item}" for item in items]
    else:
        rows = textwrap.wrap(" ".join(items), WIDTH, initial_indent="    ", subsequent_indent="    ")
    return "\n".join([f"{name} = {before}[", *rows, f"]{after}"])
