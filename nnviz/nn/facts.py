"""What holds of a layer whatever comes in: said on its class and asked there, so that nothing else lists layers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

from nnviz.autograd import Tensor


@dataclass(frozen=True)
class Range:
    """What a layer's outputs lie between.

    Attributes:
        low, high: the bounds; infinite where there is none.
        reached: whether the bounds themselves come out.
        clips: whether what would lie outside becomes the bound, where no gradient passes.
        besides: what else holds of the outputs, in words.
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
        """How far the bounds lie apart."""
        return self.high - self.low

    def within(self, low: float, high: float) -> bool:
        """Whether nothing lies outside of these bounds."""
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
    """How a layer shares 1 out among the numbers along one dimension.

    Attributes:
        word: what that is called, for example softmax.
        dim: the dimension; None is PyTorch's old choice.
        log: whether the logarithms of the shares come out.
    """

    word: str
    dim: int | None = None
    log: bool = False

    def axis(self, ndim: int) -> int:
        """The dimension, counted from 0, of an input with so many."""
        return old_choice(ndim) if self.dim is None else self.dim % max(ndim, 1)


def old_choice(ndim: int) -> int:
    """The dimension PyTorch's softmax takes where none is given: 0 of 0, 1 or 3 dimensions, else 1."""
    return 0 if ndim in (0, 1, 3) else 1


class LinearLayer(Protocol):
    """What a layer has that says it is linear."""

    @property
    def weight(self) -> Tensor:
        """W, (out, in)."""

    @property
    def bias(self) -> Tensor | None:
        """b, (out,), where there is one."""

    def __call__(self, x: Tensor, /) -> Tensor:
        """x @ W.T + b"""


@dataclass(frozen=True)
class Facts:
    """What holds of a layer with its arguments, whatever comes in.

    Attributes:
        outputs: what its outputs lie between.
        changes: what becomes of what comes in: other numbers, the same in another shape, or nothing at all.
        linear: whether it is x @ weight.T + bias and no more, under these names, so that two in a row equal one.
        share: how it shares 1 out along a dimension, if it does.
        pools: whether its window may reach beyond the input by half its size at most, and does nothing at size 1.
    """

    outputs: Range = Range()
    changes: Literal["numbers", "shape", "nothing"] = "numbers"
    linear: bool = False
    share: Share | None = None
    pools: bool = False

    @property
    def probabilities(self) -> bool:
        """Whether every output is a number from 0 to 1."""
        return self.outputs.within(0, 1)

    @property
    def distribution(self) -> bool:
        """Whether the outputs are shares of 1."""
        return self.share is not None and not self.share.log

    @property
    def log_probabilities(self) -> bool:
        """Whether the outputs are logarithms of shares of 1."""
        return self.share is not None and self.share.log
