"""Converts an object to named arrays and a JSON description of its structure, and back.

In the JSON, a number, string, bool or None is itself; anything else is an object whose only key is its kind:
{"dict": [[key, value], ...]}, {"list": [...]}, {"tuple": [...]}, {"tensor": name}, {"float": "nan"}.
"""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array
from nnviz.errors import DataError, NnvizError, OperandError
from nnviz.nn import Module, Parameter
from nnviz.serialization.container import RESERVED

VERSION = 1

TENSORS: dict[str, Callable[[Array], object]] = {
    "tensor": Tensor,
    "leaf": lambda array: Tensor(array, requires_grad=True),
    "parameter": Parameter,
    "frozen parameter": lambda array: Parameter(Tensor(array), requires_grad=False),
    "array": lambda array: array,
    "scalar": lambda array: array[()],
}
"""The kinds of values saved as an array, with the function that restores each. A leaf requires a gradient."""


def dismantled(obj: object) -> tuple[dict[str, Array], str]:
    """The arrays in `obj` by path, and the JSON of its structure.

    Raises:
        OperandError: `obj` contains something that cannot be saved.
    """
    writer = _Writer()
    try:
        tree = writer.node(obj, ())
        return writer.arrays, json.dumps({"version": VERSION, "tree": tree}, allow_nan=False)
    except RecursionError:
        raise OperandError(
            "the object is nested too deeply, or contains itself", "save a dictionary of tensors"
        ) from None
    except NnvizError:
        raise
    except ValueError as error:
        raise OperandError(f"a number cannot be written: {error}", "convert it to a string") from None


