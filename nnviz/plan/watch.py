"""The Python values that a forward reads besides its inputs: globals, closures, attributes, and their contents.

A plan does not run Python. If a value that a forward read when it was traced has changed, the plan is made anew; a
forward that changes such values itself, for example a counter or a list, cannot be planned.

The values are found in the bytecode: the names that its instructions load from globals and closures, recursively
through the functions that it calls, except those of nnviz and of libraries. The numbers of tensors are not watched,
since a plan reads their memory at every step.
"""

from __future__ import annotations

import dis
import random
import sys
import types
from array import array
from collections import deque
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from contextvars import ContextVar
from functools import partial
from typing import Any
from weakref import ReferenceType

import numpy as np

from nnviz.autograd import Tensor
from nnviz.autograd.operation import Array
from nnviz.autograd.random import default_generator
from nnviz.errors import GraphError
from nnviz.nn import Module, Parameter
from nnviz.plan.outside import line
from nnviz.plan.same import MISSING, PLAIN, restore, restore_class, same, unchanged

MOST = 50_000
"""The largest number of objects that are watched."""

LARGEST = 1_000_000
"""The largest array that is compared at every step, in elements."""

_SEQUENCES = (list, set, deque, tuple, frozenset)
_HOLDING = ("types", "collections", "argparse", "configparser", "dataclasses")
"""Modules of the standard library whose objects contain the user's values."""

_LIBRARIES = {"nnviz", "numpy", "builtins", "typing", "__future__"} | set(sys.stdlib_module_names)


