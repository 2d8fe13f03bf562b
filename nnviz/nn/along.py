"""Activation functions that work on a whole row at once: softmax and its logarithm."""

from __future__ import annotations

from typing import Annotated

from nnviz.autograd import Tensor
from nnviz.catalogue import Bounds
from nnviz.nn import functional as F
from nnviz.nn.activations import Activation
from nnviz.nn.module import layers


class AlongDim(Activation):
    """Base of those that work on a whole row.

    Args:
        dim: the dimension they work along; none is PyTorch's old choice, 1 for a batch of rows.
    """

    elementwise = False

    def __init__(self, dim: Annotated[int | None, Bounds(-8, 7), "what sums to 1; none: rows"] = None) -> None:
        self.dim = dim


@layers.register("activation")
class Softmax(AlongDim):
    """eᶻⁱ / Σⱼ eᶻʲ: a probability distribution along dim

    Args:
        dim: the dimension that sums to 1; none is PyTorch's old choice, 1 for a batch of rows.

    Shape:
        Output: as the input.
    """

    formula = "f(z)ᵢ = eᶻⁱ / Σⱼ eᶻʲ"
    derivative = "∂fᵢ/∂zⱼ = fᵢ · ([i = j] − fⱼ)"
    outputs = "between 0 and 1, and each row sums to 1"
    remark = "it works on a whole row: drawn is the first of three outputs while its z moves and the others stay 0."

    def forward(self, z: Tensor) -> Tensor:
        """eᶻⁱ / Σⱼ eᶻʲ"""
        return F.softmax(z, dim=self.dim)


@layers.register("activation")
class LogSoftmax(AlongDim):
    """zᵢ − ln Σⱼ eᶻʲ: log of Softmax, for NLLLoss

    Args:
        dim: the dimension whose exponentials sum to 1; none is PyTorch's old choice, 1 for a batch of rows.

    Shape:
        Output: as the input.
    """

    formula = "f(z)ᵢ = zᵢ − ln Σⱼ eᶻʲ"
    derivative = "∂fᵢ/∂zⱼ = [i = j] − eᶠʲ"
    outputs = "0 or less"
    remark = "it works on a whole row: drawn is the first of three outputs while its z moves and the others stay 0."

    def forward(self, z: Tensor) -> Tensor:
        """zᵢ − ln Σⱼ eᶻʲ"""
        return F.log_softmax(z, dim=self.dim)
