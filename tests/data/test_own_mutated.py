"""Mutated CSV, NPZ and IDX files: they load, or one of the program's own errors says why not."""

from __future__ import annotations

import gzip
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.data import prepare
from nnviz.data.file import file_spec
from nnviz.data.own import Loaded, Source, load
from nnviz.errors import NnvizError
from tests.data.own import WINE, idx, npz, written
from tests.examples import examples

CASES = int(os.environ.get("NNVIZ_CASES", "2000"))
"""How many cases the long tests try in all; the others try a third of them."""

X = np.arange(24, dtype=np.float32).reshape(8, 3)
Y = np.arange(8) % 2
IMAGES = idx(np.arange(72).reshape(8, 3, 3))
SEEDS = {
    "csv": ("a.csv", WINE.encode()[:400]),
    "csv.gz": ("a.csv.gz", gzip.compress(WINE.encode()[:400])),
    "npz": ("a.npz", npz(X=X, y=Y)),
    "npz, compressed": ("a.npz", npz(True, X=X, y=np.array(list("abababab")))),
    "npz, split": ("a.npz", npz(x_train=X, y_train=Y, x_test=X, y_test=Y)),
    "idx": ("a-images-idx3-ubyte", IMAGES),
    "idx.gz": ("a-images-idx3-ubyte.gz", gzip.compress(IMAGES)),
}
PIECES = [
    b"",
    b"\0",
    b'"',
    b",",
    b"\n",
    b"\xff",
    b"nan",
    b"1e400",
    b"PK",
    b"\x1b]52;c;x\x07",
    b"\x93NUMPY",
    b"\0\0\x08\x03",
]

mutations = st.lists(
    st.tuples(
        st.floats(0, 1),
        st.integers(0, 12),
        st.sampled_from(PIECES) | st.binary(max_size=6),
    ),
    min_size=1,
    max_size=4,
)


def mutated(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    for where, removed, put in changes:
        at = int(where * len(data))
        data = data[:at] + put + data[at + removed :]
    return data


def loaded_or_said(source: Source) -> Loaded | str:
    """What is in the file, or the message of an error of our own, without its hint."""
    try:
        return load(source)
    except NnvizError as error:
        return error.message


@pytest.mark.parametrize("kind", SEEDS)
@given(changes=mutations, task=st.sampled_from(["auto", "classification", "regression"]), drop=st.booleans())
@examples(quick=-(-CASES // 3 // len(SEEDS)), long=-(-CASES // len(SEEDS)))
def test_only_errors_of_our_own_escape(
    kind: str, changes: list[tuple[float, int, bytes]], task: str, drop: bool
) -> None:
    name, content = SEEDS[kind]
    with TemporaryDirectory() as folder:
        path = written(Path(folder), mutated(content, changes), name)
        written(Path(folder), idx(Y), "a-labels-idx1-ubyte")
        found = loaded_or_said(Source(path, "", task, drop))
        if isinstance(found, str):
            assert found.isprintable()
            return
        assert np.isfinite(found.inputs).all()
        assert found.schema.samples == len(found.inputs) == len(found.targets)
        assert all(name.isprintable() for name in (*found.schema.features, *found.schema.classes))
        prepare(file_spec(path, task=task, drop_missing=drop), 1)
