"""Weights as safetensors files: the model's `state_dict()`, with PyTorch's names and orientation.

`model.load_state_dict(safetensors.torch.load_file(path))` works there. They are independent of the file of the state
beside them, so that an interruption between the two cannot make either useless.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from nnviz.autograd.operation import Array, Shape
from nnviz.errors import DataError
from nnviz.files.plain import weight_shapes
from nnviz.network import Network
from nnviz.run import Weights
from nnviz.serialization.container import metadata, unpacked
from nnviz.serialization.disk import read, write

MOST_HEADER = 10**8
"""The most bytes of a header of safetensors: the limit of the format's own library."""

COUNT = ".num_batches_tracked"
"""The end of the path of a buffer that counts."""

CONTENT = "data"
"""The key, in the metadata of a file of weights, of the fingerprint of the file of data they were trained on."""


def write_weights(weights: Weights, path: Path, content: str = "") -> None:
    """Write parameters and buffers, atomically; with the fingerprint of their data, if these are a file.

    Raises:
        WriteError: the file cannot be written.
    """
    write(path, weights_bytes(weights, content))


def weights_bytes(weights: Weights, content: str = "") -> bytes:
    """The content of a file of parameters and buffers."""
    from safetensors.numpy import save

    arrays = {name: np.asarray(array, order="C") for name, array in weights.items()}
    return bytes(save(arrays, {CONTENT: content} if content else None))


def read_weights(path: Path, network: Network) -> Weights:
    """The parameters and buffers in a file, which fit the network.

    Raises:
        MissingFileError, FileError: the file cannot be read.
        DataError: it is not a safetensors file, or a tensor is missing, unknown, or has another shape or dtype.
    """
    shapes = weight_shapes(network)
    _check_size(path, shapes)
    arrays, _ = unpacked(read(path))
    check_names(arrays, shapes, str(path))
    return {name: as_weight(name, array, str(path)) for name, array in arrays.items()}


def _check_size(path: Path, shapes: Mapping[str, Shape]) -> None:
    """Refuse a file that is larger than any of these weights before it is read."""
    most = MOST_HEADER + sum(8 * math.prod(shape) for shape in shapes.values())
    with suppress(OSError):  # `read` says what is wrong
        size = path.stat().st_size
        if size > most:
            raise DataError(
                f"{path}: {size:,} bytes, but the network's weights have at most {most:,}",
                "pass the model file that these weights were trained with",
            )


def not_finite(weights: Weights) -> list[str]:
    """The names of the arrays that contain NaN or infinity."""
    return [name for name, array in weights.items() if not np.isfinite(array).all()]


def as_weight(name: str, array: Array, path: str) -> Array:
    """An array in the type of its tensor; other types of the same kind, such as float16, are converted."""
    wanted = dtype_of(name)
    if array.dtype.kind != wanted.kind:
        raise DataError(f"{path}: the tensor {name!r} has dtype {array.dtype}, expected {wanted}", "convert it first")
    # Beyond float32 a number becomes infinite, which `not_finite` tells.
    with np.errstate(over="ignore"):
        return array.astype(wanted, copy=False)


def dtype_of(name: str) -> np.dtype[Any]:
    """The type of a parameter or buffer: all are float32, but for the count of a batch normalization."""
    return np.dtype(np.int64 if name.endswith(COUNT) else np.float32)


def check_names(arrays: Mapping[str, Array], wanted: Mapping[str, Shape], path: str) -> None:
    """Refuse arrays that are not those of these names and shapes.

    Raises:
        DataError: one is missing, unknown, or has another shape.
    """
    hint = "pass the model file that these weights were trained with"
    for name, shape in wanted.items():
        if name not in arrays:
            raise DataError(f"{path}: the tensor {name!r} is missing", hint)
        if arrays[name].shape != shape:
            raise DataError(f"{path}: {name!r} has shape {arrays[name].shape}, expected {shape}", hint)
    for name in arrays:
        if name not in wanted:
            raise DataError(f"{path}: the network has no tensor {name[:100]!r}", hint)


def content_of_weights(path: Path) -> str:
    """The fingerprint of the data that weights were trained on; empty if their file does not have it.

    Raises:
        MissingFileError, FileError: the file cannot be read.
        DataError: it is not a safetensors file.
    """
    found = metadata(read(path)).get(CONTENT)
    return found if isinstance(found, str) else ""
