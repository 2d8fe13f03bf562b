"""The predictions of a network over two-dimensional data, with the samples, as a heat map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.data import Schema
from nnviz.run.queries import GRID, Predicted, SamplesSeen
from nnviz.views.heat import GLYPHS, Colour, Field, Points, class_colors, value_colors

SHADES = "░▒▓█"
"""Values without colour, from lowest to highest."""


def prediction_map(schema: Schema, predicted: Predicted, samples: SamplesSeen, background: Colour) -> Field:
    """The decision regions of a classification, or the surface of a regression."""
    x0, x1, y0, y1 = predicted.extent
    grid = predicted.answers.reshape(GRID, GRID, -1)
    if schema.task == "classification":
        legend = "   ".join(f"{GLYPHS[i % len(GLYPHS)]} {name}" for i, name in enumerate(schema.classes))
        plain = "   ".join(f"{GLYPHS[i % len(GLYPHS)]} {i % 10} {name}" for i, name in enumerate(schema.classes))
        pixels, marks = class_colors(grid, background), _class_marks(grid)
        labels = samples.labels
    else:
        low, high = float(samples.labels.min()), float(samples.labels.max())
        legend = f"{GLYPHS[0]} {low:.2g}   {GLYPHS[1]} {high:.2g}"
        plain = f"{GLYPHS[0]} {SHADES[0]} {low:.2g}   {GLYPHS[1]} {SHADES[-1]} {high:.2g}"
        pixels, marks = value_colors(grid[..., 0], low, high, background), _value_marks(grid[..., 0], low, high)
        labels = (samples.labels[:, 0] > 0).astype(np.int64)
    points = Points(samples.inputs[:, 0], samples.inputs[:, 1], labels, samples.held_out)
    return Field(pixels, marks, (x0, x1, y0, y1), points, legend, plain)


def _class_marks(grid: Array) -> NDArray[np.str_]:
    """The number of the likeliest class; a space where none is half as likely again as under a uniform distribution."""
    best = np.nan_to_num(grid).argmax(axis=-1)
    unsure = np.nan_to_num(grid).max(axis=-1) < 1.5 / grid.shape[-1]
    return np.where(unsure, " ", (best % 10).astype(str))


def _value_marks(values: Array, low: float, high: float) -> NDArray[np.str_]:
    share = np.nan_to_num((values - low) / ((high - low) or 1.0)).clip(0, 1)
    return np.asarray(np.array(list(SHADES))[(share * (len(SHADES) - 1)).round().astype(int)])
