"""An operation is one entry: forward, gradients, shape rule and formula stand together.

The tape, the shape trace, the graph on the screen and the gradient check all read the same entry. An entry
is stateless: `forward` maps arrays to an array, and each gradient maps the upstream gradient `g`, the result
`out` and the inputs to the gradient of one input (its vector-Jacobian product). Gradients may come in the
broadcast shape; the backward pass sums them down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from nnviz.autograd.tensor import Tensor

Array = NDArray[Any]
Shape = tuple[int, ...]

operations: dict[str, Operation] = {}
"""Every operation there is, by name."""


@dataclass(frozen=True, eq=False)
class Operation:
    """One differentiable operation.

    Args:
        name: the field's own word, for example `matmul`.
        forward: `forward(*arrays, **attributes)` gives the result.
        gradients: one rule an input, `rule(g, out, *arrays, **attributes)`; None where an input is not
            differentiable (class labels).
        shape: `shape(*shapes, **attributes)` gives the result's shape without any data, or raises ShapeError.
        formula: the operation as one writes it.
    """

    name: str
    forward: Callable[..., Array]
    gradients: tuple[Callable[..., Array] | None, ...]
    shape: Callable[..., Shape]
    formula: str

    def __call__(self, *inputs: Tensor, **attributes: Any) -> Tensor:
        """Apply it to tensors; recorded on the tape where a gradient may be wanted."""
        from nnviz.autograd.tensor import apply

        return apply(self, inputs, attributes)


def define(
    name: str,
    *,
    forward: Callable[..., Array],
    gradients: tuple[Callable[..., Array] | None, ...],
    shape: Callable[..., Shape],
    formula: str,
) -> Operation:
    """Make an operation and enter it into `operations`; a name is given once."""
    if name in operations:
        raise ValueError(f"an operation is already called {name!r}")
    operations[name] = Operation(name, forward, gradients, shape, formula)
    return operations[name]


def unbroadcast(gradient: Array, shape: Shape) -> Array:
    """Sum a gradient over the axes along which its input was broadcast, so that it gets the input's `shape`."""
    extra = gradient.ndim - len(shape)
    if extra > 0:
        gradient = gradient.sum(axis=tuple(range(extra)))
    stretched = tuple(i for i, size in enumerate(shape) if size == 1 and gradient.shape[i] != 1)
    if stretched:
        gradient = gradient.sum(axis=stretched, keepdims=True)
    return np.asarray(gradient)
