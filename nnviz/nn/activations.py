"""Activation functions: what bends a network. Each carries its formula, derivative and range for the screen."""

from __future__ import annotations

import inspect
from typing import Annotated, ClassVar, Literal

from nnviz.autograd import Tensor
from nnviz.catalogue import Bounds, CodeOnly, Size
from nnviz.errors import CheckError, OperationError
from nnviz.nn import functional as F
from nnviz.nn.functional.checks import sizes
from nnviz.nn.init import filled
from nnviz.nn.module import Module, Parameter, layers
from nnviz.nn.placing import Device, Dtype, settled

Slope = Annotated[float, Bounds(-1e6, 1e6)]
Positive = Annotated[float, Bounds(0, open_low=True)]
InPlace = Annotated[bool, CodeOnly()]
"""Whether the input itself is changed, as in PyTorch."""


class Activation(Module):
    """Base of the activation layers. All leave the shape as it is.

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
    inplace: bool = False

    def extra_repr(self) -> str:
        """The arguments as PyTorch shows them: `inplace` where it is so."""
        shown = [name for name in inspect.signature(type(self)).parameters if name != "inplace"]
        words = [f"{name}={getattr(self, name)!r}" for name in shown]
        return ", ".join([*words, *(["inplace=True"] if self.inplace else [])])


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

    def forward(self, z: Tensor) -> Tensor:
        """1 / (1 + e⁻ᶻ)"""
        return F.sigmoid(z)


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

    def forward(self, z: Tensor) -> Tensor:
        """The hyperbolic tangent."""
        return F.tanh(z)


@layers.register("activation")
class ReLU(Activation):
    """max(0, z)

    Args:
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = max(0, z)"
    derivative = "f′(z) = 1 for z > 0, else 0"
    outputs = "0 or more"
    remark = "cheap, and never flat for z > 0. At z = 0 it has a kink: f′ is set to 0 there. Always ≤ 0 means dead."

    def __init__(self, inplace: InPlace = False) -> None:
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """max(0, z)"""
        return F.relu(z, inplace=self.inplace)


@layers.register("activation")
class LeakyReLU(Activation):
    """z for z > 0, else negative_slope · z

    Args:
        negative_slope: the slope for z ≤ 0.
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = z for z > 0, else a · z"
    derivative = "f′(z) = 1 for z > 0, else a"
    outputs = "any number"
    remark = "a small slope a on the left, so that a gradient passes everywhere; still a kink at 0."

    def __init__(
        self,
        negative_slope: Annotated[Slope, "slope a for z ≤ 0; PyTorch's default is 0.01"] = 0.01,
        inplace: InPlace = False,
    ) -> None:
        self.negative_slope = negative_slope
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """Z for z > 0, else negative_slope · z"""
        return F.leaky_relu(z, negative_slope=self.negative_slope, inplace=self.inplace)


@layers.register("activation")
class PReLU(Activation):
    """LeakyReLU whose slope is learned

    Args:
        num_parameters: 1 slope for all channels, or as many as dimension 1 has.
        init: where the slopes start.
        device: none or the CPU.
        dtype: the type of the slopes, float32 where left out.

    Shape:
        Output: as the input. weight: (num_parameters,).
    """

    formula = "f(z) = z for z > 0, else a · z"
    derivative = "f′(z) = 1 for z > 0, else a"
    outputs = "any number"
    remark = "the slope a on the left is a parameter and moves while the network trains; drawn is where it starts."

    def __init__(
        self,
        num_parameters: Annotated[Size, "1 slope for all, or one for each channel"] = 1,
        init: Annotated[Slope, "where the slopes start"] = 0.25,
        device: Device = None,
        dtype: Dtype = None,
    ) -> None:
        self.num_parameters = num_parameters
        self.init = init
        sizes(num_parameters=num_parameters)
        sizes(num_parameters)
        self.weight = Parameter(filled((num_parameters,), init))
        settled(self, device, dtype)

    def forward(self, z: Tensor) -> Tensor:
        """Z for z > 0, else weight · z"""
        return F.prelu(z, weight=self.weight)

    def extra_repr(self) -> str:
        """As PyTorch shows it."""
        return f"num_parameters={self.num_parameters}"


@layers.register("activation")
class ELU(Activation):
    """z for z > 0, else alpha · (eᶻ − 1)

    Source: Clevert et al. 2015, arXiv 1511.07289.

    Args:
        alpha: how far below 0 it goes.
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = z for z > 0, else α (eᶻ − 1)"
    derivative = "f′(z) = 1 for z > 0, else α eᶻ"
    outputs = "more than −α"
    remark = "negative outputs bring the mean near 0; far on the left it is flat."

    def __init__(self, alpha: Annotated[Slope, "how far below 0 it goes"] = 1.0, inplace: InPlace = False) -> None:
        self.alpha = alpha
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """Z for z > 0, else alpha · (eᶻ − 1)"""
        return F.elu(z, alpha=self.alpha, inplace=self.inplace)


