"""Histograms in a single row of cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.errors import ArgumentError

LEVELS = " ▁▂▃▄▅▆▇█"
"""From nothing to the largest."""


def spark(counts: NDArray[np.int64], width: int) -> str:
    """`counts` as a row of bars, `width` cells wide.

    A cell holds the sum of the intervals that it covers; of one that lies in several cells, each has its part. The
    height is ⌈8 · sum / largest sum⌋ eighths, rounded, and at least one eighth where there is anything at all: what is
    rare stays visible, and only what is empty is blank.

    Args:
        counts: how many numbers each interval has, (bins,).
        width: how many cells; the row of less than one is empty.

    Raises:
        ArgumentError: the counts are not one-dimensional, or one of them is negative.
    """
    counts = np.asarray(counts)
    if counts.ndim != 1 or (counts < 0).any():
        raise ArgumentError(
            f"expected counts in one dimension, none of them negative, got shape {counts.shape}",
            "give the numbers of a histogram's intervals",
        )
    if width < 1:
        return ""
    # Every interval in `width` parts, and every cell of as many parts as there are intervals.
    cells = np.repeat(counts, width).reshape(width, len(counts)).sum(axis=1)
    largest = int(cells.max())
    if not largest:
        return " " * width
    heights = np.maximum(np.rint(cells * (len(LEVELS) - 1) / largest), cells > 0)
    return "".join(LEVELS[int(height)] for height in heights)


def trend(values: NDArray[np.float64], width: int) -> str:
    """Numbers of 0 or more over time as a row of bars, oldest first, the largest the highest.

    A cell shows the last of the numbers that it covers, and at least one eighth where it is more than 0; of fewer
    numbers than cells, each has a cell of its own. ! stands for one that is not finite.
    """
    values = np.asarray(values, np.float64)
    if width < 1 or not len(values):
        return ""
    if len(values) > width:
        values = values[((np.arange(width) + 1) * len(values) / width).astype(int) - 1]
    finite = np.isfinite(values)
    largest = float(values[finite].max(initial=0))
    shares = np.where(finite, values, 0) / (largest or 1.0)
    heights = np.maximum(np.rint(shares * (len(LEVELS) - 1)), finite & (values > 0))
    return "".join(LEVELS[int(height)] if good else "!" for height, good in zip(heights, finite, strict=True))
