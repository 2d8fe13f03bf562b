"""Activation functions that the picker does not list, because each is similar to one that it does."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated

from nnviz.autograd import Tensor, ops
from nnviz.errors import ShapeValueError
from nnviz.nn import functional as F
from nnviz.nn.activations import Activation, InPlace, InPlaceActivation, Segment, Slope, f_of, number_of
from nnviz.nn.along import AlongDim
from nnviz.nn.facts import Curve, Facts, Range, Share
from nnviz.registry import Value


class ReLU6(InPlaceActivation):
    """{formula}"""

    formula = "f(z) = min(max(0, z), 6)"
    derivative = "f′(z) = 1 for 0 < z < 6, else 0"
    traits = Facts(Range(0, 6, reached=True, clips=True))
    curve_traits = Curve(kinks=(0.0, 6.0))
    remark = "ReLU that stops growing at 6, for numbers of few bits."

    def segments(self) -> tuple[Segment, ...]:
        """Flat, with slope 1, flat."""
        return ((-math.inf, 0.0, 0.0), (0.0, 1.0, 0.0), (6.0, 0.0, 6.0))

    def forward(self, z: Tensor) -> Tensor:
        return F.relu6(z, inplace=self.inplace)


class CELU(Activation):
    """{formula}: ELU with slope 1 at 0 for every α

    Source: Barron 2017, arXiv 1704.07483.

    Args:
        alpha: the limit for very negative z is −alpha.
        inplace: whether the input itself is modified.
    """

    formula = "f(z) = z for z > 0, else α · (e^(z / α) − 1)"
    derivative = "f′(z) = 1 for z > 0, else e^(z / α)"
    remark = "like ELU, without its kink at 0."

    def __init__(self, alpha: Annotated[Slope, "the lower bound is −alpha"] = 1.0, inplace: InPlace = False) -> None:
        self.alpha = alpha
        self.inplace = inplace

    @classmethod
    def facts(cls, arguments: Mapping[str, Value]) -> Facts:
        """Outputs are above −alpha if alpha is positive."""
        alpha = number_of(arguments, "alpha", 1.0)
        return Facts(Range(low=-alpha) if alpha > 0 else Range())

    @classmethod
    def curve(cls, arguments: Mapping[str, Value]) -> Curve:
        """The slope is e^(z / alpha) on the left and 1 on the right, without a kink."""
        return Curve("convex" if number_of(arguments, "alpha", 1.0) > 0 else "concave")

    def forward(self, z: Tensor) -> Tensor:
        return F.celu(z, alpha=self.alpha, inplace=self.inplace)


class LogSigmoid(Activation):
    """{formula}: the logarithm of Sigmoid"""

    formula = f_of(ops.log_sigmoid)
    derivative = "f′(z) = 1 − σ(z)"
    traits = Facts(Range(high=0))
    curve_traits = Curve("concave")
    remark = "a reflected Softplus: −softplus(−z)."

    def forward(self, z: Tensor) -> Tensor:
        return F.logsigmoid(z)


class Hardsigmoid(InPlaceActivation):
    """{formula}"""

    formula = "f(z) = min(max(0, z + 3), 6) / 6"
    derivative = "f′(z) = 1 / 6 for −3 < z < 3, else 0"
    traits = Facts(Range(0, 1, reached=True, clips=True))
    curve_traits = Curve(kinks=(-3.0, 3.0))
    remark = "Sigmoid made of three straight lines."

    def segments(self) -> tuple[Segment, ...]:
        """Flat, with slope 1/6, flat."""
        return ((-math.inf, 0.0, 0.0), (-3.0, 1 / 6, 0.5), (3.0, 0.0, 1.0))

    def forward(self, z: Tensor) -> Tensor:
        return F.hardsigmoid(z, inplace=self.inplace)


class Hardswish(InPlaceActivation):
    """{formula}

    Source: Howard et al. 2019, arXiv 1905.02244.
    """

    formula = "f(z) = z · min(max(0, z + 3), 6) / 6"
    derivative = "f′(z) = 0 for z < −3, 1 for z > 3, else z / 3 + 1 / 2"
    traits = Facts(Range(low=-0.375, reached=True))
    curve_traits = Curve(kinks=(-3.0, 3.0))
    remark = "SiLU without an exponential."

    def forward(self, z: Tensor) -> Tensor:
        return F.hardswish(z, inplace=self.inplace)


class Softmax2d(Activation):
    """Softmax over the channels of every pixel

    Shape:
        Input: (N, C, H, W) or (C, H, W). Output: as the input.
    """

    formula = "f(z)ᵢ = eᶻⁱ / Σⱼ eᶻʲ"
    derivative = "∂fᵢ/∂zⱼ = fᵢ · ([i = j] − fⱼ)"
    curve_traits = Curve()
    remark = "Softmax along dimension −3."
    elementwise = False
    traits = Facts(Range(0, 1, besides="the channels of a pixel sum to 1"), share=Share("softmax", -3))

    def forward(self, z: Tensor) -> Tensor:
        if z.ndim not in (3, 4):
            raise ShapeValueError(f"Softmax2d: expected input to be 3D or 4D, got {z.ndim}D instead")
        return F.softmax(z, dim=-3)


class Softmin(AlongDim):
    """{formula}: Softmax of −z

    Args:
        dim: the dimension that sums to 1; none is PyTorch's legacy default, 1 for a batch of rows.
    """

    formula = "f(z)ᵢ = e⁻ᶻⁱ / Σⱼ e⁻ᶻʲ"
    derivative = "∂fᵢ/∂zⱼ = fᵢ · (fⱼ − [i = j])"
    curve_traits = Curve()
    traits = Facts(Range(0, 1, besides="each row sums to 1"), share=Share("softmin"))
    remark = "the smallest number gets the largest share."

    def forward(self, z: Tensor) -> Tensor:
        return F.softmin(z, dim=self.dim)