class Watch:
    """The Python values that a forward reads, and their recorded state.

    Args:
        runs: the modules and functions that a plan computes.

    Raises:
        GraphError: something is read that cannot be compared: an iterator, or too much.

    Attributes:
        modules: the modules that were found, including those in lists and closures.
    """

    def __init__(self, *runs: Callable[..., Any]) -> None:
        self.modules: list[Module] = []
        self._codes: list[types.CodeType] = []
        self._values: list[tuple[Callable[[], object], Callable[[Any], object], object, str]] = []
        self._holders: list[tuple[Any, Any, str]] = []
        self._attributes: list[tuple[Mapping[str, Any], dict[str, Any], str, object]] = []
        self._held: list[tuple[dict[str, Any], dict[str, Any], str]] = []
        self._classes: set[type] = set()
        self._generators: list[np.random.Generator] = [default_generator()]
        self._seen: dict[int, object] = {}
        self._waiting: deque[tuple[object, str]] = deque((run, "the computation") for run in runs)
        while self._waiting:
            self._inspect(*self._waiting.popleft())

    @property
    def is_empty(self) -> bool:
        """Whether it reads only nnviz's own modules."""
        return not self._codes and not self._attributes

    def changed(self) -> str | None:
        """The name of the first thing that has changed; None if none has."""
        for read, _, value, name in self._values:
            now = read()
            if now is not value and not same(now, value):
                return name
        for attributes, known, name, owner in self._attributes:
            for key, value in known.items():
                now = attributes.get(key, MISSING)
                # The mode of a module is not compared: there is a plan for each.
                if now is not value and not same(now, value) and not (key == "training" and isinstance(owner, Module)):
                    return f"{name}.{key}"
            if len(attributes) != len(known) and (new := attributes.keys() - known.keys()):
                return f"{name}.{min(new)}"
        for holder, before, name in self._holders:
            if not unchanged(holder, before):
                return name
        return None

    def changed_by_run(self) -> str | None:
        """The same after a run, which may have set attributes of nnviz's own modules as well."""
        for attributes, known, name in self._held:
            for key in attributes.keys() | known.keys():
                if attributes.get(key, MISSING) is not known.get(key, MISSING) and key != "training":
                    return f"{name}.{key}"
        return self.changed()

    def draws(self) -> list[object]:
        """The states of all random generators, including Python's and numpy's."""
        legacy: Any = np.random.get_state()
        states = [repr(generator.bit_generator.state) for generator in self._generators]
        return [random.getstate(), legacy[1].tobytes(), legacy[2:], *states]

    def restore(self) -> None:
        """Restore the recorded state."""
        for read, write, value, _ in self._values:
            if value is not MISSING and read() is not value:
                write(value)
        for holder, before, _ in self._holders:
            restore(holder, before)
        for attributes, known, _, owner in self._attributes:
            if isinstance(attributes, dict):
                restore(attributes, known)
            elif isinstance(owner, type):
                restore_class(owner, known)
        for attributes, known, _ in self._held:
            restore(attributes, known)

    def line_of(self, name: str) -> str:
        """The line of the code that changes what is called `name`, or else one that reads it."""
        last = name.rpartition(".")[2]
        found = [
            (
                (code.co_name == "__init__", not instruction.opname.startswith("STORE")),
                code,
                instruction.positions.lineno,
            )
            for code in self._codes
            for instruction in dis.get_instructions(code)
            if instruction.argval == last and instruction.positions and instruction.positions.lineno
        ]
        if not found:
            return ""
        _, code, number = min(found, key=lambda one: one[0])
        return line(code.co_filename, number)

    # --- finding the values

    def _inspect(self, value: object, name: str) -> None:
        """Record one object and its contents."""
        if isinstance(value, (*PLAIN, Parameter, types.ModuleType)) or id(value) in self._seen:
            return
        self._seen[id(value)] = value
        if isinstance(value, Tensor):
            self._slot(value, "_requires_grad", value._requires_grad, f"{name}.requires_grad")
            return
        if len(self._seen) > MOST:
            raise GraphError(
                f"the computation reads more than {MOST:,} things in Python, {name} among them",
                "pass only what the computation needs, or train on the tape",
            )
        for kind, inspect in self._inspectors:
            if isinstance(value, kind):
                inspect(value, name)
                return
        wrapped = getattr(value, "__wrapped__", None)
        if wrapped is not None:
            self._waiting.append((wrapped, name))
        elif not _is_librarys(type(value)):
            self._inspect_class(type(value))
            self._inspect_attributes(value, name)
        elif type(value).__module__ in _HOLDING:
            self._inspect_attributes(value, name)

    @property
    def _inspectors(self) -> list[tuple[Any, Callable[[Any, str], None]]]:
        """How each kind of object is recorded; the first that matches applies."""
        return [
            (Module, self._inspect_module),
            (types.FunctionType, self._inspect_function),
            (types.MethodType, self._inspect_method),
            (partial, self._inspect_partial),
            (np.random.Generator, lambda generator, _: self._generators.append(generator)),
            (np.ndarray, self._inspect_array),
            (array | bytearray, self._inspect_bytes),
            (types.BuiltinMethodType, lambda method, name: self._waiting.append((method.__self__, name))),
            (dict | types.MappingProxyType, self._inspect_dict),
            (KeysView | ValuesView | ItemsView, lambda view, name: self._waiting.append((view.mapping, name))),
            (ReferenceType, lambda reference, name: self._waiting.append((reference(), name))),
            (ContextVar, self._refuse_context),
            (list | set | deque | tuple | frozenset, self._inspect_sequence),
            (Iterator, self._refuse_iterator),
            (type, lambda kind, _: self._inspect_class(kind)),
        ]

    def _inspect_method(self, method: types.MethodType, name: str) -> None:
        self._waiting += [(method.__self__, name), (method.__func__, name)]

    def _inspect_partial(self, call: partial[Any], name: str) -> None:
        self._waiting += [(call.func, name), (call.args, name), (call.keywords, name)]

    def _refuse_iterator(self, _: object, name: str) -> None:
        raise GraphError(
            f"the computation reads {name}, an iterator, which would advance at every step",
            "pass its elements as an input, or train on the tape",
        )

    def _inspect_bytes(self, value: Any, name: str) -> None:
        self._holders.append((value, value[:], name))

    def _refuse_context(self, _: object, name: str) -> None:
        raise GraphError(
            f"the computation reads {name}, a context variable, whose value depends on where it is read",
            "read it outside, into an attribute or an argument",
        )

    def _inspect_module(self, module: Module, _: str) -> None:
        self.modules.append(module)
        for child in module.modules():
            self._seen[id(child)] = child
            name = type(child).__name__
            if not _is_librarys(type(child)):
                self._inspect_class(type(child))
                self._inspect_attributes(child, name)
                continue
            # Changes of nnviz's own modules are counted when they are set; changes inside a list they hold are not.
            attributes = vars(child)
            self._held.append((attributes, dict(attributes), name))
            self._waiting += [(one, f"{name}.{key}") for key, one in attributes.items() if key[0] != "_"]

    def _inspect_attributes(self, value: object, name: str) -> None:
        attributes = getattr(value, "__dict__", None)
        if attributes is not None:
            self._attributes.append((attributes, dict(attributes), name, value))
            self._waiting += [(one, f"{name}.{key}") for key, one in attributes.items()]
        self._slot(value, "__class__", type(value), f"the class of {name}")
        for owner in type(value).__mro__:
            for key in vars(owner).get("__slots__", ()) if not _is_librarys(owner) else ():
                self._slot(value, key, getattr(value, key, MISSING), f"{name}.{key}")

    def _inspect_class(self, kind: type) -> None:
        for owner in kind.__mro__:
            if owner in self._classes or _is_librarys(owner):
                continue
            self._classes.add(owner)
            self._attributes.append((vars(owner), dict(vars(owner)), owner.__name__, owner))
            for key, value in vars(owner).items():
                name = f"{owner.__name__}.{key}"
                if isinstance(value, property):
                    self._waiting += [(one, name) for one in (value.fget, value.fset) if one is not None]
                elif isinstance(value, staticmethod | classmethod):
                    self._waiting.append((value.__func__, name))
                elif isinstance(value, types.FunctionType) or (
                    not key.startswith("__") and not isinstance(value, types.MemberDescriptorType)
                ):
                    self._waiting.append((value, name))

    def _inspect_function(self, function: types.FunctionType, _: str) -> None:
        if _is_librarys(function):
            return
        for default in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._waiting.append((default, f"a default of {function.__name__}()"))
        for free, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            value = _contents(cell)
            self._record(partial(_contents, cell), partial(setattr, cell, "cell_contents"), value, free)
        self._attributes.append((function.__dict__, dict(function.__dict__), function.__name__, function))
        for key in ("__code__", "__defaults__", "__kwdefaults__"):
            self._slot(function, key, getattr(function, key), f"{function.__name__}.{key}")
        self._waiting += [(one, f"{function.__name__}.{key}") for key, one in function.__dict__.items()]
        self._inspect_code(function.__code__, function.__globals__)

    def _inspect_code(self, code: types.CodeType, names: dict[str, Any]) -> None:
        self._codes.append(code)
        path: list[Any] = []
        for instruction in dis.get_instructions(code):
            if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL"):
                key = instruction.argval
                value = names.get(key, MISSING)
                path = [value, key]
                if value is not MISSING:
                    self._global(names, key, value, key)
            elif instruction.opname == "IMPORT_NAME":
                self._inspect_import(instruction.argval)
            elif instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and path and isinstance(path[0], types.ModuleType):
                path = self._of_module(path[0], path[1], instruction.argval)
            elif instruction.opname not in ("CACHE", "PUSH_NULL", "EXTENDED_ARG"):
                path = []
        for constant in code.co_consts:
            if isinstance(constant, types.CodeType):
                self._inspect_code(constant, names)

    def _inspect_import(self, name: str) -> None:
        """Record the names in a module that is imported during forward, unless it is a library."""
        module = sys.modules.get(name)
        if module is not None and name.partition(".")[0] not in _LIBRARIES:
            names = {key: one for key, one in vars(module).items() if not key.startswith("__")}
            for key, one in names.items():
                self._global(vars(module), key, one, f"{name}.{key}")

    def _of_module(self, module: types.ModuleType, name: str, key: str) -> list[Any]:
        """The value of a name in a module, and the full name; empty for modules of libraries."""
        if module.__name__.partition(".")[0] in _LIBRARIES:
            return []
        value = vars(module).get(key, MISSING)
        if value is not MISSING:
            self._global(vars(module), key, value, f"{name}.{key}")
        return [value, f"{name}.{key}"]

    def _global(self, names: dict[str, Any], key: str, value: object, name: str) -> None:
        self._record(partial(names.get, key, MISSING), partial(names.__setitem__, key), value, name)

    def _slot(self, owner: object, key: str, value: object, name: str) -> None:
        self._record(partial(getattr, owner, key, MISSING), partial(setattr, owner, key), value, name)

    def _record(self, read: Callable[[], object], write: Callable[[Any], object], value: object, name: str) -> None:
        """Record a single value, with the functions that read and write it."""
        self._values.append((read, write, value, name))
        self._waiting.append((value, name))

    def _inspect_array(self, numbers: Array, name: str) -> None:
        if numbers.size > LARGEST:
            raise GraphError(
                f"the computation reads {name}, an array of {numbers.size:,} numbers, which would have to be compared "
                "at every step",
                "make a tensor of it with from_numpy(), or a buffer of the module",
            )
        self._holders.append((numbers, numbers.copy(), name))
        if numbers.dtype.kind == "O":
            self._waiting += [(one, name) for one in numbers.ravel()]

    def _inspect_dict(self, value: Mapping[object, object], name: str) -> None:
        self._holders.append((value, dict(value), name))
        self._waiting += [(one, f"{name}[{key!r:.20}]") for key, one in value.items()]

    def _inspect_sequence(self, value: Any, name: str) -> None:
        if not isinstance(value, tuple | frozenset):
            self._holders.append((value, list(value), name))
        self._waiting += [(one, name) for one in value]
        if type(value) not in _SEQUENCES and not isinstance(value, tuple):
            self._inspect_class(type(value))
            self._inspect_attributes(value, name)


def _is_librarys(thing: Any) -> bool:
    """Whether a function or a class comes from nnviz, the standard library or numpy."""
    return str(getattr(thing, "__module__", None) or "builtins").partition(".")[0] in _LIBRARIES


def _contents(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING
