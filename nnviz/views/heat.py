"""Heat maps: the predictions of a network over a plane, and the samples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nnviz.views.contrast import BRIGHTEST, DARKEST, Pixels, Rgb, behind_marks, inks, is_dark, with_luminance

Cell = tuple[int, int]
T = TypeVar("T", bound=np.generic)

PALETTE: tuple[Rgb, ...] = (
    (245, 147, 34), (8, 119, 189), (0, 158, 115), (204, 121, 167), (240, 228, 66),
    (86, 180, 233), (213, 94, 0), (148, 103, 189), (140, 140, 140), (120, 90, 60),
)  # fmt: skip
"""Class colors: orange and blue first, as Playground has them; told apart by the color-blind."""

GLYPHS = "●▲◆■★✚▼◀▶♥"
"""Class marks, so that color never tells a class alone."""

HOLLOW = "○△◇□☆✛▽◁▷♡"
"""The same for samples the network does not learn from."""

CHOSEN = "◎"
"""The mark of the chosen sample."""


ENDS: tuple[Rgb, Rgb] = ((110, 50, 170), (60, 170, 110))
"""The hues of low and high values: neither is that of one of the first two classes."""

RAMP = 64
"""Colors of a scale of values."""

LEVELS = 64
"""Steps of red, green and blue in a picture that was resized."""


@dataclass(frozen=True, eq=False)
class Points:
    """Samples to be drawn on a field.

    Args:
        x, y: where they lie, in the data's own units.
        classes: the class of each; all 0 for a regression.
        held_out: which of them are not trained on; none where left out.
    """

    x: NDArray[np.floating]
    y: NDArray[np.floating]
    classes: NDArray[Any]
    held_out: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class Scale:
    """What the colors of values mean.

    Args:
        low, high: the values of the first and of the last color.
        colors: (n, 3), from low to high.
        shades: the same without color.
    """

    low: float
    high: float
    colors: Pixels
    shades: str


@dataclass(frozen=True, eq=False)
class Field:
    """What a heat map shows.

    Args:
        pixels: (H, W, 3) colors, the first row at the top.
        marks: (H, W) what a pixel means, for a terminal without colors: text of one character each.
        extent: (x0, x1, y0, y1) of the picture.
        points: samples on it.
        names: what each class of the points is called.
        inks: the color of each class of the points; it stands out from the pixels.
        axes: what x and y are.
        scale: what the colors mean where they stand for values; elsewhere they stand for classes.
        chosen: where the chosen one of the points is; None where none is.
    """

    pixels: Pixels
    marks: NDArray[np.str_]
    extent: tuple[float, float, float, float]
    points: Points | None
    names: tuple[str, ...]
    inks: tuple[Rgb, ...]
    axes: tuple[str, str] = ("x", "y")
    scale: Scale | None = None
    chosen: tuple[float, float] | None = None

    def with_points(self, points: Points, chosen: tuple[float, float]) -> Field:
        """The field with these points on it in place of its own, one of them chosen."""
        return replace(self, points=points, chosen=chosen)


def class_colors(probabilities: NDArray[np.floating], background: Rgb) -> Pixels:
    """(H, W, C) class probabilities as (H, W, 3) colors: each class's color, the paler the less sure the network is.

    Sureness is (p − 1/C) / (1 − 1/C) for the highest p: 0 where all classes are alike, 1 where one is certain. Where
    a probability is NaN, and where there are no classes, there is only the background. Marks stand out from all.
    """
    count = probabilities.shape[-1]
    if not probabilities.size:
        return np.full((*probabilities.shape[:-1], 3), background, np.uint8)
    known = np.isfinite(probabilities).all(axis=-1)
    p = np.where(known[..., None], probabilities, 0.0)
    best = p.argmax(axis=-1)
    floor = 1 / count if count > 1 else 0.0
    sure = ((p.max(axis=-1).clip(0, 1) - floor) / (1 - floor)).clip(0, 1)
    colors = np.array(PALETTE, np.float64)[best % len(PALETTE)]
    return behind_marks(_blend(colors, background, np.where(known, 0.12 + 0.63 * sure, 0.0)[..., None]), background)


def value_colors(values: NDArray[np.floating], low: float, high: float, background: Rgb) -> Pixels:
    """(H, W) values as (H, W, 3) colors: orange towards `low`, blue towards `high`, background between and for NaN."""
    half = (high - low) / 2
    with np.errstate(all="ignore"):
        t = (values.astype(np.float64) - (low + high) / 2) / (half or 1.0)
    t = np.nan_to_num(t, nan=0.0, posinf=1.0, neginf=-1.0).clip(-1, 1)
    colors = np.where(t[..., None] < 0, np.array(PALETTE[0], np.float64), np.array(PALETTE[1], np.float64))
    return _blend(colors, background, 0.75 * np.abs(t)[..., None])


def scale_colors(values: NDArray[np.floating], low: float, high: float, background: Rgb) -> Pixels:
    """(H, W) values as (H, W, 3) colors of `ramp`; the background for NaN. Marks stand out from all."""
    with np.errstate(all="ignore"):
        share = (values.astype(np.float64) - low) / ((high - low) or 1.0)
    known = ~np.isnan(share)
    colors = ramp(is_dark(background))
    pixels = colors[(np.where(known, share, 0.0).clip(0, 1) * (len(colors) - 1)).round().astype(np.intp)]
    pixels[~known] = behind_marks(np.array(background, np.uint8), background)
    return pixels


@cache
def ramp(dark: bool) -> Pixels:
    """(RAMP, 3) colors for values: from violet to green, and away from the background in equal steps of lightness."""
    share = np.linspace(0, 1, RAMP)[:, None]
    colors = (np.array(ENDS[0]) + (np.array(ENDS[1]) - np.array(ENDS[0])) * share).round().astype(np.uint8)
    first, last = (0.015, BRIGHTEST) if dark else (0.8, DARKEST)
    # Lightness goes about with the cube root of luminance.
    return with_luminance(colors, (first ** (1 / 3) + (last ** (1 / 3) - first ** (1 / 3)) * share[:, 0]) ** 3)


def class_inks(background: Rgb) -> tuple[Rgb, ...]:
    """The class colors for marks on a field: light on a dark background, dark on a light one."""
    return tuple(inks(np.array(PALETTE, np.uint8), background))


def _blend(colors: NDArray[np.float64], background: Rgb, share: NDArray[np.float64]) -> Pixels:
    base = np.array(background, np.float64)
    return np.asarray(base + (colors - base) * share).round().astype(np.uint8)


def resize(field: NDArray[T], height: int, width: int) -> NDArray[T]:
    """The field at another resolution, each pixel from the nearest of the field's own."""
    rows = ((np.arange(height) + 0.5) * field.shape[0] / max(height, 1)).astype(int)
    columns = ((np.arange(width) + 0.5) * field.shape[1] / max(width, 1)).astype(int)
    return np.asarray(field[rows][:, columns])


