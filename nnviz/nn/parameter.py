"""Parameter: a tensor that is learned; Buffer: one that a module keeps without learning it."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from nnviz.autograd import Tensor, is_abstract
from nnviz.autograd.operation import Array
from nnviz.errors import DtypeError, MissingNameError


def _array_of(data: Tensor | Array | None, name: str) -> Array:
    """The numbers of `data`, shared where they can be written to.

    The result of a recorded operation is copied: its graph still needs the numbers as they are.

    Raises:
        MissingNameError: it is neither a tensor nor an array.
    """
    if data is None:
        return np.empty(0, np.float32)
    array = data.array if isinstance(data, Tensor) else data
    if not isinstance(array, np.ndarray):
        raise MissingNameError(
            f"{name}(): argument 'data' must be Tensor, not {type(data).__name__}",
            f"make a tensor of it first: {name}(tensor(...))",
        )
    return array if array.flags.writeable or is_abstract() else array.copy()


def _share(tensor: Tensor, data: Tensor | Array | None) -> None:
    """Note that `tensor` looks at the memory of `data`, so that a change of one is known to the other."""
    if isinstance(data, Tensor) and tensor.array is data.array:
        tensor.belongs_to(data.root)


class Parameter(Tensor):
    """A leaf that an optimizer changes. Its memory is that of `data`, unless that is the result of an operation.

    Args:
        data: a tensor or an array; an empty one where left out.
        requires_grad: whether `backward` shall leave a gradient here.

    Raises:
        DtypeError: whole numbers or truth values cannot require a gradient.
        MissingNameError: `data` is neither a tensor nor an array.
    """

    __slots__ = ()

    def __init__(self, data: Tensor | Array | None = None, requires_grad: bool = True) -> None:
        array = _array_of(data, "Parameter")
        if requires_grad and array.dtype.kind not in "fc":
            raise DtypeError(
                "Only Tensors of floating point and complex dtype can require gradients",
                "call .float() first, write 1.0 for 1, or give requires_grad=False",
            )
        super().__init__(array, requires_grad)
        _share(self, data)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if id(self) not in memo:
            memo[id(self)] = type(self)(self.array.copy(), self.requires_grad)
        copy: Self = memo[id(self)]
        return copy

    def __repr__(self) -> str:
        return f"Parameter containing:\n{super().__repr__()}"


class Buffer(Tensor):
    """A tensor that belongs to a module's state without being learned: running means, counts.

    Args:
        data: a tensor or an array; an empty one where left out.
        persistent: whether `state_dict` holds it.

    Raises:
        MissingNameError: `data` is neither a tensor nor an array.
    """

    __slots__ = ()

    def __init__(self, data: Tensor | Array | None = None, *, persistent: bool = True) -> None:
        super().__init__(_array_of(data, "Buffer"))
        _share(self, data)
        if not persistent:
            self.__class__ = TransientBuffer


class TransientBuffer(Buffer):
    """A buffer that `state_dict` leaves out. Its own class, since a tensor has no room for a mark."""

    __slots__ = ()


class RegisteredBuffer(Buffer):
    """A tensor that became a buffer by `register_buffer`: it is one in that module alone, as in PyTorch."""

    __slots__ = ()


def as_buffer(tensor: Tensor) -> None:
    """Let a plain tensor be known as a buffer; it stays the same object."""
    if type(tensor) is Tensor:
        tensor.__class__ = RegisteredBuffer
