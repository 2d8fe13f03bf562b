"""The fingerprint of data: how many samples of what shape there are, and a hash of all their numbers and names."""

from __future__ import annotations

import hashlib
import re

import numpy as np
from numpy.typing import NDArray

from nnviz.data.schema import Schema
from nnviz.errors import DataError

DIGITS = 16
"""Hexadecimal digits of the hash."""

FORM = re.compile(r"([0-9]+)x([0-9x]+):[0-9a-f]+")


def content_of(schema: Schema, inputs: NDArray[np.float32], targets: NDArray[np.generic]) -> str:
    """The fingerprint, such as "60x4:1f3a90c2e4b6d871": 60 samples of 4 numbers, and BLAKE2b of what is in them.

    It is that of the arrays, not of the file: a file that is compressed or gets other line ends has the same.

    Args:
        schema: the names of features and classes, and which samples are test data.
        inputs: one sample per row.
        targets: one per sample.
    """
    digest = hashlib.blake2b(digest_size=DIGITS // 2)
    # Test data that the file names are part of it; a share that can be chosen is not.
    held_out = schema.test if schema.test_last else 0
    digest.update(repr((schema.features, schema.classes, held_out, inputs.shape, targets.shape)).encode())
    for array in (inputs, targets):
        digest.update(np.ascontiguousarray(array).data)
    return f"{len(inputs)}x{'x'.join(map(str, inputs.shape[1:]))}:{digest.hexdigest()}"


def difference(before: str, now: str) -> str:
    """What differs between two fingerprints, in words; empty if nothing does.

    What is no fingerprint, as in a file that was tampered with, differs from each.
    """
    if before == now:
        return ""
    one, other = (FORM.fullmatch(content) for content in (before, now))
    if one is None or other is None:
        return "its content is another one"
    if one.groups() == other.groups():
        return f"{_words(one)} before and now, but with other values ({_short(before)} before, now {_short(now)})"
    return f"{_words(one)} before, now {_words(other)}"


def _words(found: re.Match[str]) -> str:
    shape = found[2]
    return f"{int(found[1]):,} samples of {shape} {'number' if shape == '1' else 'numbers'}"


def _short(content: str) -> str:
    return content.rpartition(":")[2][:8]


def refuse_changed(name: str, before: str, now: str) -> None:
    """Raise DataError if data of this name are not those that they were; anything is fine if that is unknown."""
    if before and before != now:
        raise DataError(
            f"{name}: it has changed since it was opened: {difference(before, now)}",
            "open it again, so that a new run begins on what is in it now",
        )
