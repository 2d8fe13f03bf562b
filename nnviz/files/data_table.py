"""A file of data in a model file and in a state: the path starts at their folder; in the program it is absolute."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnviz.data import CONTENT, FILE
from nnviz.network import Network

KEY = "file"
"""The key of the path, from the folder of the model file."""

PATH = "path"


def from_file(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The table of a data set with `name` and an absolute `path` where it has `file`; any other as it is."""
    found = dict(table)
    if isinstance(found.get(KEY), str) and "name" not in found:
        path = found.pop(KEY)
        found = {"name": FILE, PATH: absolute(path, folder), **found}
    return found


def to_file(table: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The inverse of `from_file`."""
    found = dict(table)
    if found.get("name") != FILE:
        return found
    path = relative(str(found.pop(PATH)), folder)
    del found["name"]
    return {KEY: path, **found}


def absolute(path: str, folder: Path) -> str:
    """The absolute path of what is at `path` from a folder."""
    return os.path.normpath(folder.absolute() / path)


def relative(path: str, folder: Path) -> str:
    """The path from a folder, unless nothing but the root is above both."""
    start = folder.absolute()
    if Path(path).is_absolute() and len(Path(os.path.commonpath([path, start])).parts) > 1:
        return os.path.relpath(path, start)
    return path


def without_content(network: Network) -> Network:
    """The network on the same file, whatever is in it."""
    data = network.settings.data
    if not data.get(CONTENT):
        return network
    return network.configure(replace(network.settings, data=data.replace(**{CONTENT: ""})))
