"""Independent streams of random numbers from one seed.

Each use of random numbers has its own named stream, so that drawing more numbers for one use does not affect another:
the same seed always gives the same data, weights and batches.
"""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The random number generator of one named stream: `default_rng([seed, *names])`, with strings as their CRC-32.

    Args:
        seed: an integer, 0 or more.
        names: the name of the stream, for example `"weights", 2`.
    """
    keys = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    return np.random.default_rng([seed, *keys])
