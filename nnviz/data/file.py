"""A file of one's own as a data set: its spec names the file and how to read it, so that any process can load it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from nnviz.data.dataset import Dataset
from nnviz.data.schema import Schema, data_set, declared
from nnviz.errors import ArgumentError
from nnviz.registry import Bounds, Derived, Spec, Value

if TYPE_CHECKING:
    from nnviz.data.own import Loaded, Source

FILE = "file"
"""The name of the data set that is a file."""

CONTENT = "content"
"""The argument that is the fingerprint of what is in a file."""

SUFFIXES = (".csv", ".tsv", ".npz", ".csv.gz", ".tsv.gz", "-ubyte", "-ubyte.gz", ".idx", ".idx.gz")
"""How the names of files of data end, in lower case."""


def is_data_file(text: str) -> bool:
    """Whether a word is the path of a file of data, by the end of its name."""
    return text.lower().endswith(SUFFIXES)


def source_of(spec: Spec) -> Source | None:
    """The file that a data set is; None if it is a registered one."""
    if spec.name != FILE:
        return None
    return _source(_without_content(spec))


def _without_content(spec: Spec) -> dict[str, Value]:
    return {name: value for name, value in spec.arguments if name != CONTENT}


def _source(arguments: Mapping[str, object]) -> Source:
    """The file with these arguments."""
    # The formats are imported when a file is used.
    from nnviz.data.own import Source

    return Source(**arguments)  # type: ignore[arg-type]


def file_spec(path: str | Path, **arguments: Value) -> Spec:
    """The spec of a file; its path becomes absolute, so that it is the same file from every folder."""
    return Spec.of(FILE, path=os.path.normpath(Path(path).absolute()), **arguments)


def _loaded(content: str, **arguments: object) -> Loaded:
    """What is in the file; DataError if that is not `content` any more."""
    from nnviz.data.own import load, refuse_changed

    source = _source(arguments)
    found = load(source)
    refuse_changed(source.name, content, found.content)
    return found


def _schema(**arguments: Any) -> Schema:
    return _loaded(**arguments).schema


def _verified(spec: Spec) -> Spec:
    """The spec with an absolute path and the content of the file, which is read unless it was before."""
    path = str(file_spec(str(spec["path"]))["path"])
    if not path.isascii() and any("\ud800" <= c <= "\udfff" for c in path):
        name = path.encode("utf-8", "replace").decode()
        raise ArgumentError(
            f"{name[:300]}: the path is not valid UTF-8, so that no model file could name it",
            "rename the file or its folder",
        )
    spec = spec.replace(path=path)
    if not spec[CONTENT]:
        from nnviz.data.own import load

        spec = spec.replace(content=load(_source(_without_content(spec))).content)
    declared(spec)
    return spec


@data_set("own", _schema, verify=_verified)
def file(
    path: Annotated[str, "the file: CSV, NPZ or IDX, or a folder of images"],
    target: Annotated[str, "the column to predict; empty for the last one"] = "",
    task: Annotated[Literal["auto", "classification", "regression"], "what the target is"] = "auto",
    drop_missing: Annotated[bool, "leave out rows with a missing cell"] = False,
    ignore: Annotated[str, "columns to leave out, separated by commas"] = "",
    header: Annotated[Literal["auto", "yes", "no"], "whether the first row of a table has the names"] = "auto",
    standardize: Annotated[bool, "map inputs, and values to predict, to mean 0 and standard deviation 1"] = True,
    test_share: Annotated[
        float | None, Bounds(0, 1, open_low=True, open_high=True), "share of test data; none: the file's own, or 0.2"
    ] = None,
    content: Annotated[str, Derived(), "the fingerprint of what is in the file"] = "",
) -> Dataset:
    """A file of your own: CSV, NPZ or IDX

    Columns of numbers are inputs; of texts, one input for each of them. The target is a number, or a class if it is
    text or has few whole numbers.

    Shape:
        inputs (samples, features), or images (samples, channels, height, width); targets (samples,), or
        (samples, values) of a regression.
    """
    found = _loaded(**locals())  # all arguments, by their names
    return found.schema.dataset(found.inputs, found.targets)
