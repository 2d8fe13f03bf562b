"""Activation functions that people's code uses and the picker does not list: each is close to one that it does."""

from __future__ import annotations

from typing import Annotated

from nnviz.autograd import Tensor
from nnviz.errors import ShapeValueError
from nnviz.nn import functional as F
from nnviz.nn.activations import Activation, InPlace, Slope
from nnviz.nn.along import AlongDim


class ReLU6(Activation):
    """min(max(0, z), 6)

    Args:
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = min(max(0, z), 6)"
    derivative = "f′(z) = 1 for 0 < z < 6, else 0"
    outputs = "between 0 and 6"
    remark = "ReLU that stops growing at 6, for numbers of few bits."

    def __init__(self, inplace: InPlace = False) -> None:
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """min(max(0, z), 6)"""
        return F.relu6(z, inplace=self.inplace)


class CELU(Activation):
    """z for z > 0, else alpha · (e^(z / alpha) − 1): ELU with slope 1 at 0 for every alpha

    Source: Barron 2017, arXiv 1704.07483.

    Args:
        alpha: how far below 0 it goes.
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = z for z > 0, else α (e^(z / α) − 1)"
    derivative = "f′(z) = 1 for z > 0, else e^(z / α)"
    outputs = "more than −α"
    remark = "like ELU, without its kink at 0."

    def __init__(self, alpha: Annotated[Slope, "how far below 0 it goes"] = 1.0, inplace: InPlace = False) -> None:
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """Z for z > 0, else alpha · (e^(z / alpha) − 1)"""
        return F.celu(z, alpha=self.alpha, inplace=self.inplace)


class LogSigmoid(Activation):
    """−ln(1 + e⁻ᶻ): the logarithm of Sigmoid

    Shape:
        Output: as the input.
    """

    formula = "f(z) = −ln(1 + e⁻ᶻ)"
    derivative = "f′(z) = 1 − σ(z)"
    outputs = "less than 0"
    remark = "Softplus turned round: −softplus(−z)."

    def forward(self, z: Tensor) -> Tensor:
        """−ln(1 + e⁻ᶻ)"""
        return F.logsigmoid(z)


class Hardsigmoid(Activation):
    """min(max(0, z + 3), 6) / 6

    Args:
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = min(max(0, z + 3), 6) / 6"
    derivative = "f′(z) = 1 / 6 for −3 < z < 3, else 0"
    outputs = "between 0 and 1"
    remark = "Sigmoid made of three straight lines."

    def __init__(self, inplace: InPlace = False) -> None:
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """min(max(0, z + 3), 6) / 6"""
        return F.hardsigmoid(z, inplace=self.inplace)


class Hardswish(Activation):
    """z · min(max(0, z + 3), 6) / 6

    Source: Howard et al. 2019, arXiv 1905.02244.

    Args:
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = z · min(max(0, z + 3), 6) / 6"
    derivative = "f′(z) = 0 for z < −3, 1 for z > 3, else z / 3 + 1 / 2"
    outputs = "−0.375 or more"
    remark = "SiLU without an exponential."

    def __init__(self, inplace: InPlace = False) -> None:
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """Z · min(max(0, z + 3), 6) / 6"""
        return F.hardswish(z, inplace=self.inplace)


class Softmax2d(Activation):
    """Softmax over the channels of every pixel

    Shape:
        Input: (N, C, H, W) or (C, H, W). Output: as the input.
    """

    formula = "f(z)ᵢ = eᶻⁱ / Σⱼ eᶻʲ"
    derivative = "∂fᵢ/∂zⱼ = fᵢ · ([i = j] − fⱼ)"
    outputs = "between 0 and 1, and the channels of a pixel sum to 1"
    remark = "Softmax along dimension −3."
    elementwise = False

    def forward(self, z: Tensor) -> Tensor:
        """eᶻⁱ / Σⱼ eᶻʲ along the channels."""
        if z.ndim not in (3, 4):
            raise ShapeValueError(f"Softmax2d: expected input to be 3D or 4D, got {z.ndim}D instead")
        return F.softmax(z, dim=-3)


class Softmin(AlongDim):
    """e⁻ᶻⁱ / Σⱼ e⁻ᶻʲ: Softmax of −z

    Args:
        dim: the dimension that sums to 1; none is PyTorch's old choice, 1 for a batch of rows.

    Shape:
        Output: as the input.
    """

    formula = "f(z)ᵢ = e⁻ᶻⁱ / Σⱼ e⁻ᶻʲ"
    derivative = "∂fᵢ/∂zⱼ = fᵢ · (fⱼ − [i = j])"
    outputs = "between 0 and 1, and each row sums to 1"
    remark = "the smallest number gets most."

    def forward(self, z: Tensor) -> Tensor:
        """e⁻ᶻⁱ / Σⱼ e⁻ᶻʲ"""
        return F.softmin(z, dim=self.dim)
