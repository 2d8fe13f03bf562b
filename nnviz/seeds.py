"""Independent streams of random numbers from one seed.

Every use of randomness names itself, so that drawing more numbers for one use never shifts another:
the same seed gives the same data, weights and batches whatever else the run does.
"""

from __future__ import annotations

import zlib

import numpy as np


def stream(seed: int, *names: str | int) -> np.random.Generator:
    """The generator of one named use of `seed`.

    Args:
        seed: a whole number from 0.
        names: what the numbers are for, for example `"weights", 2`; strings enter by their CRC-32.
    """
    keys = [zlib.crc32(name.encode()) if isinstance(name, str) else name for name in names]
    return np.random.default_rng([seed, *keys])
