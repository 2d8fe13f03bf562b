"""In which order an epoch takes the samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.seeds import stream


def order_of(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    """Every sample from 0 to `count` − 1 once, in random order.

    It depends on seed and epoch alone: any step can be reached without the ones before, and batches of another size go
    on in the middle of an epoch.
    """
    return stream(seed, "shuffle", epoch).permutation(count)