@layers.register("activation")
class SELU(Activation):
    """λ · ELU: keeps mean 0 and variance 1

    Source: Klambauer et al. 2017, arXiv 1706.02515.

    Args:
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = λ z for z > 0, else λ α (eᶻ − 1)"
    derivative = "f′(z) = λ for z > 0, else λ α eᶻ"
    outputs = "more than −1.76"
    remark = "α = 1.6733 and λ = 1.0507 are such that mean 0 and std 1 come out as they went in."

    def __init__(self, inplace: InPlace = False) -> None:
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """λ · ELU(z)"""
        return F.selu(z, inplace=self.inplace)


@layers.register("activation")
class GELU(Activation):
    """z · Φ(z), with Φ a normal's share below z

    Source: Hendrycks & Gimpel 2016, arXiv 1606.08415.

    Args:
        approximate: none is exact; tanh is the usual approximation.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = z · Φ(z)"
    derivative = "f′(z) = Φ(z) + z · φ(z)"
    outputs = "more than −0.17"
    remark = "a smooth ReLU that dips below 0 on the left: there f′ is negative for a while."

    def __init__(self, approximate: Annotated[Literal["none", "tanh"], "none is exact"] = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise OperationError("approximate argument must be either none or tanh.", f"got {approximate!r}")
        self.approximate = approximate

    def forward(self, z: Tensor) -> Tensor:
        """Z · Φ(z)"""
        return F.gelu(z, approximate=self.approximate)


@layers.register("activation")
class SiLU(Activation):
    """z / (1 + e⁻ᶻ), also called Swish

    Args:
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = z · σ(z), σ(z) = 1 / (1 + e⁻ᶻ)"
    derivative = "f′(z) = σ(z) · (1 + z · (1 − σ(z)))"
    outputs = "more than −0.28"
    remark = "z times its own sigmoid: smooth, and below 0 on the left before it comes back to 0."

    def __init__(self, inplace: InPlace = False) -> None:
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """Z · sigmoid(z)"""
        return F.silu(z, inplace=self.inplace)


@layers.register("activation")
class Mish(Activation):
    """z · tanh(ln(1 + eᶻ))

    Source: Misra 2019, arXiv 1908.08681.

    Args:
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = z · tanh(s), s = ln(1 + eᶻ)"
    derivative = "f′(z) = tanh(s) + z · σ(z) · (1 − tanh²(s))"
    outputs = "more than −0.31"
    remark = "close to SiLU, dipping a little deeper on the left."

    def __init__(self, inplace: InPlace = False) -> None:
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """Z · tanh(softplus(z))"""
        return F.mish(z, inplace=self.inplace)


@layers.register("activation")
class Softplus(Activation):
    """ln(1 + e^(beta z)) / beta: a smooth ReLU

    Args:
        beta: how sharp the bend is.
        threshold: where beta · z is above it, z itself is given.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = ln(1 + e^(β z)) / β"
    derivative = "f′(z) = σ(β z)"
    outputs = "more than 0"
    remark = "ReLU with its corner rounded; its slope is Sigmoid."

    def __init__(
        self,
        beta: Annotated[Positive, "how sharp the bend is"] = 1.0,
        threshold: Annotated[float, "above it z itself is given"] = 20.0,
    ) -> None:
        self.beta = beta
        self.threshold = threshold

    def forward(self, z: Tensor) -> Tensor:
        """ln(1 + e^(beta z)) / beta"""
        return F.softplus(z, beta=self.beta, threshold=self.threshold)


@layers.register("activation")
class Softsign(Activation):
    """z / (1 + |z|)

    Shape:
        Output: as the input.
    """

    formula = "f(z) = z / (1 + |z|)"
    derivative = "f′(z) = 1 / (1 + |z|)²"
    outputs = "between −1 and 1"
    remark = "like Tanh, but it comes near its bounds slowly: it saturates less."

    def forward(self, z: Tensor) -> Tensor:
        """Z / (1 + |z|)"""
        return F.softsign(z)


@layers.register("activation")
class Hardtanh(Activation):
    """z, no less than min_val and no more than max_val

    Args:
        min_val: the lowest output.
        max_val: the highest output.
        inplace: whether the input itself is changed.

    Shape:
        Output: as the input.
    """

    formula = "f(z) = min(max(z, min_val), max_val)"
    derivative = "f′(z) = 1 between the bounds, else 0"
    outputs = "min_val to max_val"
    remark = "Tanh made of three straight lines; outside the bounds no gradient passes at all."

    def __init__(
        self,
        min_val: Annotated[Slope, "the lowest output"] = -1.0,
        max_val: Annotated[Slope, "the highest output"] = 1.0,
        inplace: InPlace = False,
    ) -> None:
        if max_val <= min_val:
            hint = "exchange the two" if max_val < min_val else "the outputs lie between them: −1 and 1 are usual"
            raise CheckError(f"max_val ({max_val}) must be greater than min_val ({min_val})", hint)
        self.min_val = min_val
        self.max_val = max_val
        self.inplace = inplace

    def forward(self, z: Tensor) -> Tensor:
        """min(max(z, min_val), max_val)"""
        return F.hardtanh(z, min_val=self.min_val, max_val=self.max_val, inplace=self.inplace)
