"""The safetensors format: arrays by name.

A file consists of the length of the header (8 bytes), the header (JSON: the dtype, shape and offsets of each array by
name), and the data. All of it is validated when a file is read.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

from nnviz.autograd.operation import Array
from nnviz.errors import DataError

KEY = "nnviz"
"""The key of the structure in the metadata."""

RESERVED = "__metadata__"

DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U64": "<u8",
    "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?", "BF16": "<u2",
}  # fmt: skip
"""The supported dtypes of safetensors, as numpy's. A bfloat16 is the upper half of a float32."""

FOREIGN = {
    b"PK": "a zip archive with a pickle, as written by torch.save",
    b"\x80": "a pickle, as written by older versions of torch.save",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "a numpy array file",
    b"\x1f\x8b": "compressed with gzip",
}
"""The first bytes of other file formats."""

Entries = list[tuple[str, dict[str, Any]]]


def packed(arrays: dict[str, Array], structure: str) -> bytes:
    """The bytes of a file with these arrays, and the structure in its metadata."""
    # Imported here, since most programs write no file.
    from safetensors.numpy import save

    contiguous = {name: np.asarray(array, array.dtype.newbyteorder("<"), order="C") for name, array in arrays.items()}
    return bytes(save(contiguous, {KEY: structure}))


def unpacked(data: bytes) -> tuple[dict[str, Array], str | None]:
    """The arrays in the bytes of a file, and the structure; None if the file was not written by nnviz.

    Raises:
        DataError: `data` is not a complete safetensors file, or contains an unsupported dtype.
    """
    import safetensors

    header = _header(data)
    deserialize: Callable[[bytes], Entries] = safetensors.deserialize
    try:
        entries = deserialize(data)
    except safetensors.SafetensorError as error:
        raise _broken(str(error)) from None
    return {name: _array(name, entry) for name, entry in entries}, _structure(header)


def _array(name: str, entry: dict[str, Any]) -> Array:
    kind = entry["dtype"]
    if kind not in DTYPES:
        raise DataError(f"the tensor {name!r} has dtype {kind}, which is not supported", "convert it to F32 first")
    array = np.frombuffer(entry["data"], DTYPES[kind]).reshape(entry["shape"])
    if kind == "BF16":
        return (array.astype(np.uint32) << 16).view(np.float32)
    return array.astype(array.dtype.newbyteorder("="))


def _header(data: bytes) -> dict[str, Any]:
    """The header, parsed here as well, because the library accepts two entries with the same name."""
    # The first eight bytes, the length, can have any value; the header starts with a brace.
    if data[8:9] != b"{":
        for beginning, what in FOREIGN.items():
            if data.startswith(beginning):
                raise _foreign(what)
    if len(data) < 8:
        raise _broken(f"expected at least 8 bytes, got {len(data)}")
    (length,) = struct.unpack("<Q", data[:8])
    if length > len(data) - 8:
        raise _broken(f"expected a header of {length} bytes, but only {len(data) - 8} bytes follow")
    try:
        header = json.loads(data[8 : 8 + length].decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
        raise _broken("its header is not valid JSON") from None
    if not isinstance(header, dict):
        raise _broken("its header is not a JSON object")
    return header


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _broken(f"its header has two entries with the name {name!r}")
        found[name] = value
    return found


def metadata(data: bytes) -> dict[str, Any]:
    """The metadata in the bytes of a file: texts by name, if nobody has tampered with them.

    Raises:
        DataError: `data` does not begin as a safetensors file does.
    """
    found = _header(data).get(RESERVED)
    return found if isinstance(found, dict) else {}


def _structure(header: dict[str, Any]) -> str | None:
    metadata = header.get(RESERVED)
    structure = metadata.get(KEY) if isinstance(metadata, dict) else None
    return structure if isinstance(structure, str) else None


def _broken(why: str) -> DataError:
    return DataError(f"not a complete safetensors file: {why}", "copy or download it again, or save it with nnviz.save")


def _foreign(what: str) -> DataError:
    hint = "save it as safetensors in the program that wrote it: safetensors.torch.save_file(state_dict, path)"
    if "pickle" in what:
        return DataError(
            f"the file is {what}, which can run any program when it is read; nnviz reads safetensors files only",
            f"{hint}; or convert it with PyTorch: safetensors.torch.save_file(torch.load(old, weights_only=True), new)",
        )
    return DataError(f"expected a safetensors file, but the file is {what}", hint)
