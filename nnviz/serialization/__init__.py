"""`save` and `load`: tensors, and containers of them, in safetensors files, which cannot contain executable code.

A file contains tensors by name, and as metadata a JSON description of the dictionaries, lists and tuples they are in.
Any safetensors reader can open it. A file written by another program is loaded as a dictionary of tensors.
"""

from __future__ import annotations

from typing import Any

from nnviz.errors import OperationError
from nnviz.serialization.container import packed, unpacked
from nnviz.serialization.disk import File, read, write
from nnviz.serialization.tree import dismantled, rebuilt

__all__ = ["load", "save"]


def save(obj: object, f: File) -> None:
    """Write `obj` to a file, or to any object with a `write` method.

    A file is replaced atomically: until all data are written, the old file remains. Tensors that share memory are
    written separately.

    Args:
        obj: a tensor or array; a number, string, bool or None; or dictionaries, lists and tuples of these, such as the
            `state_dict()` of a module or optimizer.
        f: a path, or a file opened in binary mode.

    Raises:
        OperandError: `obj` contains something else, such as a module, an optimizer or a function; or `f` is a file in
            text mode.
        MissingNameError: `f` is neither a path nor has a method `write`.
        WriteError: the file cannot be written.
    """
    arrays, structure = dismantled(obj)
    write(f, packed(arrays, structure))


def load(f: File, map_location: object = None, *, weights_only: bool | None = True, mmap: bool | None = None) -> Any:  # noqa: ARG001
    """Read an object written by `save`, or any safetensors file.

    Args:
        f: a path, or a file opened in binary mode.
        map_location: accepted for compatibility: "cpu", a function or a mapping. Tensors are always on the CPU.
        weights_only: accepted for compatibility; safetensors files contain no code.
        mmap: accepted for compatibility; the whole file is read.

    Returns:
        The saved object; for a file from another program, a dictionary of its tensors. Tensors of bfloat16 become
        float32, which represents all their values.

    Raises:
        MissingFileError: the file does not exist.
        FileError: it cannot be read.
        DataError: it is not a complete safetensors file; in particular, a pickle written by PyTorch.
        OperandError: `f` is a file in text mode.
        OperationError: `map_location` is a device that does not exist.
    """
    if str(map_location).partition(":")[0] in ("cuda", "mps", "xpu"):
        raise OperationError(
            f"Attempting to deserialize object on {map_location}, which does not exist here",
            'pass map_location="cpu", or omit it',
        )
    arrays, structure = unpacked(read(f))
    return rebuilt(arrays, structure)
