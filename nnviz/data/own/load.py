"""Loads a file of data, whatever its format, once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path

from nnviz.data.own.encode import encoded
from nnviz.data.own.idx import is_idx, read_idx
from nnviz.data.own.images import read_images, stamp_of_folder
from nnviz.data.own.npz import read_npz
from nnviz.data.own.reading import Content, Progress, Watch, opened, stamp
from nnviz.data.own.schemas import as_chosen
from nnviz.data.own.source import Loaded, Source
from nnviz.data.own.table import Head, read_head, read_table
from nnviz.errors import DataError

KEPT = 2
"""How many files are kept in memory."""

Cancelled = Callable[[], bool]

_watching: ContextVar[tuple[Progress | None, Cancelled | None]] = ContextVar("watching", default=(None, None))
_kept: dict[Source, tuple[object, Loaded]] = {}
_lock = threading.Lock()


@contextmanager
def watched(progress: Progress | None = None, cancelled: Cancelled | None = None) -> Iterator[None]:
    """Within this context, `load` reports to these, wherever it is called from."""
    token = _watching.set((progress, cancelled))
    try:
        yield
    finally:
        _watching.reset(token)


def load(source: Source, progress: Progress | None = None, cancelled: Cancelled | None = None) -> Loaded:
    """The content of a file; it is read again only if the file has changed.

    Args:
        source: the file, and how to read it.
        progress: called now and then with the bytes that are read, and the size of the file.
        cancelled: asked now and then; true ends the loading.

    Raises:
        FileError: the file cannot be read.
        DataError: its content is not what is expected; the message says where.
        ArgumentError: there is no such column.
        CancelledError: `cancelled` returned true.
    """
    # Split and scaling are applied to what is read: to choose others does not read the file again.
    plain = replace(source, standardize=True, test_share=None)
    folder = is_folder(source.path)
    now: tuple[int, ...] = stamp_of_folder(source.path) if folder else stamp(source.path)
    with _lock:
        before, found = _kept.get(plain, (None, None))
    if found is None or before != now:
        around = _watching.get()
        watch = Watch(now[-1], progress or around[0], cancelled or around[1])
        found = read_images(plain, watch) if folder else _read(plain, watch)
        with _lock:
            _kept.pop(plain, None)
            while len(_kept) >= KEPT:
                _kept.pop(next(iter(_kept)))
            _kept[plain] = now, found
    return found if source == plain else as_chosen(found, source)


def head(source: Source) -> Head | None:
    """The first rows of a table, quickly; None for what is no table.

    Raises:
        FileError: the file cannot be read.
        DataError: it is no table.
    """
    if is_folder(source.path):
        return None
    with opened(source.path, source.name, Watch(stamp(source.path)[-1])) as content:
        return read_head(content, source) if _format(content, source) == TABLE else None


def is_folder(path: str) -> bool:
    """Whether there is a folder of this path."""
    try:
        return bool(path) and Path(path).is_dir()
    except (OSError, ValueError):
        return False


def _read(source: Source, watch: Watch) -> Loaded:
    with opened(source.path, source.name, watch) as content:
        return _by_content(content, source, watch)


TABLE, NPZ, IDX = "table", "npz", "idx"
"""The formats of files."""


def _format(content: Content, source: Source) -> str:
    """The format by the first bytes: the name may say something else."""
    start = content.start(8)
    for magic, what, hint in REFUSED:
        if start.startswith(magic):
            raise DataError(f"{source.name}: expected CSV, NPZ or IDX, but it is {what}", hint)
    if start.startswith(ZIP):
        return NPZ
    if is_idx(start) or IDX_NAME.search(Path(source.path).name):
        return IDX
    if Path(source.path).suffix.lower() == ".npz":
        raise DataError(f"{source.name}: expected an NPZ archive, but it is none", "write it with np.savez")
    return TABLE


def _by_content(content: Content, source: Source, watch: Watch) -> Loaded:
    form = _format(content, source)
    if form == NPZ:
        return read_npz(content, source)
    if form == IDX:
        return read_idx(content, source, lambda path: _beside(path, watch))
    table = read_table(content, source)
    return encoded(table, source)


def _beside(path: str, watch: Watch) -> AbstractContextManager[Content]:
    """Another file that belongs to the data, opened."""
    total = stamp(path)[-1]
    return opened(path, Source(path).name, Watch(total, cancelled=watch.cancelled))


IDX_NAME = re.compile(r"(-idx[1-4])?[-.](ubyte|idx)(\.gz)?$")
"""How the names of IDX files end."""

ZIP = (b"PK\x03\x04", b"PK\x05\x06")

REFUSED = (
    (b"\x80", "a pickle, which could run code", "write it with np.savez(path, X=..., y=...)"),
    (b"\x93NUMPY", "a single array", "write inputs and targets with np.savez(path, X=..., y=...)"),
    (b"%PDF", "a PDF", "export the table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel file", "export the table as CSV"),
)
"""Formats that are not read: their first bytes, what they are, and what to do."""
