"""Stacking: one call in the place of many that differ only in the arrays they work on.

Plans of models that differ only in their numbers make the same calls in the same order. Where the arrays of a call are
parts of one array with a leading axis over the models, numpy computes all of them at once: this is what `jax.vmap` does
with operations, done with the calls of plans. A call that is not known here is made once for each model, so that every
model can be stacked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from nnviz.autograd.kernel import Call
from nnviz.autograd.operation import Operation
from nnviz.autograd.ops.fused import check_range, subtract_one
from nnviz.plan.backward import gradient_into
from nnviz.plan.forward import result_into
from nnviz.plan.values import Array

PLAIN = (int, float, str, bool, type(None), np.generic, np.dtype, type, tuple)
"""Arguments that are the same for all models if they are equal."""


class CannotStackError(Exception):
    """The calls have to be made one after the other."""


class Stack:
    """An array of each model, as one array with a leading axis; or one array that all models share.

    Args:
        arrays: the array of each model.

    Raises:
        CannotStackError: they are not parts of one array.

    Attributes:
        array: the whole.
        shared: whether all models have the same one, which has no leading axis.
        ndim: the number of dimensions of one model's array.
    """

    def __init__(self, arrays: Sequence[Array]) -> None:
        first = arrays[0]
        self.ndim = first.ndim
        self.shared = all(array is first for array in arrays) or _constant(arrays)
        if self.shared:
            self.array = first
            return
        if any((a.shape, a.strides, a.dtype) != (first.shape, first.strides, first.dtype) for a in arrays):
            raise CannotStackError
        starts = [array.__array_interface__["data"][0] for array in arrays]
        by = starts[1] - starts[0]
        whole = first.base
        even = all(start == starts[0] + number * by for number, start in enumerate(starts))
        # Parts of the same memory: arrays that only happen to lie at equal distances may be freed one by one.
        if by <= 0 or not even or not first.size or whole is None or any(a.base is not whole for a in arrays):
            raise CannotStackError
        self.array = np.lib.stride_tricks.as_strided(first, (len(arrays), *first.shape), (by, *first.strides))

    def wide(self, ndim: int) -> Array:
        """The whole, with dimensions of size 1 after the leading axis, so that it broadcasts like the models' own."""
        if self.shared or self.ndim >= ndim:
            return self.array
        return self.array.reshape(len(self.array), *(1,) * (ndim - self.ndim), *self.array.shape[1:])


def _constant(arrays: Sequence[Array]) -> bool:
    """Whether nothing writes to these arrays, and all hold the same numbers."""
    first = arrays[0]
    return not any(a.flags.writeable for a in arrays) and all(
        a.shape == first.shape and a.dtype == first.dtype and a.tobytes() == first.tobytes() for a in arrays
    )


def whole_of(arrays: Sequence[Array]) -> Array | None:
    """The array with a leading axis whose parts these are, one for each model; None if there is none."""
    try:
        found = Stack(arrays)
    except CannotStackError:
        return None
    return None if found.shared else found.array


def signature(call: Call) -> object:
    """What calls have in common that may be made at once: the function."""
    if not isinstance(call, partial):
        return call
    owner, name = getattr(call.func, "__self__", None), getattr(call.func, "__name__", "")
    if isinstance(owner, np.ndarray | np.ufunc):
        return (owner if isinstance(owner, np.ufunc) else np.ndarray, name)
    if call.func in (result_into, gradient_into):
        return (call.func, call.args[1])
    return call.func


def stack_calls(calls: Sequence[Call], operation: Operation | None = None) -> list[Call]:
    """The calls that do what all of `calls` do, one for each model: as few as possible.

    Args:
        calls: the same call of each model's plan.
        operation: the operation they belong to.
    """
    try:
        return _stacked([_known(call) for call in calls], operation)
    except CannotStackError:
        return list(calls)


def _known(call: Call) -> partial[Any]:
    if not isinstance(call, partial):
        raise CannotStackError
    return call


def _stacked(calls: Sequence[partial[Any]], operation: Operation | None) -> list[Call]:
    function = calls[0].func
    owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    if isinstance(function, np.ufunc) or function is np.copyto:
        _same([call.func for call in calls])
        return [_product(*_positions(calls))] if function is np.matmul else [_broadcast(function, calls)]
    if isinstance(owner, np.ufunc) and name == "reduce":
        return [_reduce(owner, calls)]
    if isinstance(owner, np.ndarray) and name in METHODS:
        stack = Stack([call.func.__self__ for call in calls])  # type: ignore[attr-defined]
        return METHODS[name](stack, *_positions(calls))
    if function in (result_into, gradient_into) and operation is not None and operation.elementwise:
        return [_elementwise(calls)]
    if function is check_range:
        unsigned, labels, classes = _positions(calls)
        return [partial(check_range, _array(unsigned), _array(labels), classes)]
    if function is subtract_one:
        flat, places = _positions(calls)
        return _at_places(flat, places, lambda whole, at: [partial(subtract_one, whole, at)])
    raise CannotStackError


