"""The predictions of a network over two-dimensional data, with the samples, as a heat map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.data import Schema
from nnviz.run.queries import GRID, Predicted, SamplesSeen
from nnviz.views.contrast import Rgb, is_dark
from nnviz.views.heat import Field, Points, Scale, class_colors, class_inks, ramp, scale_colors

SHADES = "░▒▓█"
"""Values without color, from lowest to highest."""


def prediction_map(schema: Schema, predicted: Predicted, samples: SamplesSeen, background: Rgb) -> Field:
    """The decision regions of a classification, or the surface of a regression."""
    x0, x1, y0, y1 = predicted.extent
    grid = predicted.answers.reshape(GRID, GRID, -1)
    scale = None
    if schema.task == "classification":
        names = schema.classes
        pixels, marks = class_colors(grid, background), _class_marks(grid)
    else:
        low, high, middle = _values(samples.labels)
        names = f"below {middle:.3g}", f"above {middle:.3g}"
        pixels, marks = scale_colors(grid[..., 0], low, high, background), _value_marks(grid[..., 0], low, high)
        scale = Scale(low, high, ramp(is_dark(background)), SHADES)
    labels = kinds_of(schema, samples.labels, samples.labels)
    points = Points(samples.inputs[:, 0], samples.inputs[:, 1], labels, samples.held_out)
    return Field(
        pixels=pixels,
        marks=marks,
        extent=(x0, x1, y0, y1),
        points=points,
        names=names,
        inks=class_inks(background),
        axes=(schema.features[0], schema.features[1]),
        scale=scale,
    )


def kinds_of(schema: Schema, labels: Array, every: Array) -> Array:
    """Which mark each sample has: that of its class, or whether its value is above the middle of those of `every`."""
    if schema.task == "classification":
        return labels
    return np.asarray(labels[:, 0] > _values(every)[2]).astype(np.int64)


def _values(labels: Array) -> tuple[float, float, float]:
    """The lowest and the highest value, and that between the two marks: 0, or their middle where all have one sign."""
    low, high = float(labels.min()), float(labels.max())
    return low, high, 0.0 if low < 0 < high else (low + high) / 2


def _class_marks(grid: Array) -> NDArray[np.str_]:
    """The number of the likeliest class; a space where none is half as likely again as under a uniform distribution."""
    best = np.nan_to_num(grid).argmax(axis=-1)
    unsure = np.nan_to_num(grid).max(axis=-1) < 1.5 / grid.shape[-1]
    return np.where(unsure, " ", (best % 10).astype(str))


def _value_marks(values: Array, low: float, high: float) -> NDArray[np.str_]:
    share = np.nan_to_num((values - low) / ((high - low) or 1.0)).clip(0, 1)
    return np.asarray(np.array(list(SHADES))[(share * (len(SHADES) - 1)).round().astype(int)])
