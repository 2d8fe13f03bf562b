"""What a network says over two-dimensional data, with the data on it, as a field to draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.data import Prepared
from nnviz.run.queries import GRID
from nnviz.views.heat import GLYPHS, Colour, Field, Points, class_field, value_field
from nnviz.views.probe import Probe

SHADES = "░▒▓█"
"""Values without colour, from lowest to highest."""


def field_of(data: Prepared, probe: Probe, answers: Array, background: Colour) -> Field:
    """The decision regions of a classification, or the surface of a regression."""
    x0, x1, y0, y1 = probe.extent
    grid = answers.reshape(GRID, GRID, -1)
    if data.dataset.task == "classification":
        classes = data.dataset.classes
        legend = "   ".join(f"{GLYPHS[i % len(GLYPHS)]} {name}" for i, name in enumerate(classes))
        plain = "   ".join(f"{GLYPHS[i % len(GLYPHS)]} {i % 10} {name}" for i, name in enumerate(classes))
        pixels, marks = class_field(grid, background), _class_marks(grid)
        labels = np.concatenate([data.train_y, data.test_y])
    else:
        low, high = float(data.dataset.targets.min()), float(data.dataset.targets.max())
        legend = f"{GLYPHS[0]} {low:.2g}   {GLYPHS[1]} {high:.2g}"
        plain = f"{GLYPHS[0]} {SHADES[0]} {low:.2g}   {GLYPHS[1]} {SHADES[-1]} {high:.2g}"
        pixels, marks = value_field(grid[..., 0], low, high, background), _value_marks(grid[..., 0], low, high)
        targets = np.concatenate([data.train_y, data.test_y]).astype(np.float32)
        if data.targets is not None:
            targets = data.targets.undo(targets)
        labels = (targets[:, 0] > 0).astype(np.int64)
    raw = data.inputs.undo(np.concatenate([data.train_x, data.test_x]))
    held_out = np.arange(len(raw)) >= len(data.train_x)
    return Field(pixels, marks, (x0, x1, y0, y1), Points(raw[:, 0], raw[:, 1], labels, held_out), legend, plain)


def _class_marks(grid: Array) -> NDArray[np.str_]:
    """The number of the likeliest class; a space where none is half as likely again as by chance."""
    best = np.nan_to_num(grid).argmax(axis=-1)
    unsure = np.nan_to_num(grid).max(axis=-1) < 1.5 / grid.shape[-1]
    return np.where(unsure, " ", (best % 10).astype(str))


def _value_marks(values: Array, low: float, high: float) -> NDArray[np.str_]:
    share = np.nan_to_num((values - low) / ((high - low) or 1.0)).clip(0, 1)
    return np.asarray(np.array(list(SHADES))[(share * (len(SHADES) - 1)).round().astype(int)])
