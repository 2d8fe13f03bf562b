"""`out=`: an existing tensor for the result of a function."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from nnviz.autograd.inplace import copy_
from nnviz.autograd.modes import is_grad_enabled
from nnviz.autograd.tensor import Tensor
from nnviz.autograd.types import type_name
from nnviz.errors import DtypeError, GraphError, OperandError, ShapeError

PRODUCTS = ("addmm", "addmv", "baddbmm", "bmm", "dot", "inner", "matmul", "mm", "mv", "outer")
"""Products, which require `out` to have exactly the result's dtype."""

FOLLOWED = frozenset((
    "abs", "acos", "add", "asin", "atan", "cat", "ceil", "clamp", "cos", "cosh", "div", "eq", "exp",
    "expm1", "floor", "fmod", "ge", "gt", "le", "log", "log10", "log1p", "log2", "logical_and", "logical_not",
    "logical_or", "logical_xor", "lt", "maximum", "minimum", "mul", "ne", "neg", "pow", "reciprocal", "remainder",
    "round", "rsqrt", "sigmoid", "sign", "sin", "sinh", "sqrt", "square", "stack", "sub", "tan", "tanh", "trunc",
    *PRODUCTS,
))  # fmt: skip
"""The functions that take `out=`."""

CREATED = ("arange", "full", "linspace", "ones", "rand", "randn", "zeros")
"""The creation functions that take `out=`."""


def created_into(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A creation function that uses the dtype of `out` if no other is given."""

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Tensor:
        if named and named.get("out") is not None:
            out = _only_a_tensor(function.__name__, named.pop("out"))
            kind = named.get("dtype")
            if kind is not None and np.dtype(kind) != out.dtype:
                raise DtypeError(
                    f"dtype {type_name(np.dtype(kind))} does not match dtype of out parameter ({type_name(out.dtype)})",
                    "leave dtype out",
                )
            if function.__name__ in ("rand", "randn") and out.dtype.kind != "f":
                raise DtypeError(
                    f"{function.__name__}(): not implemented for '{type_name(out.dtype)}'", "give an out of floats"
                )
            return written_into(out, function, args, {"dtype": out.dtype, **named})
        named.pop("out", None)
        return function(*args, **named)

    return call


def written_into(out: Any, function: Callable[..., Tensor], args: tuple[Any, ...], named: dict[str, Any]) -> Tensor:
    """Call `function`, and write its result to `out`.

    Args:
        out: a tensor of the result's shape; it is not resized.
        function: the function to call.
        args: its arguments.
        named: its keyword arguments, without `out`.

    Returns:
        `out` itself.

    Raises:
        GraphError: an argument, or `out`, requires a gradient while operations are recorded.
        ShapeError: the shape of `out` differs.
        DtypeError: the dtype of `out` cannot hold the result.
        OperandError: `out` is not a tensor.
    """
    name = function.__name__
    target = _only_a_tensor(name, out)
    if is_grad_enabled() and any(tensor.requires_grad for tensor in (target, *_tensors((*args, *named.values())))):
        raise GraphError(
            f"{name}(): functions with out=... arguments don't support automatic differentiation, but one of the "
            "arguments requires grad.",
            "take what it returns; or write it with nnviz.no_grad():",
        )
    result = function(*args, **named)
    if result.shape != target.shape:
        raise ShapeError(
            f"{name}(): out has the shape {list(target.shape)}, but the result has {list(result.shape)}",
            f"out is not resized: begin with nnviz.empty({', '.join(map(str, result.shape)) or '()'})",
        )
    if not _holds(target.dtype, result.dtype, name in PRODUCTS):
        raise DtypeError(
            f"result type {type_name(result.dtype)} can't be cast to the desired output type {type_name(target.dtype)}",
            f"give an out of type {result.dtype}",
        )
    copy_(target, result)
    return target


def _only_a_tensor(name: str, out: Any) -> Tensor:
    if not isinstance(out, Tensor):
        raise OperandError(
            f"{name}(): argument 'out' must be Tensor, not {type(out).__name__}", "make one with nnviz.empty()"
        )
    return out


def _tensors(given: Iterable[Any]) -> Iterable[Tensor]:
    """The tensors among the arguments, and in lists among them."""
    for one in given:
        if isinstance(one, Tensor):
            yield one
        elif isinstance(one, list | tuple):
            yield from _tensors(one)


def _holds(kind: np.dtype[Any], other: np.dtype[Any], exactly: bool) -> bool:
    """Whether numbers of dtype `other` may be written to dtype `kind`: never floats to integers."""
    order = {"b": 0, "u": 1, "i": 1, "f": 2}
    return kind == other if exactly else order[other.kind] <= order[kind.kind]
