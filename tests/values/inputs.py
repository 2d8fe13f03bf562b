"""What the calls of make_calls.py are made with, on both sides."""

from __future__ import annotations

import math
from typing import Any

import numpy as np


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """The same on both sides: spread over −2 to 2, none near another."""
    count = math.prod(shape)
    return (np.random.default_rng([count, seed]).permutation(count).reshape(shape) + 0.5) * 4 / max(count, 1) - 2


ARRAYS = {
    "x": numbers(3, 4), "y": numbers(3, 4, seed=1), "p": numbers(3, 4, seed=2) / 8 + 0.5, "q": numbers(3, 4, seed=3) / 8 + 0.5,
    "img": numbers(2, 4, 6, 5), "one": numbers(1, 1, 8, 8), "seq": numbers(2, 4, 7), "wide": numbers(2, 3, 2, 2),
    "w": numbers(4, 2, 3, 3, seed=1) / 4, "w1": numbers(1, 4, 3, 3, seed=2), "k": numbers(2, 2, 3, seed=1), "b": numbers(4, seed=4),
    "c": numbers(4, seed=5) + 3, "v": numbers(4, seed=6), "far": numbers(3, 4) * 1000, "d3": numbers(2, 3, 4),
}  # fmt: skip
"""In float64; their names with a 32 behind are the same in float32."""

WHOLE = {
    "i34": np.arange(12).reshape(3, 4), "lab": np.array([0, 3, 1]), "skip": np.array([0, -100, 1]), "none": np.array([2, 2, 2]),
    "pix": np.array([[[0, 2], [1, 1]], [[2, 0], [0, 1]]]), "ints": (np.arange(64).reshape(1, 1, 8, 8) * 7) % 31 - 15,
}  # fmt: skip


def given(make: Any) -> dict[str, Any]:
    """What the calls name: every array in two types, and two of odd shapes."""
    # Of the weights of classes, c, PyTorch takes no gradient.
    found = {name: make(array, name != "c") for name, array in ARRAYS.items()}
    found |= {f"{name}32": make(array.astype(np.float32), name != "c") for name, array in ARRAYS.items()}
    found |= {name: make(array, False) for name, array in WHOLE.items()}
    return found | {"numbers_w": make(numbers(2, 4), True), "numbers_tall": make(numbers(1, 4, 9, 3), True)}
