"""Opens files of data: regular files only, gzip by its content, with progress and limits."""

from __future__ import annotations

import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nnviz.errors import (
    AccessError,
    ArgumentError,
    CancelledError,
    DataError,
    FileError,
    FolderError,
    MissingFileError,
)

Progress = Callable[[int, int], object]
"""Called with how much is done, and of how much."""

GZIP = b"\x1f\x8b"

BOMB_RATIO, BOMB_BYTES = 1_000, 10_000_000
"""What unpacks to more than this many times its size, and to more than these bytes, is refused."""

MOST_NUMBERS = 2**28
"""The most numbers of a data set: 1 GiB of float32."""


def stamp(path: str) -> tuple[int, int, int]:
    """What changes if the file does: device and inode, time of change and size.

    Raises:
        ArgumentError: the path contains a null byte.
        FileError: there is no such file, or it is not a regular file.
    """
    if "\0" in path or not path:
        raise ArgumentError("expected the path of a file of data", "for example: --data wine.csv")
    name = Path(path)
    try:
        found = name.stat()
    except FileNotFoundError:
        raise MissingFileError(f"{path[:300]}: there is no such file", "check the path of the data") from None
    except PermissionError:
        raise AccessError(f"{path[:300]}: permission denied", "check the permissions of the file") from None
    except (OSError, ValueError) as error:
        raise FileError(f"{path[:300]}: {getattr(error, 'strerror', None) or error}", "check the path") from None
    if stat.S_ISDIR(found.st_mode):
        raise FolderError(f"expected a file of data, but {path[:300]} is a folder", "pass the path of a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise FileError(f"{path[:300]}: not a regular file", "copy its content into a file first")
    return found.st_ino, found.st_mtime_ns, found.st_size


class Watch:
    """Tells how far reading is, and stops it when asked to.

    Args:
        total: the size of the file in bytes.
        progress: called with the bytes that are read, and the total.
        cancelled: asked between two pieces; true ends the reading.
    """

    def __init__(
        self, total: int, progress: Progress | None = None, cancelled: Callable[[], bool] | None = None
    ) -> None:
        self.total, self._progress, self.cancelled = total, progress, cancelled

    def at(self, done: int) -> None:
        """So many bytes are read.

        Raises:
            CancelledError: it is to stop.
        """
        if self.cancelled is not None and self.cancelled():
            raise CancelledError("reading the data was cancelled", "load them again")
        if self._progress is not None:
            self._progress(min(done, self.total), self.total)


class Content:
    """An open file whose content may be compressed.

    Args:
        raw: the file itself.
        name: its name in messages.
        watch: what is told of its progress.
    """

    def __init__(self, raw: BinaryIO, name: str, watch: Watch) -> None:
        self.raw, self.name, self.watch = raw, name, watch
        start = raw.read(2)
        raw.seek(0)
        self.packed = start == GZIP
        self.stream: BinaryIO = gzip.GzipFile(fileobj=raw, mode="rb") if self.packed else raw  # type: ignore[assignment]

    def at(self, unpacked: int) -> None:
        """So many bytes or characters have come out of the file.

        Raises:
            CancelledError: it is to stop.
            DataError: far more comes out than went in.
        """
        if self.packed and unpacked > max(BOMB_BYTES, BOMB_RATIO * self.watch.total):
            raise bomb(self.name)
        self.watch.at(self.raw.tell())

    def start(self, count: int) -> bytes:
        """The first bytes of the content; the next reader begins at its start again."""
        found = self.stream.read(count)
        self.stream.seek(0)
        return found

    def exactly(self, count: int, what: str) -> bytearray:
        """The next `count` bytes.

        Raises:
            DataError: there are fewer.
        """
        found = bytearray()
        while len(found) < count:
            piece = self.stream.read(min(count - len(found), 2**20))
            if not piece:
                raise DataError(
                    f"{self.name}: expected {count:,} bytes of {what}, got {len(found):,}",
                    "the file is cut off: copy or download it again",
                )
            found += piece
            self.at(len(found))
        return found


def bomb(name: str) -> DataError:
    """The error for a file that unpacks to far more than it is."""
    return DataError(
        f"{name}: it unpacks to more than {BOMB_RATIO:,} times its size", "unpack it yourself if it is what it says"
    )


def too_large(name: str, numbers: int) -> DataError:
    """The error for more numbers than a data set can have."""
    return DataError(
        f"{name}: {numbers:,} numbers are more than the {MOST_NUMBERS:,} that a data set can have",
        "take fewer rows or columns",
    )


@contextmanager
def opened(path: str, name: str, watch: Watch) -> Iterator[Content]:
    """The file, opened; errors while it is read become errors with words.

    Raises:
        FileError: it cannot be read.
        DataError: it is empty, or its compressed data are damaged.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as raw:
            if watch.total == 0:
                raise DataError(f"{name}: the file is empty", "pass a file with a row for each sample")
            yield Content(raw, name, watch)
    except PermissionError:
        raise AccessError(f"{path[:300]}: permission denied", "check the permissions of the file") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(f"{name}: the compressed data are damaged or cut off: {error}", "compress it again") from None
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path[:300]} cannot be read: {error.strerror or error}", "check the file") from None
    except MemoryError:
        raise DataError(f"{name}: it does not fit into memory", "take fewer rows or columns") from None
