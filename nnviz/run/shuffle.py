"""The permutation of the samples in each epoch, and the batches that are taken from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.seeds import stream


def permutation(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    """Every sample from 0 to `count` − 1 once, in a random permutation.

    It depends on seed and epoch alone: any step can be reached without the ones before, and batches of another size go
    on in the middle of an epoch.
    """
    return stream(seed, "shuffle", epoch).permutation(count)


def place_in(used: int, before: int, count: int) -> int:
    """Where an epoch goes on that has another number of samples from here on: after the same part of it.

    Args:
        used: how many samples of the epoch were used, less than `before`.
        before: how many samples an epoch had.
        count: how many samples an epoch has.
    """
    return used * count // before


def batch_bounds(used: int, size: int, count: int) -> tuple[int, int]:
    """Which part of an epoch's permutation the next batch is: (start, stop).

    Where the size of batches changed within the epoch, a single sample may be left for the last batch, which layers
    that standardise over the batch refuse. It is taken along with the batch before; where there is none, the last batch
    has the sample before it once more. Whole epochs that leave a single sample are as they are.

    Args:
        used: how many samples of the epoch were used.
        size: of a batch.
        count: how many samples an epoch has.
    """
    stop = min(used + size, count)
    if size == 1 or count % size == 1:
        return used, stop
    if count - stop == 1:
        stop = count
    return min(used, max(count - 2, 0)), stop
