"""Python values as Python expressions, and the functions that they name as definitions that need numpy alone."""

from __future__ import annotations

import ast
import builtins
import dis
import functools
import inspect
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from nnviz.errors import NnvizError, NotSupportedError
from nnviz.paths import is_file

Array = np.ndarray[Any, Any]


RESERVED = (*dir(builtins), "np", "math", "functools", "base64", "collections")
"""Names that mean something already."""


class Source:
    """Writes values as expressions, and collects what these need.

    Args:
        arrays: gives the expression of an array.
        objects: gives the expression of an object of another class; None if it has none.

    Attributes:
        shared: the definitions of functions without a closure, and constants, by name.
        local: the definitions of functions that use arrays, by name, to stand after those arrays.
    """

    def __init__(self, arrays: Callable[[Array], str], objects: Callable[[object], str | None]) -> None:
        self._arrays = arrays
        self._objects = objects
        self.shared: dict[str, str] = {}
        self.local: dict[str, str] = {}
        self._taken = set(RESERVED)
        self._names: dict[int, str] = {}
        # An identity stays unique only as long as its object lives.
        self._alive: list[object] = []

    def expression(self, value: object, hint: str = "") -> str:
        """A value as an expression.

        Args:
            value: a number, text, array, function, or a container of those.
            hint: a name for the function, if it is one that has none.

        Raises:
            NotSupportedError: there is no such expression.
        """
        if isinstance(value, np.ndarray):
            return self._arrays(value)
        written = self._data(value) or self._objects(value)
        if written is None and callable(value):
            written = self._callable(value, hint)
        if written is None:
            raise _refused(value)
        return written

    def _data(self, value: object) -> str:
        """Numbers, text and containers; empty for anything else."""
        if value is None or isinstance(value, bool | int | float | str):
            return _plain(value)
        if isinstance(value, np.generic):
            return f"np.{type(value).__name__}({_plain(value.item())})"
        if isinstance(value, np.dtype):
            return f"np.dtype({value.str!r})"
        if isinstance(value, slice):
            return f"slice({', '.join(map(self.expression, (value.start, value.stop, value.step)))})"
        if isinstance(value, tuple):
            return f"({', '.join(map(self.expression, value))}{',' * (len(value) == 1)})"
        if isinstance(value, list):
            return f"[{', '.join(map(self.expression, value))}]"
        if isinstance(value, dict):
            return f"{{{', '.join(f'{self.expression(k)}: {self.expression(v)}' for k, v in value.items())}}}"
        return ""

    def call(self, function: object, *arguments: object, **named: object) -> str:
        """A call as an expression."""
        parts = [*map(self.expression, arguments), *(f"{name}={self.expression(one)}" for name, one in named.items())]
        return f"{self.expression(function)}({', '.join(parts)})"

    def _callable(self, value: Callable[..., Any], hint: str) -> str | None:
        name = getattr(value, "__name__", "")
        for module in (np, math, builtins):
            if name and getattr(module, name, None) is value:
                return name if module is builtins else f"{'np' if module is np else 'math'}.{name}"
        if isinstance(value, type) and issubclass(value, NnvizError):
            return "ValueError"
        if isinstance(value, type) and issubclass(value, tuple) and hasattr(value, "_fields"):
            self.shared[name] = f"{name} = collections.namedtuple({name!r}, {value._fields!r})"
            return name
        if isinstance(value, functools.partial):
            parts = [self.expression(value.func, hint), *map(self.expression, value.args)]
            parts += [f"{key}={self.expression(one)}" for key, one in value.keywords.items()]
            return f"functools.partial({', '.join(parts)})"
        if isinstance(value, FunctionType | MethodType):
            return self._function(value, hint)
        inner = getattr(value, "__wrapped__", None)
        if isinstance(inner, FunctionType):
            # A cache is left out.
            return self._function(inner, hint)
        owner = getattr(value, "__self__", None)
        if isinstance(owner, np.ndarray | np.ufunc):
            return f"{self.expression(owner)}.{name}"
        return None

    def _function(self, function: FunctionType | MethodType, hint: str) -> str:
        """The name of a function, which is defined where it is first named."""
        plain = function.__func__ if isinstance(function, MethodType) else function
        assert isinstance(plain, FunctionType)  # noqa: S101 (a method of Python's own)
        if id(plain) in self._names:
            return self._names[id(plain)]
        wanted = hint if plain.__name__ == "<lambda>" else plain.__name__
        name = self.free(wanted or "function")
        self._names[id(plain)] = name
        self._alive.append(plain)
        # Reserved before its body is written, which may name others, or itself.
        kept = self.local if plain.__closure__ else self.shared
        kept[name] = ""
        kept[name] = self._definition(plain, name, isinstance(function, MethodType))
        return name

    def free(self, wanted: str) -> str:
        """A name that is not taken, which it is from then on."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}{number}"
        self._taken.add(name)
        return name

    def _definition(self, function: FunctionType, name: str, bound: bool) -> str:
        node = _node_of(function)
        arguments = node.args
        if bound:
            arguments.args = arguments.args[1:]
        arguments.defaults = [self._parsed(one) for one in function.__defaults__ or ()]
        given = function.__kwdefaults__ or {}
        arguments.kw_defaults = [self._parsed(given[a.arg]) if a.arg in given else None for a in arguments.kwonlyargs]
        body: list[ast.stmt] = [ast.Return(node.body)] if isinstance(node, ast.Lambda) else _without_words(node.body)
        made = ast.parse(f"def {name}(): pass").body[0]
        assert isinstance(made, ast.FunctionDef)  # noqa: S101 (it says def)
        made.args, made.body = arguments, body
        outside = _outside(function)
        inside = {one.id for one in ast.walk(made) if isinstance(one, ast.Name) and not isinstance(one.ctx, ast.Load)}
        inside |= {one.arg for one in ast.walk(made) if isinstance(one, ast.arg)}
        written = {one: self._named(one, value) for one, value in outside.items()}
        used = {one.id for text in written.values() for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Name)}
        # Otherwise a name would mean something else inside.
        if inside & (outside.keys() | used):
            raise _refused(function)
        plain = _Plain(written).visit(made)
        return ast.unparse(ast.fix_missing_locations(plain))

    def _named(self, name: str, value: object) -> str:
        """The expression of what a function calls `name`."""
        if isinstance(value, ModuleType):
            if value in (np, math):
                return "np" if value is np else "math"
            raise _refused(value)
        if isinstance(value, np.ndarray) and value.ndim == 0 and name not in self._taken:
            self.shared[self.free(name)] = f"{name} = np.array({_plain(value.item())}, np.{value.dtype.name})"
        if isinstance(value, np.ndarray) and name in self.shared:
            return name
        if name.isupper() or (name.startswith("_") and name[1:].isupper()):
            written = self.expression(value)
            if name not in self._taken:
                self.shared[self.free(name)] = f"{name} = {written}"
            return name if self.shared.get(name) == f"{name} = {written}" else written
        return self.expression(value, name)

    def _parsed(self, value: object) -> ast.expr:
        return ast.parse(self.expression(value), mode="eval").body


def _plain(value: object) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


def _refused(value: object) -> NotSupportedError:
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None) or type(value).__qualname__
    return NotSupportedError(f"{name} cannot be written with numpy alone", "export --to torch or --to onnx instead")


def _outside(function: FunctionType) -> dict[str, object]:
    """What a function uses from outside, by name: of its closure and its module."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    found: dict[str, object] = {name: cell.cell_contents for name, cell in cells}
    for code in _codes(function.__code__):
        for one in dis.get_instructions(code):
            if one.opname in ("LOAD_GLOBAL", "LOAD_NAME") and one.argval in function.__globals__:
                found[one.argval] = function.__globals__[one.argval]
            elif one.opname in ("STORE_GLOBAL", "IMPORT_NAME") or (
                one.opname == "STORE_DEREF" and one.argval in function.__code__.co_freevars
            ):
                raise _refused(function)
    return found


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from _codes(one)


