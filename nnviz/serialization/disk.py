"""Bytes to a file, whole or not at all, and back."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
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
    """Put `data` into a file, or hand it to an open one.

    Raises:
        MissingNameError: `f` is neither a path nor an open file.
        OperandError: it is open for text.
        WriteError: it cannot be written there.
    """
    if not isinstance(f, str | PathLike):
        _hand_over(f, data)
        return
    # Where the path is a link, the file it points to is replaced and the link stays.
    path = Path(os.path.realpath(_checked(f)))
    try:
        if not path.parent.is_dir():
            raise WriteError(f"Parent directory {path.parent} does not exist.", "make the folder first")
        if path.is_dir():
            raise WriteError(f"{path} is a folder", "name a file in it")
        if path.exists() and not path.is_file():
            path.write_bytes(data)
        else:
            _replace(path, data)
    except WriteError:
        raise
    except OSError as error:
        raise WriteError(
            f"{path} cannot be written: {error.strerror or error}", "is there room, and may you write there?"
        ) from None


def _hand_over(f: BinaryIO, data: bytes) -> None:
    if not hasattr(f, "write"):
        raise _neither(f, "write", "the path comes second: save(obj, path)")
    try:
        f.write(data)
    except TypeError:
        raise OperandError("the file is open for text", 'open it for bytes: open(path, "wb")') from None
    except OSError as error:
        raise WriteError(f"the file cannot be written: {error.strerror or error}", 'open(path, "wb")') from None


def _replace(path: Path, data: bytes) -> None:
    """Write beside the file, and put the new one in its place when all of it is on the disk."""
    beside = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, beside)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk as well, where the system lets a folder be opened."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read(f: File) -> bytes:
    """All of a file, or what is left of an open one.

    Raises:
        MissingNameError: `f` is neither a path nor an open file.
        OperandError: it is open for text.
        MissingFileError: there is no such file.
        FileError: it cannot be read, or is no file.
        DataError: nothing is in it.
    """
    if isinstance(f, str | PathLike):
        data, hint = _content(Path(_checked(f))), "save it anew"
    else:
        data, hint = _rest(f), "go back to its beginning first: f.seek(0)"
    if not data:
        raise DataError("the file is empty", hint)
    return data


def _rest(f: BinaryIO) -> bytes:
    if not hasattr(f, "read"):
        raise _neither(f, "read", 'load("model.safetensors")')
    try:
        data: object = f.read()
    except OSError as error:
        raise FileError(f"the file cannot be read: {error.strerror or error}", 'open(path, "rb")') from None
    except UnicodeDecodeError:
        data = None
    if not isinstance(data, bytes | bytearray | memoryview):
        raise OperandError("the file is open for text", 'open it for bytes: open(path, "rb")')
    return bytes(data)


def _content(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            kind, what = (FolderError, "a folder") if path.is_dir() else (FileError, "no file")
            raise kind(f"{path} is {what}", "name a file that save wrote")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise MissingFileError(f"{error}", "is the path right?") from None
    except PermissionError as error:
        raise AccessError(f"{error}", "may you read it?") from None
    except MemoryError:
        raise FileError(f"{path} is larger than the memory", "is it the right file?") from None
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}", "may you read it?") from None


def _neither(f: object, method: str, hint: str) -> MissingNameError:
    return MissingNameError(
        f"expected a path or an open file: {type(f).__name__!r} object has no attribute {method!r}", hint
    )


def _checked(f: str | PathLike[str]) -> str:
    path = os.fspath(f)
    if "\0" in path:
        raise ArgumentError("embedded null byte", "a path cannot hold one")
    return path
