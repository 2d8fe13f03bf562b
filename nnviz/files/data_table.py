"""A file of data in a model file: `file` and `target` there, a spec with an absolute path in the program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnviz.data import FILE

KEY = "file"
"""The key of the path, from the folder of the model file."""


def from_file(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The table of a data set with `name` and an absolute `path` where it has `file`; any other as it is."""
    found = dict(table)
    if isinstance(found.get(KEY), str) and "name" not in found:
        path = found.pop(KEY)
        found = {"name": FILE, "path": os.path.normpath(folder.absolute() / path), **found}
    return found


def to_file(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The inverse of `from_file`. The path is relative, unless nothing but the root is above both."""
    found = dict(table)
    if found.get("name") != FILE:
        return found
    path, start = Path(str(found.pop("path"))), folder.absolute()
    del found["name"]
    if len(Path(os.path.commonpath([path, start])).parts) > 1:
        path = Path(os.path.relpath(path, start))
    return {KEY: str(path), **found}
