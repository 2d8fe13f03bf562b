"""`save` and `load`: tensors, and what holds them, in a safetensors file. Nothing in such a file can run.

A file holds tensors by name, and one line of JSON that says how they stood in dictionaries, lists and tuples. Any
reader of safetensors can open it, and a file that another program wrote is loaded as a dictionary of tensors.
"""

from __future__ import annotations

from typing import Any

from nnviz.errors import OperationError
from nnviz.serialization.container import packed, unpacked
from nnviz.serialization.disk import File, read, write
from nnviz.serialization.tree import dismantled, rebuilt

__all__ = ["load", "save"]


def save(obj: object, f: File) -> None:
    """Write `obj` to a file, or to anything with a `write` method.

    A file is replaced as a whole or not at all: what stood there before stays until all is written. Tensors are written
    each on its own, also where two share memory.

    Args:
        obj: a tensor or array; a number, string, truth value or None; or dictionaries, lists and tuples of these. The
            `state_dict()` of a module or optimizer is one.
        f: a path, or a file that is open for writing bytes.

    Raises:
        OperandError: there is something else in it: a module, an optimizer, a function.
        WriteError: it cannot be written there.
    """
    arrays, structure = dismantled(obj)
    write(f, packed(arrays, structure))


def load(f: File, map_location: object = None, *, weights_only: bool | None = True, mmap: bool | None = None) -> Any:  # noqa: ARG001
    """Read what `save` wrote, or any safetensors file.

    Args:
        f: a path, or a file that is open for reading bytes.
        map_location: accepted, as tensors live on the processor in any case: "cpu", a device, a function or a mapping.
        weights_only: accepted; a safetensors file holds nothing else.
        mmap: accepted; the file is read at once.

    Returns:
        What was saved. A file of another program gives a dictionary of its tensors; those of bfloat16 become float32,
        which holds all their values.

    Raises:
        MissingFileError: there is no such file.
        FileError: it cannot be read.
        DataError: it is no safetensors file, or not a whole one. A file that PyTorch pickled is refused.
        OperationError: `map_location` is a device that does not exist.
    """
    if str(map_location).partition(":")[0] in ("cuda", "mps", "xpu"):
        raise OperationError(
            f"Attempting to deserialize object on {map_location}, which does not exist here",
            'map_location="cpu", or leave it out',
        )
    arrays, structure = unpacked(read(f))
    return rebuilt(arrays, structure)
