"""Activation functions: what bends a network. Each carries its formula, derivative and range for the screen."""

from __future__ import annotations

from typing import Annotated, ClassVar

from nnviz.autograd import Tensor, ops
from nnviz.catalogue import Bounds
from nnviz.nn.module import Module, layers


class Activation(Module):
    """Base of the activation layers.

    Attributes:
        formula: f as one writes it.
        derivative: f′ as one writes it.
        outputs: the range, in words.
        remark: what to look for on the curve.
        elementwise: whether each output depends on its own input alone, so that a curve can be drawn.
    """

    formula: ClassVar[str]
    derivative: ClassVar[str]
    outputs: ClassVar[str]
    remark: ClassVar[str]
    elementwise: ClassVar[bool] = True


@layers.register("activation")
class Sigmoid(Activation):
    """1 / (1 + e⁻ᶻ)

    Shape:
        Output: as the input.
    """

    formula = "f(z) = 1 / (1 + e⁻ᶻ)"
    derivative = "f′(z) = f(z) · (1 − f(z))"
    outputs = "between 0 and 1"
    remark = "flat on both sides: where f′ is near 0, hardly any gradient passes. f′ is at most 0.25."

    def forward(self, *inputs: Tensor) -> Tensor:
        """1 / (1 + e⁻ᶻ)"""
        return ops.sigmoid(*inputs)


@layers.register("activation")
class Tanh(Activation):
    """(eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)

    Shape:
        Output: as the input.
    """

    formula = "f(z) = (eᶻ − e⁻ᶻ) / (eᶻ + e⁻ᶻ)"
    derivative = "f′(z) = 1 − f(z)²"
    outputs = "between −1 and 1"
    remark = "like Sigmoid with mean 0 and four times the slope at 0; flat on both sides too."

    def forward(self, *inputs: Tensor) -> Tensor:
        """The hyperbolic tangent."""
        return ops.tanh(*inputs)


@layers.register("activation")
class ReLU(Activation):
    """max(0, z)

    Shape:
        Output: as the input.
    """

    formula = "f(z) = max(0, z)"
    derivative = "f′(z) = 1 for z > 0, else 0"
    outputs = "0 or more"
    remark = "cheap, and never flat for z > 0. At z = 0 it has a kink: f′ is set to 0 there. Always ≤ 0 means dead."

    def forward(self, *inputs: Tensor) -> Tensor:
        """max(0, z)"""
        return ops.relu(*inputs)


@layers.register("activation")
class LeakyReLU(Activation):
    """z for z > 0, else negative_slope · z

    Args:
        negative_slope: the slope for z ≤ 0.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = z for z > 0, else a · z"
    derivative = "f′(z) = 1 for z > 0, else a"
    outputs = "any number"
    remark = "a small slope a on the left, so that a gradient passes everywhere; still a kink at 0."

    def __init__(
        self, negative_slope: Annotated[float, Bounds(-1e6, 1e6), "slope a for z ≤ 0; PyTorch's default is 0.01"] = 0.01
    ) -> None:
        self.negative_slope = negative_slope

    def forward(self, *inputs: Tensor) -> Tensor:
        """Z for z > 0, else negative_slope · z"""
        return ops.leaky_relu(*inputs, slope=self.negative_slope)


@layers.register("activation")
class Softmax(Activation):
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
    elementwise = False

    def __init__(self, dim: Annotated[int | None, Bounds(-8, 7), "what sums to 1; none: rows"] = None) -> None:
        self.dim = dim

    def forward(self, *inputs: Tensor) -> Tensor:
        """eᶻⁱ / Σⱼ eᶻʲ"""
        (z,) = inputs
        implicit = 0 if z.ndim in (0, 1, 3) else 1
        return ops.softmax(z, dim=implicit if self.dim is None else self.dim)
