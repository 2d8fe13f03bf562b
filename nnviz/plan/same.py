"""Comparing the Python values that a forward reads with their recorded state."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

PLAIN = (type(None), bool, int, float, complex, str, bytes, np.generic, np.dtype)
"""Types that are compared by value."""

MISSING: Any = object()
"""Marks an absent value."""


def same(now: Any, before: Any) -> bool:
    """Whether two plain values are equal."""
    if type(now) is not type(before) or not isinstance(now, PLAIN):
        return False
    # By repr, NaN equals NaN, and −0.0 differs from 0.0.
    return bool(repr(now) == repr(before))


def unchanged(value: Any, before: Any) -> bool:
    """Whether an array holds the same numbers, or any other value is equal."""
    if isinstance(value, array | bytearray):
        return bool(value == before)
    if isinstance(value, np.ndarray):
        return bool(value.shape == before.shape and value.tobytes() == before.tobytes())
    if len(value) != len(before):
        return False
    if isinstance(value, Mapping):
        pairs = [(value.get(key, MISSING), one) for key, one in before.items()]
    elif isinstance(value, set):
        return all(one in value for one in before)
    else:
        pairs = list(zip(value, before, strict=True))
    return all(now is one or same(now, one) for now, one in pairs)


def restore_class(owner: type, known: dict[str, Any]) -> None:
    for key in set(vars(owner)) - set(known):
        delattr(owner, key)
    for key, value in known.items():
        if vars(owner).get(key, MISSING) is not value:
            setattr(owner, key, value)


def restore(value: Any, before: Any) -> None:
    if isinstance(value, np.ndarray):
        if value.flags.writeable and value.shape == before.shape:
            value[...] = before
        return
    if unchanged(value, before) or isinstance(value, MappingProxyType):
        return
    if isinstance(value, array | bytearray):
        value[:] = before
        return
    value.clear()
    if isinstance(value, dict | set):
        value.update(before)
    else:
        value.extend(before)
