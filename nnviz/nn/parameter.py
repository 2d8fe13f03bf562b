"""Parameter: a tensor that is learned; Buffer: one that belongs to a module's state without being learned."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from nnviz.autograd import Tensor, is_abstract
from nnviz.autograd.operation import Array
from nnviz.errors import DtypeError, MissingNameError


def _array_of(data: Tensor | Array | None, name: str) -> Array:
    """The numbers of `data`; the memory is shared if it is writable.

    The result of a recorded operation is copied, since its graph needs the numbers unchanged.

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
    """Record that `tensor` shares the memory of `data`, so that changes of one are known to the other."""
    if isinstance(data, Tensor) and tensor.array is data.array:
        tensor.belongs_to(data.root)


class Parameter(Tensor):
    """A leaf that an optimizer changes. Its memory is that of `data`, unless that is the result of an operation.

    Args:
        data: a tensor or an array; by default an empty one.
        requires_grad: whether `backward` computes a gradient for it.

    Raises:
        DtypeError: integers and truth values cannot require a gradient.
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
        data: a tensor or an array; by default an empty one.
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
    """A buffer that `state_dict` leaves out. It has a class of its own, since a tensor has no attribute for this."""

    __slots__ = ()


class RegisteredBuffer(Buffer):
    """A tensor that became a buffer by `register_buffer`, which it is in that module only, as in PyTorch."""

    __slots__ = ()


def as_buffer(tensor: Tensor) -> None:
    """Mark a plain tensor as a buffer; it remains the same object."""
    if type(tensor) is Tensor:
        tensor.__class__ = RegisteredBuffer
