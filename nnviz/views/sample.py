"""One sample as it is: the picture of an image, or its numbers by name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.data import Dataset
from nnviz.network import job_of
from nnviz.run import Walk
from nnviz.views.contrast import Pixels
from nnviz.views.heat import resize

SHADES = " ░▒▓█"
"""Brightness without color, two of a kind a pixel."""

MOST_NUMBERS = 100
"""Numbers of a sample that are listed."""


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A picture of a sample.

    Attributes:
        pixels: (H, W, 3) colors, gray for one channel.
        shades: (H, W) the same without color.
    """

    pixels: Pixels
    shades: NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class SampleSeen:
    """The chosen sample.

    Attributes:
        number: its number on its side.
        title: what it is, in a few words.
        lines: its target, what the network makes of it, how sure it is, and the loss.
        picture: what it looks like, of an image.
        numbers: its numbers by the names of their columns, of any other.
    """

    number: int
    title: str
    lines: tuple[str, ...]
    picture: Thumbnail | None
    numbers: tuple[tuple[str, str], ...]


def thumbnail(sample: Array, low: float, high: float) -> Thumbnail | None:
    """The picture of an image; None for a sample that is none.

    Args:
        sample: (channels, H, W); three channels are red, green and blue, of others the first is shown.
        low, high: the values that are black and white.
    """
    if sample.ndim != 3 or not sample.size:
        return None
    with np.errstate(all="ignore"):
        share = np.nan_to_num((sample.astype(np.float64) - low) / ((high - low) or 1.0)).clip(0, 1)
    channels = share if len(share) == 3 else np.repeat(share[:1], 3, axis=0)
    pixels = (channels.transpose(1, 2, 0) * 255).round().astype(np.uint8)
    shades = np.array(list(SHADES))[(channels.mean(axis=0) * (len(SHADES) - 1)).round().astype(int)]
    return Thumbnail(pixels, shades)


def fitted(picture: Thumbnail, rows: int, columns: int, colored: bool) -> tuple[int, int, int]:
    """How large a picture is drawn in so many cells: (rows, columns, times), with the sides in proportion.

    A pixel is half a cell high in color, so that it is square; without color it is a cell high and two wide. The
    picture is magnified by whole numbers; one that is too large is reduced, and `times` is 0.
    """
    height, width = picture.shades.shape
    high, wide = (2 * rows, columns) if colored else (rows, columns // 2)
    times = min(high // height, wide // width)
    if times >= 1:
        height, width = height * times, width * times
    else:
        shrink = min(high / height, wide / width)
        height, width = max(int(height * shrink), 1), max(int(width * shrink), 1)
    return ((height + 1) // 2, width, times) if colored else (height, 2 * width, times)


def scaled(picture: Thumbnail, height: int, width: int) -> Thumbnail:
    """The picture at another resolution, each pixel from the nearest of its own."""
    return Thumbnail(resize_pixels(picture.pixels, height, width), resize(picture.shades, height, width))


def resize_pixels(pixels: Pixels, height: int, width: int) -> Pixels:
    """As `resize`, of colors."""
    return np.asarray(np.stack([resize(pixels[..., i], height, width) for i in range(3)], axis=-1))


def numbers(sample: Array, features: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The numbers of a sample, by the names of their columns; none of an image."""
    if sample.ndim != 1:
        return ()
    values = sample[:MOST_NUMBERS].tolist()
    names = features if len(features) == len(sample) else tuple(f"x{at}" for at in range(len(sample)))
    listed = [(name, f"{value:.4g}") for name, value in zip(names, values, strict=False)]
    return tuple(listed if len(sample) <= MOST_NUMBERS else [*listed, ("…", f"{len(sample) - MOST_NUMBERS:,} more")])


def walked(walk: Walk, position: int, chosen: tuple[int, ...] | None) -> SampleSeen | None:
    """The sample of the chosen element at a stop; None where the stop computes nothing from the samples.

    Args:
        walk: its data are loaded.
        position: the stop, counted from 1; 0 is the start.
        chosen: the element; the first if left out.
    """
    side, rows = walk.samples
    at = chosen[0] if chosen and walk.sample is None else 0
    if position and walk.sample is None:
        node = walk.stops[position - 1].node
        shape = walk.graph.nodes[node].shape
        if node not in _of_samples(walk) or not shape or shape[0] != len(rows) or not at < len(rows):
            return None
    job = job_of(walk.network)
    data, row = job.data(), int(rows[at])
    x, y = (data.train_x, data.train_y) if side == "train" else (data.test_x, data.test_y)
    inputs, labels = data.inputs.undo(x[row : row + 1])[0], y[row : row + 1]
    classes = job.schema.classes
    if classes:
        target = classes[int(labels[0])]
    else:
        values = labels if data.targets is None else data.targets.undo(labels.astype(np.float32))
        target = ", ".join(f"{value:.4g}" for value in np.ravel(values)[:3])
    picture = thumbnail(inputs, *_range(data.dataset)) if inputs.ndim == 3 else None
    return SampleSeen(row, f"{side} {row:,}", (f"target  {target}",), picture, numbers(inputs, job.schema.features))


@lru_cache(maxsize=8)
def _range(dataset: Dataset) -> tuple[float, float]:
    """The lowest and the highest number of all samples."""
    return float(dataset.inputs.min()), float(dataset.inputs.max())


def _of_samples(walk: Walk) -> frozenset[int]:
    """The nodes that are computed from the samples."""
    found: set[int] = set()
    for index, node in enumerate(walk.graph.nodes):
        if (node.kind == "input" and node.name == "x") or not found.isdisjoint(node.inputs):
            found.add(index)
    return frozenset(found)
