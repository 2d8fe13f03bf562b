"""A file of one's own as a data set: its spec names the file and how to read it, so that any process can load it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from nnviz.data.dataset import Dataset
from nnviz.data.schema import Schema, data_set, declared
from nnviz.registry import Spec, Value

if TYPE_CHECKING:
    from nnviz.data.own import Source

FILE = "file"
"""The name of the data set that is a file."""

SUFFIXES = (".csv", ".tsv", ".npz", ".csv.gz", ".tsv.gz", "-ubyte", "-ubyte.gz", ".idx", ".idx.gz")
"""How the names of files of data end, in lower case."""


def is_data_file(text: str) -> bool:
    """Whether a word is the path of a file of data, by the end of its name."""
    return text.lower().endswith(SUFFIXES)


def source_of(spec: Spec) -> Source | None:
    """The file that a data set is; None if it is a registered one."""
    if spec.name != FILE:
        return None
    # The formats are imported when a file is used.
    from nnviz.data.own import Source

    return Source(**dict(spec.arguments))  # type: ignore[arg-type]


def file_spec(path: str | Path, **arguments: Value) -> Spec:
    """The spec of a file; its path becomes absolute, so that it is the same file from every folder."""
    return Spec.of(FILE, path=os.path.normpath(Path(path).absolute()), **arguments)


def _schema(path: str, target: str, task: str, drop_missing: bool, ignore: str) -> Schema:
    from nnviz.data.own import Source, load

    return load(Source(path, target, task, drop_missing, ignore)).schema


def _verified(spec: Spec) -> Spec:
    """The spec with an absolute path. Its file is read, unless it was before in this process."""
    spec = spec.replace(path=file_spec(str(spec["path"]))["path"])
    declared(spec)
    return spec


@data_set("own", _schema, verify=_verified)
def file(
    path: Annotated[str, "the file: CSV, NPZ or IDX, or a folder of images"],
    target: Annotated[str, "the column to predict; empty for the last one"] = "",
    task: Annotated[Literal["auto", "classification", "regression"], "what the target is"] = "auto",
    drop_missing: Annotated[bool, "leave out rows with a missing cell"] = False,
    ignore: Annotated[str, "columns to leave out, separated by commas"] = "",
) -> Dataset:
    """A file of your own: CSV, NPZ or IDX

    Columns of numbers are inputs as they are; of texts, one input for each of them. The target is a number, or a class
    if it is text or has few whole numbers.

    Shape:
        inputs (samples, features), or images (samples, channels, height, width); targets (samples,), or
        (samples, values) of a regression.
    """
    from nnviz.data.own import Source, load

    found = load(Source(path, target, task, drop_missing, ignore))
    return found.schema.dataset(found.inputs, found.targets)
