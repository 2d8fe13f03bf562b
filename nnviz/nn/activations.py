"""Activation functions, each with its formula, derivative and range for the screen."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from nnviz.autograd import Operation, Tensor, ops
from nnviz.autograd.operation import Array
from nnviz.autograd.ops.activation import SELU_ALPHA, SELU_SCALE
from nnviz.errors import CheckError, OperationError
from nnviz.nn import functional as F
from nnviz.nn.facts import Curve, Facts, Range, two_lines
from nnviz.nn.functional.checks import sizes
from nnviz.nn.init import filled
from nnviz.nn.module import Module, Parameter, layers
from nnviz.nn.placing import Device, Dtype, to_device_and_dtype
from nnviz.registry import Bounds, CodeOnly, Size, Value

Slope = Annotated[float, Bounds(-1e6, 1e6)]
Positive = Annotated[float, Bounds(0, open_low=True)]
InPlace = Annotated[bool, CodeOnly()]
"""Whether the input itself is modified, as in PyTorch."""


Segment = tuple[float, float | Array, float]
"""(start, slope, intercept): from z = start on, f(z) = slope · z + intercept; the slope may be one for each channel."""


class Activation(Module):
    """Base of the activation layers, which preserve the shape.

    A formula is written only once: `{formula}` in the docstring of a subclass is replaced by the right-hand side of
    `formula`, and the shape is appended.

    Attributes:
        formula: the formula of f.
        derivative: the formula of f′.
        constants: numbers in the formulas that are no arguments, by their letters.
        remark: what to observe on the curve.
        elementwise: whether each output depends only on its own input, so that a curve can be drawn.
        curve_traits: how the curve bends, and its kinks, with the default arguments; None if that is not stated.
    """

    formula: ClassVar[str] = "f(z)"
    derivative: ClassVar[str] = "f′(z)"
    constants: ClassVar[Mapping[str, float]] = {}
    remark: ClassVar[str] = ""
    elementwise: ClassVar[bool] = True
    curve_traits: ClassVar[Curve | None] = None
    inplace: bool = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = inspect.cleandoc(cls.__dict__.get("__doc__") or "{formula}")
        shape = "" if "Shape:" in own else "\n\nShape:\n    Output: as the input."
        cls.__doc__ = own.replace("{formula}", cls.formula.partition(" = ")[2] or cls.formula) + shape

    @classmethod
    def drawn(cls, arguments: Mapping[str, Value]) -> Mapping[str, Value]:
        """The arguments of the layer whose curve is drawn; its inputs are a column of numbers, or rows of three."""
        return arguments

    @classmethod
    def curve(cls, arguments: Mapping[str, Value]) -> Curve | None:  # noqa: ARG003
        """How the curve of a layer with these arguments bends, and where it has kinks; None if that is not stated."""
        return cls.curve_traits

    @classmethod
    def with_slope(cls, slope: float) -> Mapping[str, Value]:  # noqa: ARG003
        """The arguments of a layer whose fixed slope a is this; none if it has no such slope."""
        return {}

    @classmethod
    def look_for(cls, arguments: Mapping[str, Value]) -> str:  # noqa: ARG003
        """What to observe on the curve of a layer with these arguments."""
        return cls.remark

    def segments(self) -> tuple[Segment, ...] | None:
        """The straight lines that f is made of, from the left; None if it has others. They meet where one starts."""
        return None

    def extra_repr(self) -> str:
        """The arguments as PyTorch shows them: `inplace` only if it is True."""
        shown = [name for name in inspect.signature(type(self)).parameters if name != "inplace"]
        words = [f"{name}={getattr(self, name)!r}" for name in shown]
        return ", ".join([*words, *(["inplace=True"] if self.inplace else [])])


class InPlaceActivation(Activation):
    """Base of the activations whose only argument is `inplace`.

    Args:
        inplace: whether the input itself is modified.
    """

    def __init__(self, inplace: InPlace = False) -> None:
        self.inplace = inplace


def number_of(arguments: Mapping[str, Value], name: str, default: float) -> float:
    """A numeric argument, or its default."""
    value = arguments.get(name, default)
    return float(value) if isinstance(value, int | float) else default


def _bent(slope: float | Array) -> tuple[Segment, ...]:
    """With this slope up to 0, then with slope 1."""
    return ((-math.inf, slope, 0.0), (0.0, 1.0, 0.0))


def f_of(operation: Operation) -> str:
    """The formula of an operation, as a function of z."""
    return f"f(z) = {operation.formula}"


@layers.register("activation")
class Sigmoid(Activation):
    """{formula}"""

    formula = f_of(ops.sigmoid)
    derivative = "f′(z) = f(z) · (1 − f(z))"
    traits = Facts(Range(0, 1))
    curve_traits = Curve()
    remark = "flat on both sides: where f′ is near 0, hardly any gradient passes. f′ is at most 0.25."

    def forward(self, z: Tensor) -> Tensor:
        return F.sigmoid(z)


@layers.register("activation")
class Tanh(Activation):
    """{formula}"""

    formula = f_of(ops.tanh)
    derivative = "f′(z) = 1 − f(z)²"
    traits = Facts(Range(-1, 1))
    curve_traits = Curve()
    remark = "like Sigmoid with mean 0 and four times the slope at 0; flat on both sides too."

    def forward(self, z: Tensor) -> Tensor:
        return F.tanh(z)


@layers.register("activation")
class ReLU(InPlaceActivation):
    """{formula}"""

    formula = f_of(ops.relu)
    derivative = "f′(z) = 1 for z > 0, else 0"
    traits = Facts(Range(low=0, reached=True, clips=True))
    curve_traits = Curve("convex", (0.0,))
    remark = "cheap, and never flat for z > 0. At z = 0 it has a kink: f′ is set to 0 there. Always ≤ 0 means dead."

    def segments(self) -> tuple[Segment, ...]:
        """Flat, then with slope 1."""
        return _bent(0.0)

    def forward(self, z: Tensor) -> Tensor:
        return F.relu(z, inplace=self.inplace)


@layers.register("activation")
class LeakyReLU(Activation):
    """{formula}

    Args:
        negative_slope: the slope for z ≤ 0.
        inplace: whether the input itself is modified.
    """

    formula = f_of(ops.leaky_relu)
    derivative = "f′(z) = 1 for z > 0, else a"
    remark = "a small slope a on the left, so that a gradient passes everywhere; still a kink at 0."

    def __init__(
        self,
        negative_slope: Annotated[Slope, "slope a for z ≤ 0; PyTorch's default is 0.01"] = 0.01,
        inplace: InPlace = False,
    ) -> None:
        self.negative_slope = negative_slope
        self.inplace = inplace

    @classmethod
    def facts(cls, arguments: Mapping[str, Value]) -> Facts:
        """Negative outputs require a slope above 0."""
        slope = number_of(arguments, "negative_slope", 0.01)
        return Facts(Range() if slope > 0 else Range(low=0, reached=True, clips=slope == 0))

    def segments(self) -> tuple[Segment, ...]:
        """With slope a, then with slope 1."""
        return _bent(self.negative_slope)

    @classmethod
    def with_slope(cls, slope: float) -> Mapping[str, Value]:
        """negative_slope is a."""
        return {"negative_slope": slope}

    @classmethod
    def curve(cls, arguments: Mapping[str, Value]) -> Curve:
        """Two half-lines that meet at 0."""
        return two_lines(number_of(arguments, "negative_slope", 0.01))

    def forward(self, z: Tensor) -> Tensor:
        return F.leaky_relu(z, negative_slope=self.negative_slope, inplace=self.inplace)


@layers.register("activation")
class PReLU(Activation):
    """LeakyReLU whose slope is learned

    Args:
        num_parameters: 1 for a common slope, or the size of dimension 1 for a slope per channel.
        init: the initial value of the slopes.
        device: none or the CPU.
        dtype: the type of the slopes, by default float32.

    Shape:
        Output: as the input. weight: (num_parameters,).
    """

    formula = f_of(ops.prelu)
    derivative = "f′(z) = 1 for z > 0, else a"
    remark = "the slope a on the left is a parameter, which changes in training; the curve shows its initial value."

    def __init__(
        self,
        num_parameters: Annotated[Size, "1 for a common slope, or one per channel"] = 1,
        init: Annotated[Slope, "initial value of the slopes"] = 0.25,
        device: Device = None,
        dtype: Dtype = None,
    ) -> None:
        self.num_parameters = num_parameters
        self.init = init
        sizes(num_parameters=num_parameters)
        sizes(num_parameters)
        self.weight = Parameter(filled((num_parameters,), init))
        to_device_and_dtype(self, device, dtype)

    @classmethod
    def drawn(cls, arguments: Mapping[str, Value]) -> Mapping[str, Value]:
        """With a single slope, since the initial slopes of all channels are equal."""
        return {**arguments, "num_parameters": 1}

    @classmethod
    def curve(cls, arguments: Mapping[str, Value]) -> Curve:
        """Two half-lines that meet at 0, with the initial slope."""
        return two_lines(number_of(arguments, "init", 0.25))

    @classmethod
    def look_for(cls, arguments: Mapping[str, Value]) -> str:
        """The remark, with the number of channels if each has its own slope."""
        count = arguments.get("num_parameters")
        if not isinstance(count, int) or count == 1:
            return cls.remark
        return f"{count:,} channels, each with its own slope; all start as drawn. {cls.remark}"

    def segments(self) -> tuple[Segment, ...]:
        """With slope a as it is now, of each channel its own; then with slope 1."""
        return _bent(self.weight.array)

    def forward(self, z: Tensor) -> Tensor:
        return F.prelu(z, weight=self.weight)

    def extra_repr(self) -> str:
        return f"num_parameters={self.num_parameters}"


@layers.register("activation")
class ELU(Activation):
    """{formula}

    Source: Clevert et al. 2015, arXiv 1511.07289.

    Args:
        alpha: the limit for very negative z is −alpha.
        inplace: whether the input itself is modified.
    """

    formula = f_of(ops.elu)
    derivative = "f′(z) = 1 for z > 0, else α · eᶻ"
    remark = "negative outputs bring the mean near 0; far on the left it is flat."

    def __init__(self, alpha: Annotated[Slope, "the lower bound is −alpha"] = 1.0, inplace: InPlace = False) -> None:
        self.alpha = alpha
        self.inplace = inplace

    @classmethod
    def facts(cls, arguments: Mapping[str, Value]) -> Facts:
        """Outputs are above −alpha."""
        alpha = number_of(arguments, "alpha", 1.0)
        return Facts(Range(low=-alpha) if alpha > 0 else Range(low=0, reached=True, clips=alpha == 0))

    @classmethod
    def curve(cls, arguments: Mapping[str, Value]) -> Curve:
        """The slope rises up to alpha on the left, and is 1 on the right."""
        alpha = number_of(arguments, "alpha", 1.0)
        return Curve("convex" if 0 <= alpha <= 1 else "neither", () if alpha == 1 else (0.0,))

    def forward(self, z: Tensor) -> Tensor:
        return F.elu(z, alpha=self.alpha, inplace=self.inplace)


@layers.register("activation")
class SELU(InPlaceActivation):
    """λ · ELU: preserves mean 0 and variance 1

    Source: Klambauer et al. 2017, arXiv 1706.02515.
    """

    formula = f_of(ops.selu)
    derivative = "f′(z) = λ for z > 0, else λ · α · eᶻ"
    traits = Facts(Range(low=-SELU_SCALE * SELU_ALPHA))
    curve_traits = Curve(kinks=(0.0,))
    constants = {"λ": SELU_SCALE, "α": SELU_ALPHA}
    remark = "α = 1.6733 and λ = 1.0507 are chosen so that mean 0 and std 1 are preserved."

    def forward(self, z: Tensor) -> Tensor:
        return F.selu(z, inplace=self.inplace)


@layers.register("activation")
class GELU(Activation):
    """{formula}, with Φ the normal distribution function

    Source: Hendrycks & Gimpel 2016, arXiv 1606.08415.

    Args:
        approximate: "none" is exact; "tanh" is a common approximation.
    """

    formula = f_of(ops.gelu)
    derivative = "f′(z) = Φ(z) + z · φ(z)"
    traits = Facts(Range(low=-0.1701))
    curve_traits = Curve()
    remark = "a smooth ReLU that dips below 0 on the left, where f′ is negative for a while."

    def __init__(self, approximate: Annotated[Literal["none", "tanh"], "none is exact"] = "none") -> None:
        if approximate not in ("none", "tanh"):
            raise OperationError("approximate argument must be either none or tanh.", f"got {approximate!r}")
        self.approximate = approximate

    def forward(self, z: Tensor) -> Tensor:
        return F.gelu(z, approximate=self.approximate)


@layers.register("activation")
class SiLU(InPlaceActivation):
    """{formula}, also called Swish"""

    formula = f_of(ops.silu)
    derivative = "f′(z) = σ(z) · (1 + z · (1 − σ(z))), σ(z) = 1 / (1 + e⁻ᶻ)"
    traits = Facts(Range(low=-0.2785))
    curve_traits = Curve()
    remark = "z times its own sigmoid: smooth, and below 0 on the left before it returns to 0."

    def forward(self, z: Tensor) -> Tensor:
        return F.silu(z, inplace=self.inplace)


@layers.register("activation")
class Mish(InPlaceActivation):
    """{formula}

    Source: Misra 2019, arXiv 1908.08681.
    """

    formula = f_of(ops.mish)
    derivative = "f′(z) = tanh(s) + z · σ(z) · (1 − tanh²(s)), s = ln(1 + eᶻ)"
    traits = Facts(Range(low=-0.3089))
    curve_traits = Curve()
    remark = "close to SiLU, dipping a little deeper on the left."

    def forward(self, z: Tensor) -> Tensor:
        return F.mish(z, inplace=self.inplace)


@layers.register("activation")
class Softplus(Activation):
    """{formula}: a smooth ReLU

    Args:
        beta: the sharpness of the bend.
        threshold: if beta · z is above it, the output is z itself.
    """

    formula = f_of(ops.softplus)
    derivative = "f′(z) = σ(β · z)"
    remark = "ReLU with its corner rounded; its slope is Sigmoid."

    def __init__(
        self,
        beta: Annotated[Positive, "sharpness of the bend"] = 1.0,
        threshold: Annotated[float, "above it the output is z itself"] = 20.0,
    ) -> None:
        self.beta = beta
        self.threshold = threshold

    @classmethod
    def facts(cls, arguments: Mapping[str, Value]) -> Facts:
        """Outputs are above 0, or above a threshold below 0, from which on they are z itself."""
        beta, threshold = number_of(arguments, "beta", 1.0), number_of(arguments, "threshold", 20.0)
        return Facts(Range(low=min(threshold / beta, 0.0)))

    @classmethod
    def curve(cls, arguments: Mapping[str, Value]) -> Curve:
        """Convex, unless the threshold is so low that a jump down to z itself shows there."""
        beta, threshold = number_of(arguments, "beta", 1.0), number_of(arguments, "threshold", 20.0)
        # The jump is ln(1 + e^−threshold) / beta, from threshold / beta: below half a digit of float32 it is none.
        jump = math.log1p(math.exp(-threshold)) if threshold > -700 else -threshold
        return Curve("convex") if jump < abs(threshold) * 2.0**-24 else Curve(kinks=(threshold / beta,))

    def forward(self, z: Tensor) -> Tensor:
        return F.softplus(z, beta=self.beta, threshold=self.threshold)


@layers.register("activation")
class Softsign(Activation):
    """{formula}"""

    formula = f_of(ops.softsign)
    derivative = "f′(z) = 1 / (1 + |z|)²"
    traits = Facts(Range(-1, 1))
    curve_traits = Curve()
    remark = "like Tanh, but it approaches its bounds slowly: it saturates less."

    def forward(self, z: Tensor) -> Tensor:
        return F.softsign(z)


@layers.register("activation")
class Hardtanh(Activation):
    """{formula}

    Args:
        min_val: the lowest output.
        max_val: the highest output.
        inplace: whether the input itself is modified.
    """

    formula = f_of(ops.hardtanh)
    derivative = "f′(z) = 1 between the bounds, else 0"
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

    @classmethod
    def facts(cls, arguments: Mapping[str, Value]) -> Facts:
        """From min_val to max_val."""
        low, high = number_of(arguments, "min_val", -1.0), number_of(arguments, "max_val", 1.0)
        return Facts(Range(low, high, reached=True, clips=True))

    def segments(self) -> tuple[Segment, ...]:
        """Flat, with slope 1, flat."""
        return ((-math.inf, 0.0, self.min_val), (self.min_val, 1.0, 0.0), (self.max_val, 0.0, self.max_val))

    @classmethod
    def curve(cls, arguments: Mapping[str, Value]) -> Curve:
        """Three straight lines, which meet at the bounds."""
        return Curve(kinks=(number_of(arguments, "min_val", -1.0), number_of(arguments, "max_val", 1.0)))

    def forward(self, z: Tensor) -> Tensor:
        return F.hardtanh(z, min_val=self.min_val, max_val=self.max_val, inplace=self.inplace)
