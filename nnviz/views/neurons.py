"""The neurons of a layer as tiles: maps of the plane, channels of an image, curves, or the spread of their outputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.formula import rounded
from nnviz.lab import Lab
from nnviz.run import Observation
from nnviz.run.queries import NeuronsSeen
from nnviz.text import percent
from nnviz.views.matrix import magnitude, number
from nnviz.views.spark import spark
from nnviz.views.tiles import Tile

BARS = 16
"""Columns of a histogram."""


@dataclass(frozen=True, eq=False)
class NeuronView:
    """The neurons.

    Attributes:
        words: what is seen.
        tiles: pictures, where there are any, in groups that stand side by side: a filter and what it makes.
        lines: a line each, where there are no pictures.
    """

    words: str
    tiles: tuple[tuple[Tile, ...], ...] = ()
    lines: tuple[str, ...] = ()


def neuron_view(lab: Lab, at: int, found: Observation | None) -> NeuronView | None:  # noqa: ARG001
    """The neurons, of an answer to Neurons; None before the first."""
    if not isinstance(found, NeuronsSeen):
        return None
    shown = len(found.spreads) if found.kind != "image" else len(found.maps)
    part = f"the first {shown} of {found.count}" if shown < found.count else f"{found.count}"
    units = "neuron" if found.count == 1 else "neurons"
    if found.kind == "plane":
        x0, x1, y0, y1 = (rounded(value, 2) for value in found.extent)
        words = f"{part} {units}, x {x0} to {x1}, y {y0} to {y1}"
        tiles = tuple((Tile(f"{unit}", one, magnitude(one)),) for unit, one in enumerate(found.maps))
        return NeuronView(words, tiles)
    if found.kind == "image" and found.image is not None:
        return _of_image(found, part)
    if found.kind == "line":
        words = f"{part} {units} along x, {rounded(found.extent[0], 2)} to {rounded(found.extent[1], 2)}"
        tiles = tuple((Tile(f"{unit}", one[None, :], magnitude(one)),) for unit, one in enumerate(found.maps))
        return NeuronView(words, tiles)
    words = f"{part} {units}: how their outputs are spread over the training samples"
    return NeuronView(words, lines=_spreads(found))


def _of_image(found: NeuronsSeen, part: str) -> NeuronView:
    """The image, and each channel: its filter, and what it makes of the image."""
    assert found.image is not None  # noqa: S101 (checked by the caller)
    units = "channels" if found.maps.shape[-1] > 1 else "neurons"
    words = f"training image {found.sample + 1:,} of {found.samples:,}; {part} {units}"
    tiles = [tuple(Tile(f"in {channel}", one, magnitude(one)) for channel, one in enumerate(found.image))]
    filters = found.filters if found.filters is not None and len(found.filters) == len(found.maps) else None
    if found.filters is not None and filters is not None:
        words += (
            ", each filter and what it gives"
            if found.maps.shape[-1] > 1
            else ", the weights of each, and what it gives"
        )
    for unit, made in enumerate(found.maps):
        group = [Tile(f"out {unit}", made, magnitude(made))]
        if filters is not None:
            kernel = _flat(filters[unit], found.image.shape)
            if made.size == 1:
                # One number is no picture: it stands above the weights that make it.
                value = number(float(made.item())).strip()
                group = [Tile(f"w {unit} → {value}", kernel, magnitude(filters[unit]), value)]
            else:
                group.insert(0, Tile(f"w {unit}", kernel, magnitude(filters[unit])))
        tiles.append(tuple(group))
    return NeuronView(words, tuple(tiles))


def _flat(kernel: NDArray[np.floating], image: tuple[int, ...]) -> NDArray[np.floating]:
    """A filter as one picture: its input channels side by side; weights of a whole image in the image's form."""
    if kernel.ndim == 3:
        return np.concatenate(list(kernel), axis=1)
    if kernel.ndim == 1 and kernel.size == int(np.prod(image)):
        return np.concatenate(list(kernel.reshape(image)), axis=1)
    return kernel.reshape(-1, kernel.shape[-1]) if kernel.ndim > 1 else kernel[None, :]


def _spreads(found: NeuronsSeen) -> tuple[str, ...]:
    return tuple(
        f"{unit:>3} {rounded(one.low, 3):>8} {spark(one.counts, BARS)} {rounded(one.high, 3):<8}"
        f" mean {rounded(one.mean, 3)} ±{rounded(one.std, 3)}, zeros {percent(float(zero))}"
        for unit, (one, zero) in enumerate(zip(found.spreads, found.zeros, strict=True))
    )