class _Writer:
    """Traverses an object, and collects its arrays."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}

    def node(self, value: object, path: tuple[str, ...]) -> object:
        """The JSON of the value at `path`."""
        if isinstance(value, Tensor):
            return {_kind(value): self._named(value.array, path)}
        if isinstance(value, np.ndarray | np.generic):
            kind = "array" if isinstance(value, np.ndarray) else "scalar"
            return {kind: self._named(np.asarray(value), path)}
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if type(value) in (dict, OrderedDict):
            pairs = [[_key(key, path), self.node(item, (*path, str(key)))] for key, item in value.items()]  # type: ignore[attr-defined]
            return {type(value).__name__: pairs}
        if type(value) is list or (isinstance(value, tuple) and not hasattr(value, "_fields")):
            items = [self.node(item, (*path, str(i))) for i, item in enumerate(value)]
            return {"list" if type(value) is list else "tuple": items}
        raise _refused(value, path)

    def _named(self, array: Array, path: tuple[str, ...]) -> str:
        """Add an array under its path, with a number appended if that name is taken, and return the name."""
        if array.dtype.kind not in "buif" or array.dtype.itemsize > 8:
            raise OperandError(f"{_at(path)} has dtype {array.dtype}, which cannot be saved", "save numbers or bools")
        wanted = ".".join(path).encode("utf-8", "replace").decode() or "tensor"
        name, count = wanted, 1
        while name in self.arrays or name == RESERVED:
            count += 1
            name = f"{wanted}~{count}"
        self.arrays[name] = array
        return name


def _kind(tensor: Tensor) -> str:
    if isinstance(tensor, Parameter):
        return "parameter" if tensor.requires_grad else "frozen parameter"
    return "leaf" if tensor.requires_grad else "tensor"


def _key(key: object, path: tuple[str, ...]) -> object:
    if type(key) is tuple:
        return {"tuple": [_key(part, path) for part in key]}
    if key is None or type(key) in (bool, int, str) or (type(key) is float and math.isfinite(key)):
        return key
    raise OperandError(
        f"{_at(path)} has a key of type {type(key).__name__}", "keys can be strings, numbers, bools, None and tuples"
    )


def _at(path: tuple[str, ...]) -> str:
    return f"the value at {' → '.join(path)}" if path else "the object"


def _refused(value: object, path: tuple[str, ...]) -> OperandError:
    name = type(value).__name__
    if isinstance(value, Module):
        hint = "save model.state_dict(), and load it into a new model: model.load_state_dict(load(path))"
        return OperandError(f"{_at(path)} is a module ({name}), whose code cannot be saved", hint)
    if isinstance(value, type) or (callable(value) and not hasattr(value, "state_dict")):
        shown = getattr(value, "__name__", name)
        return OperandError(f"{_at(path)} is code ({shown}), which cannot be saved", "save the values it needs instead")
    if hasattr(value, "state_dict"):
        return OperandError(f"{_at(path)} is of type {name}, which cannot be saved", "save its state_dict()")
    hints = {"set": "convert it to a list", "defaultdict": "convert it to a dict"}
    kinds = "tensors, arrays, numbers, strings, None, and dictionaries, lists and tuples of them"
    return OperandError(f"{_at(path)} is of type {name}, which cannot be saved", hints.get(name, f"save {kinds}"))


def rebuilt(arrays: dict[str, Array], structure: str | None) -> Any:
    """The inverse of `dismantled`; without a structure, a dictionary of tensors.

    Raises:
        DataError: the structure is invalid, of a newer version, or does not match the arrays.
    """
    if structure is None:
        return {name: Tensor(array) for name, array in arrays.items()}
    try:
        outer = json.loads(structure)
        if not isinstance(outer, dict) or not isinstance(outer.get("version"), int):
            raise _strange("it has no version")
        if outer["version"] > VERSION:
            raise DataError(
                f"expected a file of version {VERSION} or older, got version {outer['version']}", "update nnviz"
            )
        reader = _Reader(arrays)
        value = reader.value(outer.get("tree"))
    except RecursionError:
        raise _strange("it is nested too deeply") from None
    except DataError:
        raise
    except ValueError as error:
        raise _strange(str(error)) from None
    if reader.left:
        raise _strange(f"nothing refers to the tensor {next(iter(reader.left))!r}")
    return value


class _Reader:
    """Builds the object from JSON; each array is used exactly once."""

    def __init__(self, arrays: dict[str, Array]) -> None:
        self.left = dict(arrays)

    def value(self, node: object) -> object:
        """The value of one node."""
        if node is None or isinstance(node, bool | int | float | str):
            return node
        if not isinstance(node, dict) or len(node) != 1:
            raise _strange("expected an object with one key, the kind of the value")
        ((kind, content),) = node.items()
        if kind in TENSORS:
            return self._tensor(kind, content)
        if kind == "float" and content in ("nan", "inf", "-inf"):
            return float(content)
        if kind in ("list", "tuple") and isinstance(content, list):
            items = map(self.value, content)
            return list(items) if kind == "list" else tuple(items)
        if kind in ("dict", "OrderedDict") and isinstance(content, list):
            pairs = self._pairs(content)
            return pairs if kind == "dict" else OrderedDict(pairs)
        raise _strange(f"{kind!r} is not a kind of entry")

    def _tensor(self, kind: str, name: object) -> object:
        if not isinstance(name, str) or name not in self.left:
            raise _strange(f"the tensor {name!r} is missing, or used twice")
        array = self.left.pop(name)
        if (kind in ("leaf", "parameter") and array.dtype.kind != "f") or (kind == "scalar" and array.ndim):
            raise _strange(f"the tensor {name!r} cannot be a {kind}")
        return TENSORS[kind](array)

    def _pairs(self, content: list[object]) -> dict[Any, object]:
        found: dict[Any, object] = {}
        for pair in content:
            if not isinstance(pair, list) or len(pair) != 2:
                raise _strange("an entry of a dictionary is not a pair of key and value")
            key = _key_of(pair[0])
            if key in found:
                raise _strange(f"a dictionary has the key {key!r} twice")
            found[key] = self.value(pair[1])
        return found


def _key_of(node: object) -> object:
    if node is None or isinstance(node, bool | int | float | str):
        return node
    if isinstance(node, dict) and len(node) == 1 and isinstance(node.get("tuple"), list):
        return tuple(map(_key_of, node["tuple"]))
    raise _strange("a key of a dictionary is of an invalid kind")


def _strange(why: str) -> DataError:
    return DataError(f"the structure in the file is not as written by nnviz.save: {why}", "save it again")
