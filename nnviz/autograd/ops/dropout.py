"""Dropout: an operation whose result depends on random numbers as well as on its input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.autograd.formula import factor
from nnviz.autograd.operation import Array, Shape
from nnviz.autograd.ops.elementwise import of_one
from nnviz.autograd.sample_inputs import Sample, unary


class Mask:
    """The mask of a dropout: 0, or the factor 1 / (1 − p) of the kept elements, sampled anew at every forward.

    Args:
        p: the probability of 0.
        generator: the random generator to sample from.
        channels: whether whole channels (dimensions 0 and 1) are kept or dropped.
    """

    def __init__(self, p: float, generator: np.random.Generator, channels: bool = False) -> None:
        self.p = p
        self.generator = generator
        self.channels = channels
        self.kept: Array = np.ones(())

    def draw(self, shape: Shape, dtype: np.dtype[np.floating]) -> Array:
        """A mask for an input of this shape: 0 with probability p, else 1 / (1 − p)."""
        if self.channels:
            shape = (*shape[:2], *(1,) * len(shape[2:]))
        kept = self.generator.random(shape, np.float32) >= self.p
        self.kept = kept * dtype.type(1 / (1 - self.p) if self.p < 1 else 0)
        return self.kept

    def sample(self, index: Shape) -> BernoulliSample:
        """The Bernoulli sample of one element in the last mask."""
        own = (*index[:2], *(0 for _ in index[2:])) if self.channels else index
        return BernoulliSample(self.p, bool(self.kept[own]))


@dataclass(frozen=True)
class BernoulliSample:
    """Whether one element was dropped.

    Attributes:
        p: the probability of being dropped.
        kept: whether it was kept.
    """

    p: float
    kept: bool

    def written(self, number: float) -> str:
        """The result of applying it to a number, as a formula."""
        return f"{factor(number)} · 1 / (1 − {self.p:g}), kept" if self.kept else f"{factor(number)} · 0, dropped"


class SeededMask(Mask):
    """A mask that is the same at every forward, so that a gradient can be checked."""

    def __init__(self, p: float, seed: int, channels: bool = False) -> None:
        super().__init__(p, np.random.default_rng(seed), channels)
        self.seed = seed

    def draw(self, shape: Shape, dtype: np.dtype[np.floating]) -> Array:
        """A mask for an input of this shape, the same at every call."""
        self.generator = np.random.default_rng(self.seed)
        return super().draw(shape, dtype)


def _samples() -> list[Sample]:
    return [
        Sample(sample.arrays, {"mask": SeededMask((0.0, 0.3, 1.0)[number % 3], number, number % 2 == 1)})
        for number, sample in enumerate(unary()())
    ]


dropout = of_one(
    "dropout",
    forward=lambda a, mask: np.multiply(a, mask.draw(a.shape, np.result_type(a.real.dtype))),
    vjps=(lambda g, out, a, mask: g * mask.kept,),
    formula="a · mask / (1 − p)",
    gradients=("upstream · mask / (1 − p)",),
    written=lambda own, a, mask: mask.written(a[0]),
    saved=(),
    samples=_samples,
    stochastic=True,
)
