"""From inputs and targets that are arrays already, of NPZ and IDX files, to a data set."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nnviz.data.dataset import all_finite
from nnviz.data.own.column import too_close
from nnviz.data.own.reading import MOST_NUMBERS, too_large
from nnviz.data.own.schemas import loaded
from nnviz.data.own.source import Column, Loaded, Source, shown
from nnviz.data.own.targets import Targets, of_numbers, of_texts, of_values
from nnviz.errors import DataError

Array = NDArray[np.generic]

CHANNELS = (1, 3, 4)
"""The last axis of images whose channels come last is one of these."""


def of_arrays(inputs: Array, targets: Array, source: Source, names: tuple[str, str], held_out: int = 0) -> Loaded:
    """A data set of two arrays.

    Args:
        inputs: (N, features), (N,) or images (N, height, width), (N, channels, height, width) or
            (N, height, width, channels).
        targets: (N,), (N, 1) or, for a regression, (N, values).
        source: the file.
        names: what inputs and targets are called in it.
        held_out: how many samples at the end are the test data; 0 holds out a random fifth.

    Raises:
        DataError: the arrays have another shape or dtype, or numbers that are not finite.
    """
    if len(inputs.shape) == 0 or len(targets.shape) == 0 or len(inputs) != len(targets):
        raise DataError(
            f"{source.name}: expected as many targets as inputs, got {names[0]} {inputs.shape} and "
            f"{names[1]} {targets.shape}",
            "the first axis of both is the samples",
        )
    if inputs.size > MOST_NUMBERS:
        raise too_large(source.name, inputs.size)
    x, what = _inputs(inputs, source, names[0])
    del inputs  # they may be float64, and nothing else holds them
    y = _targets(targets, source, names[1])
    features = tuple(f"x{at}" for at in range(1, x.shape[1] + 1)) if x.ndim == 2 else ()
    kind = "number" if features else "image"
    columns = (Column(shown(names[0]), kind, what), Column(shown(names[1]), _kind(targets), y.made))
    notes = (f"The last {held_out:,} samples are the test data, as the file has them.",) if held_out else ()
    return loaded(source, x, y, features, columns, notes, held_out)


def _kind(array: Array) -> str:
    return "text" if array.dtype.kind == "U" else "number"


def _inputs(array: Array, source: Source, name: str) -> tuple[NDArray[np.float32], str]:
    """The inputs as float32, images with their channels first, and what was made of them."""
    if array.dtype.kind not in "fiub":
        raise DataError(f"{source.name}: {name}: expected numbers, got {array.dtype}", "convert the array first")
    if array.ndim == 1:
        array = array[:, None]
    if array.size == 0 or array.ndim not in (2, 3, 4):
        raise DataError(
            f"{source.name}: {name}: expected rows (N, features) or images (N, height, width), got {array.shape}",
            "reshape the array",
        )
    if array.ndim == 3:
        array = array[:, None]
    elif array.ndim == 4 and array.shape[3] in CHANNELS and array.shape[1] not in CHANNELS:
        array = array.transpose(0, 3, 1, 2)
    bytes_ = array.dtype == np.uint8 and array.ndim == 4
    with np.errstate(over="ignore"):
        x = np.asarray(array, np.float32, order="C")
    if bytes_:
        x /= 255
    if not all_finite(x):
        row = int(np.argmin(np.isfinite(x).reshape(len(x), -1).all(axis=1)))
        raise DataError(
            f"{source.name}: {name}: sample {row:,} (from 0) has NaN, infinity or a number too large for float32",
            "drop or replace such samples",
        )
    shape = "x".join(map(str, x.shape[1:]))
    if x.ndim == 2:
        _refuse_close(array, source, name)
        return x, f"{x.shape[1]} inputs"
    return x, f"images {shape} (channels, height, width){', divided by 255' if bytes_ else ''}"


def _refuse_close(array: Array, source: Source, name: str) -> None:
    """Refuse columns whose numbers are the same in float32, or nearly so (N, features)."""
    if array.dtype.kind == "b" or array.dtype.itemsize <= 2:
        return
    for at, (low, high) in enumerate(zip(array.min(axis=0).tolist(), array.max(axis=0).tolist(), strict=True)):
        if too_close(low, high):
            raise DataError(
                f"{source.name}: {name}: column {at} (from 0) goes from {low:.15g} to {high:.15g}, "
                "which float32 cannot tell apart well enough",
                "subtract a constant from it",
            )


def _targets(array: Array, source: Source, name: str) -> Targets:
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind == "U" and array.ndim == 1:
        words, codes = np.unique(array, return_inverse=True)
        if len(words) > 1_000:
            raise DataError(f"{source.name}: {name} has {len(words):,} different texts", "1,000 classes are the most")
        texts = {str(word): number for number, word in enumerate(words)}
        return of_texts(codes.astype(np.int32), texts, source, name)
    if array.dtype.kind not in "fiub" or array.ndim not in (1, 2) or array.size == 0:
        raise DataError(
            f"{source.name}: {name}: expected numbers or texts (N,), or values (N, values), "
            f"got {array.dtype} {array.shape}",
            "convert or reshape the array",
        )
    with np.errstate(over="ignore"):
        rounded = array.astype(np.float32)
    if not all_finite(rounded):
        row = int(np.argmin(np.isfinite(rounded).reshape(len(rounded), -1).all(axis=1)))
        raise DataError(
            f"{source.name}: {name}: target {row:,} (from 0) is NaN, infinite or too large",
            "drop or replace such samples",
        )
    if array.ndim == 1:
        return of_numbers(array, source, name)
    if source.task == "classification":
        raise DataError(
            f"{source.name}: {name}: expected one class for each sample, got shape {array.shape}",
            "write the number of the class, not one value for each class",
        )
    return of_values(array.astype(np.float32), source, name)
