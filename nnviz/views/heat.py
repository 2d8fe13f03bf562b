"""Fields of colour: what a network says over a plane, and the points it learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]
T = TypeVar("T", bound=np.generic)

PALETTE: tuple[Colour, ...] = (
    (245, 147, 34), (8, 119, 189), (0, 158, 115), (204, 121, 167), (240, 228, 66),
    (86, 180, 233), (213, 94, 0), (148, 103, 189), (140, 140, 140), (120, 90, 60),
)  # fmt: skip
"""Class colours: orange and blue first, as Playground has them; told apart by the colour-blind."""

GLYPHS = "●▲◆■★✚▼◀▶♥"
"""Class marks, so that colour never tells a class alone."""


@dataclass(frozen=True, eq=False)
class Points:
    """Samples to be drawn on a field.

    Args:
        x, y: where they lie, in the data's own units.
        classes: the class of each; all 0 for a regression.
    """

    x: NDArray[np.floating]
    y: NDArray[np.floating]
    classes: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Field:
    """What a heat map shows.

    Args:
        pixels: (H, W, 3) colours, the first row at the top.
        marks: (H, W) what a pixel means, for a terminal without colours: text of one character each.
        extent: (x0, x1, y0, y1) of the picture.
        points: samples on it.
        legend: what the marks mean.
    """

    pixels: Pixels
    marks: NDArray[np.str_]
    extent: tuple[float, float, float, float]
    points: Points | None
    legend: str


def class_field(probabilities: NDArray[np.floating], background: Colour) -> Pixels:
    """(H, W, C) class probabilities as (H, W, 3) colours: each class's colour, the paler the less sure the network is.

    Sureness is (p − 1/C) / (1 − 1/C) for the highest p: 0 where all classes are alike, 1 where one is certain.
    """
    count = probabilities.shape[-1]
    p = np.nan_to_num(probabilities, nan=0.0, posinf=1.0, neginf=0.0)
    best = p.argmax(axis=-1)
    floor = 1 / count if count > 1 else 0.0
    sure = ((p.max(axis=-1) - floor) / (1 - floor)).clip(0, 1)[..., None]
    colours = np.array(PALETTE, np.float64)[best % len(PALETTE)]
    return _blend(colours, background, 0.12 + 0.63 * sure)


def value_field(values: NDArray[np.floating], low: float, high: float, background: Colour) -> Pixels:
    """(H, W) values as (H, W, 3) colours: orange towards `low`, blue towards `high`, background between."""
    half = (high - low) / 2 or 1.0
    t = np.nan_to_num((values - (low + high) / 2) / half, nan=0.0, posinf=1.0, neginf=-1.0).clip(-1, 1)
    colours = np.where(t[..., None] < 0, np.array(PALETTE[0], np.float64), np.array(PALETTE[1], np.float64))
    return _blend(colours, background, 0.75 * np.abs(t)[..., None])


def point_colours(dark: bool) -> list[Colour]:
    """The class colours for marks on a field: lighter than any field on a dark background, darker on a light one."""
    end = 255 if dark else 0
    return [(mix(r, end), mix(g, end), mix(b, end)) for r, g, b in PALETTE]


def mix(a: int, b: int) -> int:
    """Half way, a little nearer to `b`."""
    return round(0.45 * a + 0.55 * b)


def _blend(colours: NDArray[np.float64], background: Colour, share: NDArray[np.float64]) -> Pixels:
    base = np.array(background, np.float64)
    return np.asarray(base + (colours - base) * share).round().astype(np.uint8)


def resize(field: NDArray[T], height: int, width: int) -> NDArray[T]:
    """The field at another resolution, each pixel from the nearest of the field's own."""
    rows = ((np.arange(height) + 0.5) * field.shape[0] / max(height, 1)).astype(int)
    columns = ((np.arange(width) + 0.5) * field.shape[1] / max(width, 1)).astype(int)
    return np.asarray(field[rows][:, columns])
