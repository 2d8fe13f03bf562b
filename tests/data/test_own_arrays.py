"""NPZ and IDX files: what is made of their arrays, and what is refused."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from nnviz.data import file_spec, prepare, schema_of
from nnviz.data.own import Loaded, Source, load
from nnviz.errors import DataError, MissingFileError, NnvizError
from tests.data.own import idx, mnist, npz, written

X = np.arange(60, dtype=np.float64).reshape(20, 3)
Y = np.arange(20) % 4


def loaded(folder: Path, content: bytes, name: str = "data.npz", **arguments: str) -> Loaded:
    return load(Source(written(folder, content, name), **arguments))  # type: ignore[arg-type]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize(
    "names", [("X", "y"), ("x", "y"), ("inputs", "targets"), ("images", "labels"), ("data", "target")]
)
def test_inputs_and_targets_by_their_names(tmp_path: Path, compressed: bool, names: tuple[str, str]) -> None:
    found = loaded(tmp_path, npz(compressed, **{names[0]: X, names[1]: Y}))
    np.testing.assert_array_equal(found.inputs, X)
    assert found.targets.tolist() == Y.tolist()
    assert found.schema.features == ("x1", "x2", "x3")
    assert found.schema.classes == ("0", "1", "2", "3")


@pytest.mark.parametrize(
    ("array", "shape", "scale"),
    [
        (np.ones((20, 6, 5), np.uint8), (1, 6, 5), 255),
        (np.ones((20, 6, 5, 3), np.uint8), (3, 6, 5), 255),
        (np.ones((20, 3, 6, 5), np.float64), (3, 6, 5), 1),
        (np.ones(20, np.int16), (1,), 1),
        (np.ones((20, 4), np.uint8), (4,), 1),
        (np.asfortranarray(np.ones((20, 4))), (4,), 1),
        (np.ones((20, 4), ">f4"), (4,), 1),
        (np.ones((20, 4), bool), (4,), 1),
        (np.ones((20, 4), np.float16), (4,), 1),
    ],
)
def test_shapes_and_dtypes_of_inputs(tmp_path: Path, array: np.ndarray, shape: tuple[int, ...], scale: int) -> None:
    found = loaded(tmp_path, npz(X=array, y=Y))
    assert found.schema.sample_shape == shape
    np.testing.assert_allclose(found.inputs, np.full((20, *shape), 1 / scale), rtol=1e-6)


@pytest.mark.parametrize(
    ("targets", "task", "outputs"),
    [
        (Y, "classification", 4),
        (Y[:, None], "classification", 4),
        (Y.astype(float), "classification", 4),
        (np.array(["b", "a"] * 10), "classification", 2),
        (Y % 2 == 0, "classification", 2),
        (Y + 0.25, "regression", 1),
        (np.arange(20), "regression", 1),
        (X[:, :2], "regression", 2),
    ],
)
def test_the_task_of_targets(tmp_path: Path, targets: np.ndarray, task: str, outputs: int) -> None:
    schema = loaded(tmp_path, npz(X=X, y=targets)).schema
    assert (schema.task, schema.outputs) == (task, outputs)


def test_a_split_in_the_file_is_kept(tmp_path: Path) -> None:
    path = written(tmp_path, npz(x_train=X, y_train=Y, x_test=X[:5] + 1000, y_test=Y[:5]), "data.npz")
    assert load(Source(path)).notes == ("The last 5 samples are the test data, as the file has them.",)
    schema, made = schema_of(file_spec(path)), prepare(file_spec(path), 1)
    assert (schema.train, schema.test) == (20, 5)
    test = made.inputs.undo(made.test_x)
    assert sorted(np.round(test[:, 0]).tolist()) == [1000, 1003, 1006, 1009, 1012]
    assert made.inputs.undo(made.train_x).max() < 100
    # In random order, another one for another seed.
    assert made.train_x.tolist() != prepare(file_spec(path), 2).train_x.tolist()


def header(text: str, data: bytes = b"") -> bytes:
    """An archive whose X has this header."""
    return members(
        {"X.npy": b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data, "y.npy": array(Y)}
    )


def array(values: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.save(out, values)
    return out.getvalue()


def members(content: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return out.getvalue()


def encrypted() -> bytes:
    data = bytearray(npz(X=X, y=Y))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = data.find(magic)
        while start >= 0:
            data[start + at] |= 1
            start = data.find(magic, start + 4)
    return bytes(data)


REFUSED = {
    "objects": (npz(X=np.array([{}] * 20, object), y=Y), "expected numbers or texts, got Python objects"),
    "complex numbers": (npz(X=X + 1j, y=Y), "got complex128"),
    "texts": (npz(X=X.astype(str), y=Y), "X: expected numbers, got <U"),
    "records": (npz(X=np.zeros(20, [("a", "f4")]), y=Y), "expected numbers or texts"),
    "dates": (npz(X=X.astype("M8[s]"), y=Y), "expected numbers or texts"),
    "other names": (npz(a=X, b=Y), "expected the arrays X and y"),
    "no arrays": (members({}), "there are: none"),
    "other lengths": (npz(X=X, y=Y[:-1]), "expected as many targets as inputs, got X (20, 3) and y (19,)"),
    "no axes": (npz(X=np.array(1.0), y=Y), "expected as many targets as inputs"),
    "five axes": (npz(X=np.ones((20, 1, 2, 2, 2)), y=Y), "expected rows (N, features) or images"),
    "nothing": (npz(X=np.ones((0, 3)), y=Y[:0]), "expected rows (N, features)"),
    "nan": (npz(X=np.where(X == 4, np.nan, X), y=Y), "X: sample 1 (from 0) has NaN"),
    "too large": (npz(X=np.where(X == 4, 1e39, X), y=Y), "too large for float32"),
    "a nan target": (npz(X=X, y=np.where(Y == 3, np.nan, Y)), "y: target 3 (from 0) is NaN"),
    "numbers too close": (
        npz(X=X + 1e9, y=Y),
        "X: column 0 (from 0) goes from 1000000000 to 1000000057, which float32",
    ),
    "one class": (npz(X=X, y=Y * 0), "expected two or more classes in 'y', got one: '0'"),
    "cut off": (npz(X=X, y=Y)[:-40], "the archive is damaged"),
    "damaged": (npz(True, X=X, y=Y).replace(b"\x93", b"\x92"), "data.npz: X is not an array"),
    "encrypted": (encrypted(), "is encrypted"),
    "a bomb": (npz(True, X=np.zeros((2_000_000, 10)), y=np.zeros(2_000_000)), "it unpacks to more than 1,000 times"),
    "a header that lies": (
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000, 3), }\n"),
        "expected 24,000,000,000,000 bytes",
    ),
    "a header that is code": (header("__import__('os').system('true')\n"), "is not an array"),
    "no header": (members({"X.npy": b"", "y.npy": array(Y)}), "is not an array"),
    "a negative shape": (header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }\n"), "has the shape (-1,)"),
    "no archive": (b"X,y\n1,2\n", "expected an NPZ archive"),
    "parts that differ": (npz(x_train=X, y_train=Y, x_test=X[:, :2], y_test=Y), "but x_test is float64 (20, 2)"),
    "parts of other lengths": (npz(x_train=X, y_train=Y, x_test=X, y_test=Y[:3]), "in x_test as in y_test"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_no_archive_of_inputs_and_targets(tmp_path: Path, kind: str) -> None:
    content, words = REFUSED[kind]
    with pytest.raises(DataError) as error:
        loaded(tmp_path, content)
    assert words in error.value.message
    assert error.value.hint


@pytest.mark.parametrize("packed", [False, True])
def test_mnist(tmp_path: Path, packed: bool) -> None:
    found = load(Source(mnist(tmp_path, packed=packed)))
    assert found.schema.sample_shape == (1, 5, 5)
    assert found.schema.classes == ("0", "1", "2", "3")
    np.testing.assert_allclose(found.inputs[1].ravel(), np.arange(25, 50) / 255, rtol=1e-6)
    assert found.targets[:5].tolist() == [0, 1, 2, 3, 0]


def test_images_may_be_packed_and_labels_not(tmp_path: Path) -> None:
    path = mnist(tmp_path, packed=True)
    packed = tmp_path / "train-labels-idx1-ubyte.gz"
    written(tmp_path, gzip.decompress(packed.read_bytes()), "train-labels-idx1-ubyte")
    packed.unlink()
    assert load(Source(path)).schema.samples == 40


IDX = {
    "a wrong type": (
        b"\0\0\x07\x03" + idx(np.ones((40, 5, 5)))[4:],
        "expected an IDX file, which starts with 0, 0, a type and up to 4 axes, got 0, 0, 7, 3",
    ),
    "cut off": (idx(np.ones((40, 5, 5)))[:-1], "expected 1,000 bytes of numbers, 40 x 5 x 5, got 999"),
    "too long": (idx(np.ones((40, 5, 5))) + b"1", "more bytes than the 1,000 numbers"),
    "a header alone": (b"\0\0\x08\x03\0\0", "expected 12 bytes of the header, got 2"),
    "a count that lies": (b"\0\0\x08\x03" + b"\xff" * 12, "are more than the 268,435,456"),
    "other lengths": (idx(np.ones((39, 5, 5))), "got images (39, 5, 5) and labels (40,)"),
}


@pytest.mark.parametrize("kind", IDX)
def test_what_is_no_idx_file(tmp_path: Path, kind: str) -> None:
    content, words = IDX[kind]
    path = mnist(tmp_path)
    Path(path).write_bytes(content)
    with pytest.raises(DataError) as error:
        load(Source(path))
    assert words in error.value.message
    assert error.value.hint


def test_labels_that_are_not_there_or_no_labels(tmp_path: Path) -> None:
    path = mnist(tmp_path)
    labels = tmp_path / "train-labels-idx1-ubyte"
    labels.write_bytes(b"1,2\n")
    with pytest.raises(DataError, match="train-labels-idx1-ubyte: expected an IDX file"):
        load(Source(path))
    labels.unlink()
    with pytest.raises(MissingFileError, match="train-labels-idx1-ubyte"):
        load(Source(path))
    other = written(tmp_path, idx(np.ones((4, 2))), "numbers")
    with pytest.raises(NnvizError, match="the name does not tell which file has the labels"):
        load(Source(other))
