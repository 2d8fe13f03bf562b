"""Facts about a layer that hold for any input. Each layer's class declares them, so that no other code lists layers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

from nnviz.autograd import Tensor


@dataclass(frozen=True)
class Range:
    """The range of a layer's outputs.

    Attributes:
        low, high: the bounds; infinite if there is none.
        reached: whether the bounds themselves are attained.
        clips: whether values outside are clipped to the bound, where the gradient is 0.
        besides: further facts about the outputs, as text.
    """

    low: float = -math.inf
    high: float = math.inf
    reached: bool = False
    clips: bool = False
    besides: str = ""

    @property
    def bounded(self) -> bool:
        """Whether there is a bound at all."""
        return self.low > -math.inf or self.high < math.inf

    @property
    def extent(self) -> float:
        """The distance of the bounds."""
        return self.high - self.low

    def within(self, low: float, high: float) -> bool:
        """Whether the range lies within these bounds."""
        return low <= self.low and self.high <= high

    def __str__(self) -> str:
        low, high = (f"{bound:.4g}".replace("-", "−") for bound in (self.low, self.high))
        if not self.bounded:
            words = "any number"
        elif self.high == math.inf:
            words = f"{low} or more" if self.reached else f"more than {low}"
        elif self.low == -math.inf:
            words = f"{high} or less" if self.reached else f"less than {high}"
        else:
            words = f"between {low} and {high}"
        return f"{words}, and {self.besides}" if self.besides else words


@dataclass(frozen=True)
class Share:
    """A probability distribution along one dimension of the output, as softmax makes it.

    Attributes:
        word: its name, for example softmax.
        dim: the dimension; None is PyTorch's legacy default.
        log: whether the outputs are log-probabilities.
    """

    word: str
    dim: int | None = None
    log: bool = False

    def axis(self, ndim: int) -> int:
        """The dimension, counted from 0, for an input with this many dimensions."""
        return legacy_dim(ndim) if self.dim is None else self.dim % max(ndim, 1)


def legacy_dim(ndim: int) -> int:
    """PyTorch's legacy default for softmax: dimension 0 of 0, 1 or 3 dimensions, else 1."""
    return 0 if ndim in (0, 1, 3) else 1


Curvature = Literal["convex", "concave", "straight", "neither"]
"""How a curve bends: every chord lies on or above it, on or below it, on it; or some above and some below."""


@dataclass(frozen=True)
class Curve:
    """Facts about the curve of an activation function.

    Attributes:
        curvature: how it bends.
        kinks: where it is not differentiable, in order; the backward pass sets a derivative there.
    """

    curvature: Curvature = "neither"
    kinks: tuple[float, ...] = ()


def two_lines(left: float) -> Curve:
    """The curve with slope `left` for z ≤ 0 and slope 1 for z > 0."""
    if left == 1:
        return Curve("straight")
    return Curve("convex" if left < 1 else "concave", (0.0,))


class LinearLayer(Protocol):
    """The attributes of a linear layer."""

    @property
    def weight(self) -> Tensor:
        """W, (out, in)."""

    @property
    def bias(self) -> Tensor | None:
        """b, (out,), or None."""

    def __call__(self, x: Tensor, /) -> Tensor:
        """x @ W.T + b"""


@dataclass(frozen=True)
class Facts:
    """Facts about a layer with its arguments that hold for any input.

    Attributes:
        outputs: the range of its outputs.
        changes: what it changes: the numbers, only the shape, or nothing.
        linear: whether it is exactly x @ weight.T + bias, with these attributes, so that two in a row equal one.
        share: the distribution along a dimension, if it makes one.
        pools: whether it is a pool: its padding is at most half its window, and a window of size 1 changes nothing.
    """

    outputs: Range = Range()
    changes: Literal["numbers", "shape", "nothing"] = "numbers"
    linear: bool = False
    share: Share | None = None
    pools: bool = False

    @property
    def probabilities(self) -> bool:
        """Whether every output is between 0 and 1."""
        return self.outputs.within(0, 1)

    @property
    def distribution(self) -> bool:
        """Whether the outputs are probabilities that sum to 1."""
        return self.share is not None and not self.share.log

    @property
    def log_probabilities(self) -> bool:
        """Whether the outputs are log-probabilities."""
        return self.share is not None and self.share.log
