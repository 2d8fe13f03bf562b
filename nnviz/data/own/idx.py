"""IDX files, the format of MNIST: images in one file, labels in another beside it."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nnviz.data.own.arrays import of_arrays
from nnviz.data.own.reading import MOST_NUMBERS, Content, too_large
from nnviz.data.own.source import Loaded, Source
from nnviz.errors import DataError

DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""The dtype of each type byte; numbers are big-endian."""

MOST_AXES = 4

WORDS = (("images-idx3", "labels-idx1"), ("images.idx3", "labels.idx1"), ("images-idx4", "labels-idx1"),
         ("images", "labels"))  # fmt: skip
"""What stands in the names of a file of images and of the labels that belong to it."""

Open = Callable[[str], AbstractContextManager[Content]]


def is_idx(start: bytes | bytearray) -> bool:
    """Whether a file starts as IDX files do: two bytes of 0, a type, and the number of axes."""
    return len(start) >= 4 and start[:2] == b"\0\0" and start[2] in DTYPES and 1 <= start[3] <= MOST_AXES


def labels_beside(path: str) -> str:
    """The path of the labels of a file of images; empty if the name does not tell it."""
    folder, name = Path(path).parent, Path(path).name
    for images, labels in WORDS:
        if images in name:
            stem = name.replace(images, labels)
            other = stem.removesuffix(".gz") if stem.endswith(".gz") else f"{stem}.gz"
            there = [candidate for candidate in (stem, other) if (folder / candidate).is_file()]
            return str(folder / (there[0] if there else stem))
    return ""


def read_idx(content: Content, source: Source, opened: Open) -> Loaded:
    """The data set in a file of images and the file of labels beside it.

    Raises:
        DataError: a file is not what is expected, or the labels are not found.
        FileError: the labels cannot be read.
    """
    path = labels_beside(source.path)
    if not path:
        raise DataError(
            f"{source.name}: the name does not tell which file has the labels",
            "pass the file of images, such as train-images-idx3-ubyte, with train-labels-idx1-ubyte beside it",
        )
    images = read_array(content)
    with opened(path) as beside:
        labels = read_array(beside)
    return of_arrays(images, labels, source, ("images", "labels"))


def read_array(content: Content) -> NDArray[np.generic]:
    """The array in an IDX file.

    Raises:
        DataError: the magic number is wrong, or there are fewer or more numbers than the header says.
    """
    magic = content.exactly(4, "the header")
    if not is_idx(magic):
        raise DataError(
            f"{content.name}: expected an IDX file, which starts with 0, 0, a type and up to {MOST_AXES} axes, "
            f"got {', '.join(map(str, magic))}",
            "download or write the file again",
        )
    dtype, axes = np.dtype(DTYPES[magic[2]]), magic[3]
    shape = struct.unpack(f">{axes}I", content.exactly(4 * axes, "the header"))
    count = math.prod(shape)
    if count > MOST_NUMBERS:
        raise too_large(content.name, count)
    data = content.exactly(count * dtype.itemsize, f"numbers, {' x '.join(map(str, shape))}")
    if content.stream.read(1):
        raise DataError(
            f"{content.name}: more bytes than the {count:,} numbers that the header says", "download the file again"
        )
    return np.frombuffer(data, dtype).reshape(shape)
