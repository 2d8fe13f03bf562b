"""What there is at a path. Unlike pathlib's, these questions never raise: what may not be looked at is not there."""

from __future__ import annotations

import os


def exists(path: str | os.PathLike[str]) -> bool:
    """Whether there is anything at a path."""
    return os.path.exists(path)  # noqa: PTH110 (Path.exists raises where a folder may not be searched)


def is_file(path: str | os.PathLike[str]) -> bool:
    """Whether there is a regular file at a path."""
    return os.path.isfile(path)  # noqa: PTH113 (as above)


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether there is a folder at a path."""
    return os.path.isdir(path)  # noqa: PTH112 (as above)
