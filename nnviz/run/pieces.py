"""The straight pieces that a network of linear layers and piecewise linear activations makes of one input.

A linear layer maps lines to lines; an activation such as ReLU bends each line where that crosses 0, at x = −b / w for
w · x + b. So the pieces are carried through the layers exactly, as slopes and intercepts, and split where a unit bends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnviz import nn
from nnviz.data import Standardizer
from nnviz.errors import TrainingError
from nnviz.network import Stack
from nnviz.nn.activations import Segment

Floats = NDArray[np.float64]

MOST = 4096
"""Most pieces."""

MOST_NUMBERS = 2**22
"""Most slopes at a time, of all units on all pieces."""

NARROW, FLAT = 1e-12, 1e-9
"""Rounding: pieces narrower than this share of the range, and bends of less than this share of the largest slope."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """A continuous function made of straight pieces: on piece k, y = slopes[k] · x + intercepts[k].

    Attributes:
        low, high: the range of x.
        starts: where each piece begins; the first at `low`, (K,).
        slopes, intercepts: of each piece, (K,) each.
        units: for each piece the position of the layer whose unit bends at its start, and the number of that unit,
            (K, 2); −1 for the first.
    """

    low: float
    high: float
    starts: Floats = field(repr=False)
    slopes: Floats = field(repr=False)
    intercepts: Floats = field(repr=False)
    units: NDArray[np.int64] = field(repr=False)

    @property
    def kinks(self) -> Floats:
        """Where it bends."""
        return self.starts[1:]

    def __call__(self, x: Floats) -> Floats:
        """Its values, also beyond the range, where the outermost pieces go on."""
        at = np.searchsorted(self.starts[1:], x, "right")
        return np.asarray(self.slopes[at] * x + self.intercepts[at])


@dataclass
class _Lines:
    """What units make of x: on each piece a line for each unit.

    Attributes:
        starts, end: where the pieces begin, and the last one ends.
        bends: whose unit bends there, (K, 2).
        slopes, intercepts: (K, units) each.
    """

    starts: Floats
    end: float
    bends: NDArray[np.int64]
    slopes: Floats
    intercepts: Floats


def pieces_of(model: Stack, low: float, high: float, inputs: Standardizer, targets: Standardizer | None) -> Pieces:
    """The pieces of a model in evaluation mode, over a range of its one input, in the units of the data.

    Args:
        model: its layers.
        low, high: the range.
        inputs, targets: how its input and its output are scaled.

    Raises:
        TrainingError: a layer is not piecewise linear, or there are too many pieces; the message says which.
    """
    walk = _Walk(low, high, inputs)
    for position, layer in enumerate(model):
        walk.through(layer, position)
    lines = walk.lines
    if lines.slopes.shape[1] != 1:
        raise TrainingError(
            f"the network has {lines.slopes.shape[1]} outputs, and a curve has one", "give the last layer one output"
        )
    slopes, intercepts = lines.slopes[:, 0], lines.intercepts[:, 0]
    if not (np.isfinite(slopes).all() and np.isfinite(intercepts).all()):
        raise TrainingError("weights are not finite, so there are no pieces", "restart with a smaller learning rate")
    if targets is not None:
        std, mean = float(np.ravel(targets.std)[0]), float(np.ravel(targets.mean)[0])
        slopes, intercepts = slopes * std, intercepts * std + mean
    return _joined(Pieces(low, high, lines.starts, slopes, intercepts, lines.bends))


class _Walk:
    """The lines on their way through the layers, and those of earlier rows that later ones join."""

    def __init__(self, low: float, high: float, inputs: Standardizer) -> None:
        std, mean = float(np.ravel(inputs.std)[0]), float(np.ravel(inputs.mean)[0])
        start, none = np.array([low]), np.full((1, 2), -1)
        self.lines = _Lines(start, high, none, np.array([[1 / std]]), np.array([[-mean / std]]))
        self._rows = [(self.lines.slopes, self.lines.intercepts)]

    def through(self, layer: nn.Module, position: int) -> None:
        """Let the lines go through a layer."""
        lines = self.lines
        if isinstance(layer, nn.Linear):
            weight = layer.weight.array.astype(np.float64)
            bias = 0.0 if layer.bias is None else layer.bias.array.astype(np.float64)
            lines.slopes, lines.intercepts = lines.slopes @ weight.T, lines.intercepts @ weight.T + bias
        elif isinstance(layer, nn.BatchNorm1d) and layer.track_running_stats:
            self._normalize(layer)
        elif isinstance(layer, nn.Add):
            slopes, intercepts = self._rows[layer.row]
            lines.slopes, lines.intercepts = lines.slopes + slopes, lines.intercepts + intercepts
        elif isinstance(layer, nn.Concat) and layer.dim in (1, -1):
            slopes, intercepts = self._rows[layer.row]
            lines.slopes = np.concatenate([lines.slopes, slopes], axis=1)
            lines.intercepts = np.concatenate([lines.intercepts, intercepts], axis=1)
        elif isinstance(layer, nn.Activation) and (segments := layer.segments()) is not None:
            self._bend(segments, position)
        elif not isinstance(layer, nn.Dropout | nn.Identity | nn.Flatten):
            name = type(layer).__name__
            why = "is curved" if isinstance(layer, nn.Activation) else "is not piecewise linear"
            raise TrainingError(
                f"layer {position + 1}, {name}, {why}: there are no straight pieces", "ReLU bends at one point"
            )
        self._rows.append((lines.slopes, lines.intercepts))

    def _normalize(self, layer: nn.BatchNorm1d) -> None:
        """(x − mean) / √(variance + eps) · weight + bias"""
        factor = 1 / np.sqrt(layer.running_var.array.astype(np.float64) + layer.eps)
        term = -layer.running_mean.array.astype(np.float64) * factor
        if layer.weight is not None and layer.bias is not None:
            weight = layer.weight.array.astype(np.float64)
            factor, term = factor * weight, term * weight + layer.bias.array.astype(np.float64)
        self.lines.slopes, self.lines.intercepts = self.lines.slopes * factor, self.lines.intercepts * factor + term

    def _bend(self, segments: Sequence[Segment], position: int) -> None:
        """Split the pieces where a unit comes from one segment to another, and put each unit on its own."""
        lines = self.lines
        places = np.array([start for start, _, _ in segments[1:]])
        ends = np.append(lines.starts[1:], lines.end)
        with np.errstate(all="ignore"):
            roots = (places - lines.intercepts[:, :, None]) / lines.slopes[:, :, None]
        there = (roots > lines.starts[:, None, None]) & (roots < ends[:, None, None])
        _, unit, _ = np.nonzero(there)
        if len(lines.starts) + len(unit) > MOST or (len(lines.starts) + len(unit)) * there.shape[1] > MOST_NUMBERS:
            raise TrainingError(f"the fit has more than {MOST:,} pieces", "make the layers smaller")
        starts, first = np.unique(np.concatenate([lines.starts, roots[there]]), return_index=True)
        bends = np.concatenate([lines.bends, np.stack([np.full_like(unit, position), unit], axis=1)])
        whole = np.searchsorted(lines.starts, starts, "right") - 1
        # Earlier rows are split in the same places.
        self._rows = [(slopes[whole], intercepts[whole]) for slopes, intercepts in self._rows]
        lines.bends, lines.starts = bends[first], starts
        slopes, intercepts = lines.slopes[whole], lines.intercepts[whole]
        middles = (starts + np.append(starts[1:], lines.end)) / 2
        at = np.searchsorted(places, slopes * middles[:, None] + intercepts, "right")
        units = slopes.shape[1]
        own = np.stack([np.broadcast_to(np.asarray(slope, np.float64), units) for _, slope, _ in segments])
        slope, intercept = own[at, np.arange(units)], np.array([one[2] for one in segments])[at]
        lines.slopes, lines.intercepts = slope * slopes, slope * intercepts + intercept


def _joined(found: Pieces) -> Pieces:
    """Without pieces that are as narrow as rounding, and without starts where nothing bends."""
    ends = np.append(found.starts[1:], found.high)
    wide = ends - found.starts > NARROW * (found.high - found.low)
    kept = np.flatnonzero(wide)
    if not len(kept):
        kept = np.array([0])
    slopes = found.slopes[kept]
    bends = np.abs(np.diff(slopes)) > FLAT * np.abs(slopes).max()
    kept = kept[np.concatenate([[True], bends])]
    starts = found.starts[kept].copy()
    starts[0] = found.low
    return Pieces(found.low, found.high, starts, found.slopes[kept], found.intercepts[kept], found.units[kept])