def _same(values: Sequence[Any]) -> Any:
    """The value that all models have."""
    first = values[0]
    if all(value is first for value in values):
        return first
    if not isinstance(first, PLAIN) or not all(type(value) is type(first) and value == first for value in values):
        raise CannotStackError
    return first


def _one(values: Sequence[Any]) -> Any:
    """The argument of all calls: a stack of arrays, a list of stacks, or a value that all models have."""
    if isinstance(values[0], np.ndarray):
        return Stack(values)
    if isinstance(values[0], list):
        return [Stack(parts) for parts in zip(*values, strict=True)]
    return _same(values)


def _positions(calls: Sequence[partial[Any]]) -> list[Any]:
    if any(call.keywords for call in calls):
        raise CannotStackError
    return [_one(values) for values in zip(*(call.args for call in calls), strict=True)]


def _array(argument: Any) -> Any:
    return argument.array if isinstance(argument, Stack) else argument


def _out(argument: Any) -> Array:
    """An array that is written: each model has its own."""
    if not isinstance(argument, Stack) or argument.shared:
        raise CannotStackError
    return argument.array


def _broadcast(function: Callable[..., Any], calls: Sequence[partial[Any]]) -> Call:
    """An elementwise call."""
    args = [_one(values) for values in zip(*(call.args for call in calls), strict=True)]
    named = {name: _one([call.keywords[name] for call in calls]) for name in calls[0].keywords}
    target = args[0] if function is np.copyto else named["out"] if "out" in named else args[-1]
    _out(target)
    wide = [one.wide(target.ndim) if isinstance(one, Stack) else one for one in args]
    return partial(function, *wide, **{name: _array(one) for name, one in named.items()})


def _product(a: Any, b: Any, out: Any) -> Call:
    """A product of matrices; the first may be a vector that all models share."""
    vector = a.shared and a.ndim == 1
    if b.ndim != 2 or not (a.ndim == 2 or vector):
        raise CannotStackError
    return partial(np.matmul, a.array, b.array, _out(out))


def _reduce(ufunc: np.ufunc, calls: Sequence[partial[Any]]) -> Call:
    names = ("array", "axis", "dtype", "out", "keepdims", "initial", "where")
    given = [dict(zip(names, call.args, strict=False)) | call.keywords for call in calls]
    found = {name: _one([one[name] for one in given]) for name in given[0]}
    array, axis = found.pop("array"), found.pop("axis", 0)
    if array.shared:
        raise CannotStackError
    axes = tuple(range(array.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    out = _out(found.pop("out", None))
    moved = tuple(at % array.ndim + 1 for at in axes)
    return partial(ufunc.reduce, array.array, axis=moved, out=out, **found)


def _take(array: Stack, places: Stack, axis: Any, out: Stack, mode: Any) -> list[Call]:
    if axis is not None:
        raise CannotStackError
    into = _out(out)
    return _at_places(array, places, lambda whole, at: [partial(whole.take, at, None, into, mode)])


def _at_places(array: Stack, places: Stack, make: Callable[[Array, Array], list[Call]]) -> list[Call]:
    """Calls on the flat whole: each model's places are moved to where its part begins."""
    whole = _out(array)
    if not whole.flags.c_contiguous or places.shared:
        raise CannotStackError
    starts = np.arange(len(whole)).reshape(-1, *(1,) * places.ndim) * (whole.size // len(whole))
    moved = np.zeros_like(places.array)
    return [partial(np.add, places.array, starts, moved), *make(whole.reshape(-1), moved)]


def _dot(a: Stack, b: Stack, out: Stack) -> list[Call]:
    return [_product(a, b, out)]


def _fill(array: Stack, value: Any) -> list[Call]:
    return [partial(_out(array).fill, value)]


METHODS: dict[str, Callable[..., list[Call]]] = {"dot": _dot, "take": _take, "fill": _fill}
"""The methods of arrays that kernels call."""


def _elementwise(calls: Sequence[partial[Any]]) -> Call:
    """An elementwise operation without a kernel, of arrays of one shape."""
    function = calls[0].func
    *args, attributes = zip(*(call.args for call in calls), strict=True)
    known = [{name: _same([each[name] for each in attributes]) for name in attributes[0]}]
    stacks = [_one(values) for values in args]
    shapes = {
        one.array.shape
        for part in stacks
        for one in (part if isinstance(part, list) else [part])
        if isinstance(one, Stack)
    }
    if len(shapes) != 1:
        raise CannotStackError
    _out(stacks[0])
    plain = [[one.array for one in part] if isinstance(part, list) else _array(part) for part in stacks]
    return partial(function, *plain, *known)
