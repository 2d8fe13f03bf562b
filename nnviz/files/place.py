"""Where a network is saved: a model file, and beside it the files of its run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nnviz.errors import ArgumentError, NnvizError
from nnviz.paths import exists, is_file, is_folder
from nnviz.serialization.disk import read

MODEL, WEIGHTS, STATE, HISTORY = "model.toml", "weights.safetensors", "state.safetensors", "history.csv"
"""The names of the files in a folder that `nnviz train` writes."""

SUFFIX = ".toml"

MOST_BYTES = 2**22
"""The most bytes that a model file can have."""


@dataclass(frozen=True)
class Place:
    """A model file that was opened or saved.

    Attributes:
        model: its absolute path.
        digest: that of its content as it was then; empty if it could not be read.
    """

    model: Path
    digest: str = ""

    @classmethod
    def of(cls, model: Path) -> Place:
        """The place of a model file as it is now."""
        return cls(model.absolute(), digest_of(model))

    @property
    def changed(self) -> bool:
        """Whether the file is there, with another content than it had."""
        return exists(self.model) and digest_of(self.model) != self.digest


def digest_of(path: Path) -> str:
    """The SHA-256 of the content of a file; empty if it cannot be read."""
    try:
        return hashlib.sha256(read(path)).hexdigest() if path.stat().st_size <= MOST_BYTES else ""
    except (NnvizError, OSError):
        return ""


def holds_data(path: Path) -> bool:
    """Whether what a user has chosen is opened as data, not as a model: a table, or a folder without a model file."""
    if is_folder(path):
        return not is_file(path / MODEL)
    return path.suffix.lower() not in (SUFFIX, ".safetensors")


def files_beside(model: Path) -> Mapping[str, Path]:
    """The files of a model file, by their names in a folder that `nnviz train` writes.

    In such a folder they have these names. Beside a model file of another name, they begin with that, so that several
    model files can share a folder: `mine.toml`, `mine.weights.safetensors`.
    """
    prefix = "" if model.name == MODEL else f"{model.stem}."
    beside = {name: model.with_name(prefix + name) for name in (WEIGHTS, STATE, HISTORY)}
    return {MODEL: model, **beside}


def place_named(name: str) -> Path:
    """The path of the model file that a user names: a file if it ends in `.toml`, otherwise in the folder of that name.

    Raises:
        ArgumentError: it names no file.
    """
    text = name.strip()
    if not text or "\0" in text:
        raise ArgumentError("expected the name of a folder or of a .toml file", "for example: model")
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise ArgumentError(f"{text[:60]}: there is no such home directory", "write the whole path") from None
    return path if path.suffix.lower() == SUFFIX and not is_folder(path) else path / MODEL