def smooth(pixels: Pixels, height: int, width: int) -> Pixels:
    """The picture at another resolution, each pixel between its four nearest (bilinear), in LEVELS steps a color.

    Few different colors are what makes drawing fast; so many that no steps are seen.
    """
    top, bottom, down = _between(pixels.shape[0], height)
    left, right, along = _between(pixels.shape[1], width)
    source = pixels.astype(np.float32)
    rows = source[top] + (source[bottom] - source[top]) * down[:, None, None]
    mixed = rows[:, left] + (rows[:, right] - rows[:, left]) * along[None, :, None]
    step = 256 // LEVELS
    return np.asarray((mixed / step).round().clip(0, 255 // step) * step).astype(np.uint8)


def _between(count: int, wanted: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """For each of the wanted places: the pixel before, the pixel after, and how far it is from one to the other."""
    at = ((np.arange(wanted) + 0.5) * count / max(wanted, 1) - 0.5).clip(0, max(count - 1, 0))
    before = at.astype(np.intp)
    return before, np.minimum(before + 1, count - 1), (at - before).astype(np.float32)


def cells_of(points: Points, extent: tuple[float, float, float, float], rows: int, columns: int) -> dict[Cell, str]:
    """The glyph in each cell that has a sample; (0, 0) is the upper left.

    Samples that are not finite or outside are omitted. Where samples share a cell, a training sample takes precedence
    over a held-out one.
    """
    x0, x1, y0, y1 = extent
    held = points.held_out if points.held_out is not None else np.zeros(len(points.x), np.bool_)
    with np.errstate(all="ignore"):
        across = (points.x - x0) / (x1 - x0)
        down = (y1 - points.y) / (y1 - y0)
    there = (across >= 0) & (across <= 1) & (down >= 0) & (down <= 1)
    column = (across[there] * columns).astype(int).clip(0, columns - 1)
    row = (down[there] * rows).astype(int).clip(0, rows - 1)
    kind = points.classes[there].astype(int) % len(GLYPHS)
    order = np.argsort(~held[there], kind="stable")
    places = zip(row[order].tolist(), column[order].tolist(), strict=True)
    marks = zip(kind[order].tolist(), held[there][order].tolist(), strict=True)
    return {place: (HOLLOW if out else GLYPHS)[k] for place, (k, out) in zip(places, marks, strict=True)}
