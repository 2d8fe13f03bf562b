"""NPZ archives: X and y, or x_train, y_train, x_test and y_test. Pickles in them are never read."""

from __future__ import annotations

import zipfile
import zlib
from typing import IO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from nnviz.data.own.arrays import of_arrays
from nnviz.data.own.reading import BOMB_BYTES, BOMB_RATIO, MOST_NUMBERS, Content, bomb, too_large
from nnviz.data.own.source import Loaded, Source, shown
from nnviz.errors import DataError, NnvizError

Array = NDArray[np.generic]

PAIRS = (("X", "y"), ("x", "y"), ("inputs", "targets"), ("images", "labels"), ("data", "target"))
"""The names that inputs and targets can have."""

SPLIT = ("x_train", "y_train", "x_test", "y_test")

HINT = "write it with np.savez(path, X=inputs, y=targets)"

MOST_MEMBERS = 1_000

PIECE = 2**20
"""Bytes that are read at once."""


def read_npz(content: Content, source: Source) -> Loaded:
    """The data set in an NPZ archive.

    Raises:
        DataError: it is not such an archive, or the arrays in it are not what is expected.
        CancelledError: it was to stop.
    """
    try:
        with zipfile.ZipFile(content.stream) as archive:
            return _read(_Archive(archive, content), source)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        if isinstance(error, NnvizError):
            raise
        raise DataError(f"{content.name}: the archive is damaged: {shown(str(error))}", HINT) from None


def _read(archive: _Archive, source: Source) -> Loaded:
    names = archive.names
    lower = {name.lower(): name for name in names}
    if all(name in lower for name in SPLIT):
        x, y, x_test, y_test = (archive.array(lower[name]) for name in SPLIT)
        return _joined(x, y, x_test, y_test, source)
    for pair in PAIRS:
        if pair[0] in names and pair[1] in names:
            return of_arrays(archive.array(pair[0]), archive.array(pair[1]), source, pair)
    found = ", ".join(shown(name, 30) for name in list(names)[:10]) or "none"
    raise DataError(f"{source.name}: expected the arrays X and y, or {', '.join(SPLIT)}; there are: {found}", HINT)


def _joined(x: Array, y: Array, x_test: Array, y_test: Array, source: Source) -> Loaded:
    """The training and the test data as one, the test data at the end."""
    for (name, one), (other_name, other) in (
        ((SPLIT[0], x), (SPLIT[2], x_test)),
        ((SPLIT[1], y), (SPLIT[3], y_test)),
    ):
        if not one.shape or not other.shape or one.shape[1:] != other.shape[1:] or one.dtype.kind != other.dtype.kind:
            raise DataError(
                f"{source.name}: {name} is {one.dtype} {one.shape}, but {other_name} is {other.dtype} {other.shape}",
                "both need the same dtype, and the same shape but for the samples",
            )
    for inputs, targets, names in ((x, y, SPLIT[:2]), (x_test, y_test, SPLIT[2:])):
        if len(inputs) != len(targets) or len(inputs) == 0:
            raise DataError(
                f"{source.name}: expected as many samples in {names[0]} as in {names[1]}, and at least one, "
                f"got {len(inputs):,} and {len(targets):,}",
                "the first axis is the samples",
            )
    whole = np.concatenate([x, x_test]), np.concatenate([y, y_test])
    return of_arrays(*whole, source, (SPLIT[0], SPLIT[1]), held_out=len(x_test))


class _Archive:
    """The arrays in an archive, by name."""

    def __init__(self, archive: zipfile.ZipFile, content: Content) -> None:
        self._archive, self._content = archive, content
        found = archive.infolist()
        if len(found) > MOST_MEMBERS:
            raise DataError(f"{content.name}: more than {MOST_MEMBERS:,} arrays", HINT)
        self.names = {info.filename.removesuffix(".npy"): info for info in found}

    def array(self, name: str) -> Array:
        """One of the arrays.

        Raises:
            DataError: it is encrypted, damaged, not of numbers or texts, or unpacks to far more than it is.
        """
        info, file = self.names[name], self._content.name
        if info.flag_bits & 1:
            raise DataError(f"{file}: {shown(name, 30)} is encrypted", "write it without a password")
        if info.file_size > max(BOMB_BYTES, BOMB_RATIO * info.compress_size):
            raise bomb(file)
        if info.file_size > 8 * MOST_NUMBERS:
            raise too_large(file, info.file_size // 8)
        with self._archive.open(info) as stream:
            shape, fortran, dtype = self._header(stream, name)
            rest = info.file_size - stream.tell()
            count = 1
            for size in shape:
                count *= size
            if dtype.hasobject or dtype.kind not in "fiubU" or dtype.itemsize == 0:
                what = "Python objects, which could run code" if dtype.hasobject else f"{shown(str(dtype), 30)}"
                raise DataError(f"{file}: {shown(name, 30)}: expected numbers or texts, got {what}", "convert it first")
            if count * dtype.itemsize != rest:
                raise DataError(
                    f"{file}: {shown(name, 30)}: expected {count * dtype.itemsize:,} bytes for {dtype} {shape}, "
                    f"got {rest:,}",
                    "the file is damaged: write it again",
                )
            array = np.empty(count, dtype)
            self._fill(stream, memoryview(array.view(np.uint8).data), name)
        # Code points beyond Unicode would end the program later.
        if dtype.kind == "U" and count and array.view(f"{dtype.byteorder}u4".replace("=", "")).max() > 0x10FFFF:
            raise DataError(f"{file}: {shown(name, 30)}: not valid text", "write it again")
        return array.reshape(shape, order="F" if fortran else "C")

    def _header(self, stream: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
        try:
            version = npy.read_magic(stream)
            reader = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
            shape, fortran, dtype = reader(stream)
        except Exception as error:
            # numpy's parser lets errors of Python's own through.
            raise DataError(
                f"{self._content.name}: {shown(name, 30)} is not an array: {shown(str(error))}", HINT
            ) from None
        if any(type(size) is not int or size < 0 for size in shape):
            raise DataError(f"{self._content.name}: {shown(name, 30)} has the shape {shown(str(shape))}", HINT)
        return shape, bool(fortran), dtype

    def _fill(self, stream: IO[bytes], into: memoryview, name: str) -> None:
        done = 0
        while done < len(into):
            piece = stream.read(min(PIECE, len(into) - done))
            if not piece:
                raise DataError(f"{self._content.name}: {shown(name, 30)} is cut off", "write the file again")
            into[done : done + len(piece)] = piece
            done += len(piece)
            self._content.at(self._content.raw.tell())
