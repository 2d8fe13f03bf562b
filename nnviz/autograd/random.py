"""The generator that is used where none is passed in, as in PyTorch; the program itself always passes one."""

from __future__ import annotations

import numpy as np

_current = np.random.default_rng()


def manual_seed(seed: int) -> np.random.Generator:
    """Restart the default generator from `seed`, and return it."""
    global _current
    _current = np.random.default_rng(seed)
    return _current


def default_generator() -> np.random.Generator:
    """The generator of everything random that was not handed one."""
    return _current
