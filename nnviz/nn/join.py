"""Layers that join two rows of a stack: the output of the row above, and that of an earlier row."""

from __future__ import annotations

from typing import Annotated, ClassVar

from nnviz.autograd import Tensor, ops
from nnviz.nn.module import Module, layers
from nnviz.registry import Bounds, Row

Earlier = Annotated[int, Bounds(0, 1_000_000), Row(), "number of the earlier row; 0 is the input"]


class Join(Module):
    """Base of the layers that join two rows.

    Args:
        row: the number of the earlier row of the stack whose output is the second input; 0 is the stack's input.

    Attributes:
        pytorch: what it computes of `x` and `earlier`, as a line of PyTorch, which has no such layers.
    """

    pytorch: ClassVar[str] = ""

    def __init__(self, row: Earlier = 0) -> None:
        self.row = row


@layers.register("join")
class Add(Join):
    """x + the output of an earlier row: a skip connection

    Args:
        row: the number of the earlier row of the stack; 0 is the stack's input.

    Shape:
        Inputs: two that broadcast. Output: the broadcast shape.
    """

    pytorch = "x + earlier"

    def forward(self, x: Tensor, earlier: Tensor) -> Tensor:
        """x + earlier."""
        return ops.add(x, earlier)


@layers.register("join")
class Concat(Join):
    """x, followed by the output of an earlier row

    Args:
        row: the number of the earlier row of the stack; 0 is the stack's input.
        dim: the dimension that grows.

    Shape:
        Inputs: two of equal shape except in dimension `dim`. Output: with the sum of the sizes there.
    """

    pytorch = "torch.cat((x, earlier), dim=self.dim)"

    def __init__(self, row: Earlier = 0, dim: Annotated[int, Bounds(-8, 7), "the dimension that grows"] = 1) -> None:
        super().__init__(row)
        self.dim = dim

    def forward(self, x: Tensor, earlier: Tensor) -> Tensor:
        """x, then earlier."""
        return ops.cat(x, earlier, dim=self.dim)
