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
    """The dtype of a tensor, with its byte order if that is not the native one."""
    name = type_name(tensor.dtype)
    return name if tensor.dtype.isnative else f"{name} in {ORDERS[tensor.dtype.byteorder]} byte order"


def one_type(words: str, first: Tensor, second: Tensor) -> None:
    """Check that two tensors have the same dtype.

    Args:
        words: the error message, with a placeholder for each dtype.
        first, second: the tensors.

    Raises:
        OperandError: one of them is not a tensor.
        DtypeError: the dtypes differ, possibly only in their byte order.
    """
    if not isinstance(first, Tensor) or not isinstance(second, Tensor):
        only_tensors("", (first, second))
    if first.array.dtype is second.array.dtype or first.dtype == second.dtype:
        return
    raise DtypeError(words.format(described(first), described(second)), how_to_match(first, second))


def how_to_match(first: Tensor, second: Tensor) -> str:
    """The hint for two tensors of different dtypes: convert the dtype, or only the byte order."""
    if first.dtype.isnative and second.dtype.isnative:
        return MATCH
    return "array.astype(array.dtype.newbyteorder('=')) converts the byte order to that of this machine"


def floats_only(name: str, input: Tensor) -> None:
    """Check that the input is a floating-point tensor.

    Raises:
        NotSupportedError: it is not; the message contains PyTorch's name of the kernel.
    """
    if not isinstance(input, Tensor):
        only_tensors(name, (input,))
    if input.array.dtype.kind not in "fc":
        raise NotSupportedError(f"\"{name}\" not implemented for '{type_name(input.dtype)}'", "call .float() first")


def apply_activation(input: Tensor, inplace: bool, compute: Callable[[Tensor], Tensor]) -> Tensor:
    """Apply an activation: returns a new tensor, or with `inplace` the modified input itself.

    Raises:
        NotSupportedError: an input of a plan would be modified; the plan could only modify its copy of it.
    """
    if not inplace:
        return compute(input)
    if is_abstract() and input.node is None:
        raise NotSupportedError(
            "inplace=True would modify the input of the plan, of which it only has a copy",
            "omit inplace in the first layer",
        )
    return changed(input, compute)


def whole(name: str, value: object, *more: object) -> None:
    """Check that sizes are integers.

    Raises:
        OperandError: one of them is not.
    """
    for one in (value, *more):
        if not isinstance(one, int | np.integer):
            raise OperandError(
                f"{name} must be tuple of ints, but found element of type {type(one).__name__}",
                "sizes are whole numbers, without quotes and without a decimal point",
            )


def sizes(*shape: int, **named: object) -> None:
    """Check the shape of a parameter, and the arguments that it is computed from.

    Raises:
        OperandError: a size is not an integer.
        OperationError: a size is negative.
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
    """Check that a device is the CPU, the only one that exists.

    Raises:
        NotSupportedError: it is another device.
    """
    if device is not None and str(device).split(":")[0] != "cpu":
        raise NotSupportedError(f"there is no device {str(device)!r}", "leave it out, or give 'cpu'")


def several(value: object, count: int, name: str, function: str) -> tuple[int, ...]:
    """One number per direction, given as one number for all or as a sequence.

    Raises:
        OperandError: `value` is neither an integer nor a sequence of integers.
        OperationError: it has the wrong length.
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
    """The same for two directions."""
    height, width = several(value, 2, name, function)
    return height, width


def probability(p: float) -> None:
    """Check that p is a probability.

    Raises:
        ArgumentError: it is not between 0 and 1.
        OperandError: it is not a number.
    """
    if not isinstance(p, int | float | np.number):
        raise OperandError(f"dropout probability has to be a number, but got {type(p).__name__}", "0.5 is usual")
    if not 0 <= p <= 1:
        raise ArgumentError(f"dropout probability has to be between 0 and 1, but got {p}", "0.5 is usual")
