"""Dropout: an operation whose result depends on a coin as well as on its input."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.autograd.formula import factor
from nnviz.autograd.operation import Array, Shape
from nnviz.autograd.ops.elementwise import of_one
from nnviz.autograd.sample_inputs import Sample, unary


class Mask:
    """What a dropout keeps, and by how much it makes up for the rest; drawn anew at every forward.

    Args:
        p: the probability of 0.
        generator: what is drawn from.
        channels: whether all numbers of a channel (dimensions 0 and 1) share one fate.
    """

    def __init__(self, p: float, generator: np.random.Generator, channels: bool = False) -> None:
        self.p = p
        self.generator = generator
        self.channels = channels
        self.kept: Array = np.ones(())

    def draw(self, shape: Shape, dtype: np.dtype[np.floating]) -> Array:
        """0 with probability p, else 1 / (1 − p)."""
        if self.channels:
            shape = (*shape[:2], *(1,) * len(shape[2:]))
        coins = self.generator.random(shape, np.float32) >= self.p
        self.kept = coins * dtype.type(1 / (1 - self.p) if self.p < 1 else 0)
        return self.kept

    def coin(self, index: Shape) -> Coin:
        """How one of the coins fell that were thrown last."""
        own = (*index[:2], *(0 for _ in index[2:])) if self.channels else index
        return Coin(self.p, bool(self.kept[own]))


@dataclass(frozen=True)
class Coin:
    """One throw.

    Attributes:
        p: the probability of 0.
        kept: whether it fell the other way.
    """

    p: float
    kept: bool

    def written(self, number: float) -> str:
        """What it makes of a number."""
        return f"{factor(number)} · 1 / (1 − {self.p:g}), kept" if self.kept else f"{factor(number)} · 0, dropped"


class SeededMask(Mask):
    """One that throws the same coins every time, so that a gradient can be checked."""

    def __init__(self, p: float, seed: int, channels: bool = False) -> None:
        super().__init__(p, np.random.default_rng(seed), channels)
        self.seed = seed

    def draw(self, shape: Shape, dtype: np.dtype[np.floating]) -> Array:
        """As if it were the first time."""
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
    written=lambda own, a, mask: mask.written(a[0]),
    saved=(),
    samples=_samples,
    stochastic=True,
)
