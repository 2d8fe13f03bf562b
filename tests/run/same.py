"""Whether two values are the same, bit for bit."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import numpy as np


def same(one: object, other: object) -> bool:
    """Whether all numbers in them are equal, arrays in shape and type as well; NaN equals NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if is_dataclass(one) and is_dataclass(other):
        return all(same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    return bool(one == other or (one != one and other != other))
