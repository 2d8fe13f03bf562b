"""Checks of the arguments of layers and losses, such as dtypes and sizes, with PyTorch's error messages."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnviz.autograd import Tensor, is_abstract
from nnviz.autograd.inplace import changed
from nnviz.autograd.ops.windows import Pair
from nnviz.autograd.types import only_tensors, type_name
from nnviz.errors import ArgumentError, DtypeError, NotSupportedError, OperandError, OperationError

SCALARS = {"float32": "float", "float64": "double", "int64": "long int", "int32": "int", "bool": "bool"}
"""PyTorch's names of scalar types in the messages of convolutions."""

ORDERS = {">": "big-endian", "<": "little-endian"}

MATCH = "call .float() or .double() on one of them, or on the model"


def described(tensor: Tensor) -> str:
    """The type of a tensor's numbers, with their byte order where it is not this machine's."""
    name = type_name(tensor.dtype)
    return name if tensor.dtype.isnative else f"{name} in {ORDERS[tensor.dtype.byteorder]} byte order"


def one_type(words: str, first: Tensor, second: Tensor) -> None:
    """Refuse two tensors of different types; `words` has a place for the name of each.

    Raises:
        OperandError: one of them is not a tensor.
        DtypeError: the types differ, or are the same but for the order of bytes.
    """
    if not isinstance(first, Tensor) or not isinstance(second, Tensor):
        only_tensors("", (first, second))
    if first.array.dtype is second.array.dtype or first.dtype == second.dtype:
        return
    raise DtypeError(words.format(described(first), described(second)), how_to_match(first, second))


def how_to_match(first: Tensor, second: Tensor) -> str:
    """What brings two types together: another type, or for arrays from elsewhere another order of their bytes."""
    if first.dtype.isnative and second.dtype.isnative:
        return MATCH
    return "array.astype(array.dtype.newbyteorder('=')) puts the bytes into this machine's order"


def floats_only(name: str, input: Tensor) -> None:
    """Refuse whole numbers and truth values where PyTorch has no such function of them.

    Raises:
        NotSupportedError: in PyTorch's words, with the name that it gives the function.
    """
    if not isinstance(input, Tensor):
        only_tensors(name, (input,))
    if input.array.dtype.kind not in "fc":
        raise NotSupportedError(f"\"{name}\" not implemented for '{type_name(input.dtype)}'", "call .float() first")


def bent(input: Tensor, inplace: bool, compute: Callable[[Tensor], Tensor]) -> Tensor:
    """What an activation makes of its input: a new tensor, or with `inplace` the input itself, changed.

    Raises:
        NotSupportedError: in a plan, of what the plan is given: it works on a copy, and the caller's stays as it is.
    """
    if not inplace:
        return compute(input)
    if is_abstract() and input.node is None:
        raise NotSupportedError(
            "inplace=True changes what the plan is given, and a plan only has a copy of that",
            "leave inplace out of the first layer",
        )
    return changed(input, compute)


def whole(name: str, value: object, *more: object) -> None:
    """Refuse sizes that are no whole numbers.

    Raises:
        OperandError: in PyTorch's words.
    """
    for one in (value, *more):
        if not isinstance(one, int | np.integer):
            raise OperandError(
                f"{name} must be tuple of ints, but found element of type {type(one).__name__}",
                "sizes are whole numbers, without quotes and without a decimal point",
            )


def sizes(*shape: int, **named: object) -> None:
    """Refuse a shape that no parameter can have; `named` are the arguments that it comes from.

    Raises:
        OperandError: a size is not an integer.
        OperationError: a size is below 0.
    """
    for name, value in named.items():
        if not isinstance(value, int | np.integer):
            raise OperandError(
                f"{name} must be a whole number, but got {value!r} of type {type(value).__name__}",
                "sizes are whole numbers, without quotes and without a decimal point",
            )
    for size in shape:
        if size < 0:
            raise OperationError(
                f"Trying to create tensor with negative dimension {size}: {list(shape)}", "sizes are 1 or more"
            )


def on_cpu(device: object) -> None:
    """Refuse a device that is not there: all numbers lie in the memory of the machine.

    Raises:
        NotSupportedError: it is another than the CPU.
    """
    if device is not None and str(device).split(":")[0] != "cpu":
        raise NotSupportedError(f"there is no device {str(device)!r}", "leave it out, or give 'cpu'")


def several(value: object, count: int, name: str, function: str) -> tuple[int, ...]:
    """One number for all directions, or one for each.

    Raises:
        OperandError: it holds something else than whole numbers.
        OperationError: there are too many, or too few.
    """
    if isinstance(value, int | np.integer):
        return (int(value),) * count
    if not isinstance(value, tuple | list):
        raise OperandError(
            f"{function}(): argument '{name}' must be tuple of ints, not {type(value).__name__}",
            "give a whole number, or two of them: (height, width)",
        )
    whole(f"{function}(): argument '{name}'", 0, *value)
    if len(value) == 1:
        return (int(value[0]),) * count
    if len(value) != count:
        words = {1: "one int", 2: "two ints", 4: "four ints"}.get(count, f"{count} ints")
        raise OperationError(
            f"{function}: {name} must either be a single int, or a tuple of {words}", f"got {list(value)}"
        )
    return tuple(int(one) for one in value)


def pair(value: object, name: str = "size", function: str = "pair") -> Pair:
    """One number for both directions, or one for each.

    Raises:
        OperandError: it holds something else than whole numbers.
        OperationError: there are more than two.
    """
    height, width = several(value, 2, name, function)
    return height, width


def probability(p: float) -> None:
    """Refuse what is no probability.

    Raises:
        ArgumentError: it lies outside 0 to 1.
        OperandError: it is not a number.
    """
    if not isinstance(p, int | float | np.number):
        raise OperandError(f"dropout probability has to be a number, but got {type(p).__name__}", "0.5 is usual")
    if not 0 <= p <= 1:
        raise ArgumentError(f"dropout probability has to be between 0 and 1, but got {p}", "0.5 is usual")
