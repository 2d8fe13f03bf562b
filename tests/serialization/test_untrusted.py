"""Files made to break a reader, or broken on the way: a DataError each, and nothing runs."""

from __future__ import annotations

import contextlib
import io
import json
import pickle
import struct
import zipfile
from typing import Any

import numpy as np
import pytest

import nnviz
from nnviz import nn
from nnviz.errors import DataError, OperandError, OperationError


def load(data: bytes) -> Any:
    return nnviz.load(io.BytesIO(data))


def file_of(header: object, numbers: bytes = b"") -> bytes:
    """A safetensors file with that header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def structured(tree: object, *names: str, version: object = 1) -> bytes:
    """A file with a structure, and a tensor of one float under each of the names."""
    header: dict[str, Any] = {
        "__metadata__": {"nnviz": tree if isinstance(tree, str) else json.dumps({"version": version, "tree": tree})}
    }
    for i, name in enumerate(names):
        header[name] = {"dtype": "F32", "shape": [1], "data_offsets": [4 * i, 4 * i + 4]}
    return file_of(header, bytes(4 * len(names)))


def saved() -> bytes:
    file = io.BytesIO()
    nnviz.save({"model": nn.Linear(2, 1).state_dict(), "epoch": 3, "best": float("nan")}, file)
    return file.getvalue()


def test_cut_off_at_every_byte() -> None:
    data = saved()
    for end in range(len(data)):
        with pytest.raises(DataError):
            load(data[:end])
    with pytest.raises(DataError):
        load(data + b"\0")


def test_every_byte_changed_is_refused_or_read() -> None:
    data = saved()
    for at in range(len(data)):
        for value in (0, 255, data[at] ^ 1, data[at] ^ 0x20):
            # A number changed is another number; all else is refused.
            with contextlib.suppress(DataError):
                load(data[:at] + bytes([value]) + data[at + 1 :])


@pytest.mark.long
def test_a_hundred_thousand_changed_files() -> None:
    data, generator = saved(), np.random.default_rng(0)
    read = 0
    for _ in range(100_000):
        changed = bytearray(data)
        for _ in range(generator.integers(1, 5)):
            at, length = (int(n) for n in generator.integers(len(changed), size=2))
            kind = generator.integers(4)
            if kind == 0:
                changed[at] = generator.integers(256)
            elif kind == 1:
                del changed[at : at + length % 9]
            elif kind == 2:
                changed[at:at] = changed[length : length + 9]
            else:
                changed[at : at + 4] = generator.bytes(4)
        with contextlib.suppress(DataError):
            load(bytes(changed))
            read += 1
    # What changed were the numbers alone.
    assert 0 < read < 50_000


ONE = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}

BROKEN = {
    "nothing": b"",
    "seven bytes": b"\0" * 7,
    "an empty header": file_of(b""),
    "a header that is no JSON": file_of(b"not JSON at all "),
    "a header that is no UTF-8": file_of(b'{"\xff": 1}'),
    "a header that is a list": file_of([1]),
    "a header longer than the file": struct.pack("<Q", 10**18) + b"{}",
    "a header nested deeply": file_of(b"[" * 100_000),
    "a header with a number of many digits": file_of(b'{"a": ' + b"9" * 10_000 + b"}"),
    "two tensors of one name": file_of(b'{"a": %b, "a": %b}' % ((json.dumps(ONE).encode(),) * 2), bytes(4)),
    "a size of 10^18": file_of({"a": {**ONE, "shape": [10**18]}}, bytes(4)),
    "sizes whose product overflows": file_of({"a": {**ONE, "shape": [2**33, 2**33]}}, bytes(4)),
    "a negative size": file_of({"a": {**ONE, "shape": [-1]}}, bytes(4)),
    "a size that is no number": file_of({"a": {**ONE, "shape": ["1"]}}, bytes(4)),
    "numbers beyond the end": file_of({"a": {**ONE, "data_offsets": [4, 8]}}, bytes(4)),
    "numbers that end before they begin": file_of({"a": {**ONE, "data_offsets": [4, 0]}}, bytes(4)),
    "numbers that overlap": file_of({"a": ONE, "b": ONE}, bytes(4)),
    "a gap between numbers": file_of({"a": ONE, "b": {**ONE, "data_offsets": [8, 12]}}, bytes(12)),
    "a type that does not exist": file_of({"a": {**ONE, "dtype": "F33"}}, bytes(4)),
    "a type that numpy has not": file_of({"a": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}, bytes(4)),
    "an entry without a type": file_of({"a": {"shape": [1], "data_offsets": [0, 4]}}, bytes(4)),
    "metadata that is no text": file_of({"__metadata__": {"nnviz": 3}}),
    "metadata that is a list": file_of({"__metadata__": ["nnviz"]}),
    "a structure that is no JSON": structured("{"),
    "a structure that is a number": structured("3"),
    "a structure without a version": structured("{}"),
    "a structure of a version to come": structured(None, version=2),
    "a structure nested deeply": structured('{"version": 1, "tree": ' + '{"list": [' * 50_000 + "]}" * 50_000 + "}"),
    "a structure with a number of many digits": structured('{"version": 1, "tree": ' + "9" * 10_000 + "}"),
    "a kind that does not exist": structured({"module": "os.system"}),
    "two kinds at once": structured({"list": [], "tuple": []}),
    "a list that is none": structured({"list": 3}),
    "a bare list": structured([1, 2]),
    "a float that is none": structured({"float": "1e5"}),
    "a tensor that is missing": structured({"tensor": "b"}),
    "a tensor that is used twice": structured({"list": [{"tensor": "a"}, {"tensor": "a"}]}, "a"),
    "a tensor that nothing refers to": structured({"tensor": "a"}, "a", "b"),
    "a tensor whose name is a number": structured({"tensor": 3}, "a"),
    "a scalar with dimensions": structured({"scalar": "a"}, "a"),
    "a dictionary without pairs": structured({"dict": [1]}),
    "a dictionary with half a pair": structured({"dict": [["a"]]}),
    "a dictionary with a key twice": structured({"dict": [["a", 1], ["a", 2]]}),
    "a key that cannot be one": structured({"dict": [[{"list": []}, 1]]}),
    "a zip archive": b"PK\x03\x04" + bytes(40),
    "an array of numpy": b"\x93NUMPY" + bytes(40),
    "an HDF5 file": b"\x89HDF\r\n\x1a\n" + bytes(40),
    "text": b"[layer]\nname = 'Linear'\n" * 10,
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_file_is_a_data_error(what: str) -> None:
    with pytest.raises(DataError) as raised:
        load(BROKEN[what])
    assert raised.value.hint


class Trap:
    def __reduce__(self) -> tuple[Any, ...]:
        return exec, ("raise SystemExit('it ran')",)


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_a_pickle_is_refused_and_does_not_run(protocol: int) -> None:
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Trap(), protocol))
    for data in (pickle.dumps(Trap(), protocol), zipped.getvalue()):
        with pytest.raises(DataError, match=r"pickle.*, which can run any program") as raised:
            load(data)
        assert "safetensors.torch.save_file" in raised.value.hint


def test_whole_numbers_cannot_become_leaves() -> None:
    header = {
        "__metadata__": {"nnviz": '{"version": 1, "tree": {"leaf": "a"}}'},
        "a": {"dtype": "I32", "shape": [1], "data_offsets": [0, 4]},
    }
    with pytest.raises(DataError, match="cannot be a leaf"):
        load(file_of(header, bytes(4)))


def test_a_file_of_another_program_is_a_dictionary_of_tensors() -> None:
    numbers = np.array([1.5, -2.0], np.float32)
    half = numbers.astype(np.float16).tobytes()
    brain = (numbers.view(np.uint32) >> 16).astype(np.uint16).tobytes()
    header = {
        "__metadata__": {"format": "pt"},
        "half": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]},
        "brain": {"dtype": "BF16", "shape": [2, 1], "data_offsets": [4, 8]},
        "empty": {"dtype": "I64", "shape": [0, 3], "data_offsets": [8, 8]},
        "flag": {"dtype": "BOOL", "shape": [], "data_offsets": [8, 9]},
    }
    found = load(file_of(header, half + brain + b"\1"))
    assert {name: (t.tolist(), t.dtype.name, t.shape) for name, t in found.items()} == {
        "half": ([1.5, -2.0], "float16", (2,)),
        "brain": ([[1.5], [-2.0]], "float32", (2, 1)),
        "empty": ([], "int64", (0, 3)),
        "flag": (True, "bool", ()),
    }
    assert all(type(value) is nnviz.Tensor for value in found.values())


def test_devices_that_do_not_exist() -> None:
    data = saved()
    for fine in (None, "cpu", {"cuda:0": "cpu"}, lambda storage, _: storage):
        nnviz.load(io.BytesIO(data), fine)
    for device in ("cuda", "cuda:0", "mps"):
        with pytest.raises(OperationError, match="does not exist here"):
            nnviz.load(io.BytesIO(data), map_location=device)


def test_files_open_for_text_and_read_to_the_end() -> None:
    with pytest.raises(OperandError, match="open for text"):
        nnviz.load(io.StringIO("a"))
    with pytest.raises(OperandError, match="open for text"):
        nnviz.save(1, io.StringIO())
    file = io.BytesIO()
    nnviz.save(1, file)
    with pytest.raises(DataError, match="seek"):
        nnviz.load(file)
