"""Activation functions along a dimension: softmax and its logarithm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

from nnviz.autograd import Tensor, ops
from nnviz.nn import functional as F
from nnviz.nn.activations import Activation
from nnviz.nn.facts import Curve, Facts, Range, Share
from nnviz.nn.module import layers
from nnviz.registry import Bounds, Value

ON_ROWS = "it is applied to a whole row: the curve is the first of three outputs as its z varies; the others stay 0."


class AlongDim(Activation):
    """Base of activation functions along a dimension.

    Args:
        dim: the dimension they are applied along; none is PyTorch's legacy default, 1 for a batch of rows.
    """

    elementwise = False
    traits = Facts(share=Share("softmax"))

    def __init__(self, dim: Annotated[int | None, Bounds(-8, 7), "what sums to 1; none: rows"] = None) -> None:
        self.dim = dim

    @classmethod
    def facts(cls, arguments: Mapping[str, Value]) -> Facts:
        """The outputs along dim sum to 1."""
        dim = arguments.get("dim")
        share = cls.traits.share or Share("softmax")
        return replace(cls.traits, share=replace(share, dim=dim if isinstance(dim, int) else None))

    @classmethod
    def drawn(cls, arguments: Mapping[str, Value]) -> Mapping[str, Value]:
        """With the dimension of the three outputs, whichever dimension the layer in the stack is applied along."""
        return {**arguments, "dim": 1}


@layers.register("activation")
class Softmax(AlongDim):
    """{formula}: a probability distribution along dim

    Args:
        dim: the dimension that sums to 1; none is PyTorch's legacy default, 1 for a batch of rows.
    """

    formula = f"f(z)ᵢ = {ops.softmax.formula}"
    derivative = "∂fᵢ/∂zⱼ = fᵢ · ([i = j] − fⱼ)"
    curve_traits = Curve()
    traits = Facts(Range(0, 1, besides="each row sums to 1"), share=Share("softmax"))
    remark = ON_ROWS

    def forward(self, z: Tensor) -> Tensor:
        return F.softmax(z, dim=self.dim)


@layers.register("activation")
class LogSoftmax(AlongDim):
    """{formula}: log of Softmax, for NLLLoss

    Args:
        dim: the dimension whose exponentials sum to 1; none is PyTorch's legacy default, 1 for a batch of rows.
    """

    formula = f"f(z)ᵢ = {ops.log_softmax.formula}"
    derivative = "∂fᵢ/∂zⱼ = [i = j] − eᶠʲ"
    curve_traits = Curve("concave")
    traits = Facts(Range(high=0, reached=True), share=Share("softmax", log=True))
    remark = ON_ROWS

    def forward(self, z: Tensor) -> Tensor:
        return F.log_softmax(z, dim=self.dim)