@functools.lru_cache(maxsize=64)
def _text_of(path: str) -> str:
    return Path(path).read_text("utf-8")


def _node_of(function: FunctionType) -> ast.FunctionDef | ast.Lambda:
    """The syntax tree of a function, the caller's own copy.

    Raises:
        NotSupportedError: its source is not there.
    """
    code = function.__code__
    path = inspect.getsourcefile(function)
    if path is None or not is_file(path):
        raise _refused(function)
    tree = ast.parse(_text_of(path))
    if code.co_name != "<lambda>":
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                if first == code.co_firstlineno:
                    return node
        raise _refused(function)
    places = [(line, column) for line, _, column, end in code.co_positions() if line and column is not None and end]
    start, stop = min(places), max(places)
    around = [node for node in ast.walk(tree) if isinstance(node, ast.Lambda) and _holds(node.body, start, stop)]
    if not around:
        raise _refused(function)
    return max(around, key=lambda node: (node.body.lineno, node.body.col_offset))


def _holds(node: ast.expr, start: tuple[int, int], stop: tuple[int, int]) -> bool:
    assert node.end_lineno is not None  # noqa: S101 (parsed from text)
    assert node.end_col_offset is not None  # noqa: S101
    return (node.lineno, node.col_offset) <= start and stop <= (node.end_lineno, node.end_col_offset)


def _without_words(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return (body[1:] or [ast.Pass()]) if text else body


class _Plain(ast.NodeTransformer):
    """Without annotations and assertions, and with other names for what comes from outside."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_Assert(self, node: ast.Assert) -> ast.Pass:  # noqa: ARG002
        return ast.Pass()

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is None:
            return ast.Pass()
        return self.visit(ast.Assign([node.target], node.value))  # type: ignore[no-any-return]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns, node.body = None, _without_words(node.body)
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        written = self._names.get(node.id)
        return node if written is None else ast.parse(written, mode="eval").body
