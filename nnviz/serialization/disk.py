"""Reading files, and replacing them atomically."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from nnviz.errors import (
    AccessError,
    ArgumentError,
    DataError,
    FileError,
    FolderError,
    MissingFileError,
    MissingNameError,
    OperandError,
    WriteError,
)

File = str | PathLike[str] | BinaryIO


def write(f: File, data: bytes) -> None:
    """Write `data` to a path, replacing the file atomically, or to an open file.

    Raises:
        MissingNameError: `f` is neither a path nor an open file.
        OperandError: the file is open in text mode.
        ArgumentError: the path contains a null byte.
        WriteError: the file cannot be written.
    """
    if not isinstance(f, str | PathLike):
        _hand_over(f, data)
        return
    # If the path is a symbolic link, its target is replaced.
    path = Path(os.path.realpath(_checked(f)))
    try:
        if not path.parent.is_dir():
            raise WriteError(f"Parent directory {path.parent} does not exist.", "create the folder first")
        if path.is_dir():
            raise WriteError(f"expected a file, but {path} is a folder", "pass the path of a file in it")
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            _replace(path, data)
    except WriteError:
        raise
    except OSError as error:
        raise _unwritten(path, error) from None


def write_together(files: Mapping[Path, bytes]) -> None:
    """Write several files: none is replaced before the data of all of them are on disk.

    What fails (a full disk, no permission) leaves all of them as they were. Only an end of the process between two
    renames leaves some old and some new, each of them whole.

    Raises:
        WriteError: a file cannot be written.
    """
    ready: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for given, data in files.items():
            path = Path(os.path.realpath(_checked(given)))
            if path.is_dir():
                raise WriteError(f"expected a file, but {path} is a folder", "move it away, or save elsewhere")
            beside = _beside(path)
            ready.append((beside, path))
            _prepare(beside, path, data)
        while ready:
            beside, path = ready[0]
            beside.replace(path)
            del ready[0]
        for folder in {Path(os.path.realpath(path)).parent for path in files}:
            _sync_folder(folder)
            _remove_leftovers(folder)
    except OSError as error:
        if isinstance(error, WriteError):
            raise
        raise _unwritten(path, error) from None
    finally:
        for beside, _ in ready:
            with contextlib.suppress(OSError):
                beside.unlink(missing_ok=True)


ADVICE = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some space, or save elsewhere"),
    **dict.fromkeys((errno.EACCES, errno.EPERM), "save in a folder of your own, or change the permissions"),
    errno.EROFS: "save on a disk that can be written",
    **dict.fromkeys((errno.ENOTDIR, errno.EEXIST), "a part of the path is a file: save under another name"),
    errno.ENAMETOOLONG: "save under a shorter name",
}
"""What to do about an error, by its number."""


def _unwritten(path: Path, error: OSError) -> WriteError:
    advice = ADVICE.get(error.errno or 0, "check the free space and the permissions")
    return WriteError(f"{path} cannot be written: {error.strerror or error}", advice)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, where they do not exist; files can be written in it.

    Raises:
        WriteError: it cannot be made, is a file, or may not be written in.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WriteError(
            f"the folder {path} cannot be made: {error.strerror or error}",
            ADVICE.get(error.errno or 0, "save under another name"),
        ) from None
    if not os.access(path, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        raise WriteError(f"the folder {path} cannot be written: Permission denied", ADVICE[errno.EACCES])


def _hand_over(f: BinaryIO, data: bytes) -> None:
    if not hasattr(f, "write"):
        raise _neither(f, "write", "pass the path as the second argument: save(obj, path)")
    try:
        f.write(data)
    except TypeError:
        raise OperandError("the file is open for text", 'open it in binary mode: open(path, "wb")') from None
    except OSError as error:
        raise WriteError(
            f"the file cannot be written: {error.strerror or error}", 'open it for writing: open(path, "wb")'
        ) from None


def _replace(path: Path, data: bytes) -> None:
    """Write a temporary file in the same folder, and rename it once all data are on disk."""
    beside = _beside(path)
    try:
        _prepare(beside, path, data)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _beside(path: Path) -> Path:
    """A new name in the same folder, which is renamed once its data are on disk."""
    return path.with_name(f".{secrets.token_hex(8)}.tmp")


LEFTOVER = re.compile(r"\.[0-9a-f]{16}\.tmp")

OLD = 600.0
"""Seconds after which a temporary file is none of a program that still writes it."""


def _remove_leftovers(folder: Path) -> None:
    """Remove the temporary files of programs that were killed while they wrote."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if LEFTOVER.fullmatch(entry.name) and entry.stat().st_mtime < time.time() - OLD:
                Path(entry.path).unlink(missing_ok=True)


def _prepare(beside: Path, path: Path, data: bytes) -> None:
    """Write the data of `path` to a file beside it, and wait until they are on disk."""
    with beside.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        shutil.copymode(path, beside)


def _sync_folder(folder: Path) -> None:
    """Sync the folder, so that the rename is on disk as well; ignored on systems that cannot open folders."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(f: File) -> bytes:
    """The content of a file, or the rest of an open file.

    Raises:
        MissingNameError: `f` is neither a path nor an open file.
        OperandError: the file is open in text mode.
        ArgumentError: the path contains a null byte.
        MissingFileError: the file does not exist.
        FileError: it cannot be read, or is not a regular file.
        DataError: the file is empty.
    """
    if isinstance(f, str | PathLike):
        data, hint = _content(Path(_checked(f))), "save it again"
    else:
        data, hint = _rest(f), "go to its start first: f.seek(0)"
    if not data:
        raise DataError("the file is empty", hint)
    return data


def _rest(f: BinaryIO) -> bytes:
    if not hasattr(f, "read"):
        raise _neither(f, "read", 'for example load("model.safetensors")')
    try:
        data: object = f.read()
    except OSError as error:
        raise FileError(
            f"the file cannot be read: {error.strerror or error}", 'open it for reading: open(path, "rb")'
        ) from None
    except UnicodeDecodeError:
        data = None
    if not isinstance(data, bytes | bytearray | memoryview):
        raise OperandError("the file is open for text", 'open it in binary mode: open(path, "rb")')
    return bytes(data)


def _content(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            kind, what = (FolderError, "a folder") if path.is_dir() else (FileError, "not a regular file")
            raise kind(f"expected a file, but {path} is {what}", "pass the path of a file written by save")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingFileError(f"{error}", "check the path") from None
    except PermissionError as error:
        raise AccessError(f"{error}", "check the permissions of the file") from None
    except MemoryError:
        raise FileError(f"{path} does not fit into memory", "check the path") from None
    except FileError:
        raise
    except OSError as error:
        raise FileError(
            f"{path} cannot be read: {error.strerror or error}", "check the file and its permissions"
        ) from None


def _neither(f: object, method: str, hint: str) -> MissingNameError:
    return MissingNameError(
        f"expected a path or an open file: {type(f).__name__!r} object has no attribute {method!r}", hint
    )


def _checked(f: str | PathLike[str]) -> str:
    path = os.fspath(f)
    if "\0" in path:
        raise ArgumentError("embedded null byte", "remove it from the path")
    return path
