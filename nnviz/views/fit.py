"""What a regression predicts against what is right: a point a value, and the diagonal, on which both are the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.views.series import Floats, Frame, Series, Stroke, extent

STYLES: dict[str, Stroke] = {"train": "points", "test": "pairs"}
"""How the values of a side are drawn, so that both are told apart without color."""


def scatter(
    sides: Sequence[tuple[str, str, Array, Array]], chosen: tuple[Array, Array] | None = None
) -> tuple[tuple[Series, ...], Frame]:
    """Predicted values over true ones.

    Args:
        sides: of each its name, its R² in words, and the true and the predicted values, all of the same shape.
        chosen: true and predicted values of a sample that stands out.
    """
    series = [
        Series(f"{side} {words}".rstrip(), _flat(true), _flat(predicted), STYLES[side], color=int(side == "test"))
        for side, words, true, predicted in sides
    ]
    if chosen is not None:
        series.append(Series("", _flat(chosen[0]), _flat(chosen[1]), "rings", color=3))
    # Both axes show the same, so that the diagonal goes from corner to corner.
    both = extent([values for one in series for values in (_finite(one.x), _finite(one.y))]) if series else None
    frame = Frame("ŷ, R²", "y", both, both, diagonal=True, empty="No value that is predicted is finite.")
    return tuple(series), frame


def _flat(values: Array) -> Floats:
    return np.asarray(values, np.float64).ravel()


def _finite(values: Array) -> Floats:
    found = _flat(values)
    return found[np.isfinite(found)]
