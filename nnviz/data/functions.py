"""Functions of one variable to fit, so that the whole output of a network is a single curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np

from nnviz.data.dataset import Dataset
from nnviz.data.schema import Schema, data_set
from nnviz.data.split import HeldOut
from nnviz.data.toys import Floats, Samples
from nnviz.registry import Bounds

SHAPES: dict[str, tuple[Callable[[Floats], Floats], str]] = {
    "sine": (
        lambda x: np.sin(np.pi * x),
        "A smooth wave: a Tanh network fits it with curves, a ReLU network with visible straight pieces.",
    ),
    "step": (
        lambda x: np.where(x < 0, -1.0, 1.0),
        "A jump: a network is continuous and can only fit a slope, which gets steeper the longer it trains.",
    ),
    "abs": (
        np.abs,
        "One corner: two ReLU units fit it exactly, max(0, x) + max(0, −x), while Tanh rounds it off.",
    ),
    "bumps": (
        lambda x: np.exp(-(((x + 0.5) / 0.25) ** 2)) + np.exp(-(((x - 0.5) / 0.06) ** 2)),
        "A wide bump and a narrow one: the wide one is fitted early, the narrow one late or not at all.",
    ),
    "polynomial": (
        lambda x: 4 * x**3 - 3 * x,
        "A hill and a valley: with one hidden ReLU layer each unit adds one bend, so count the units it takes.",
    ),
}
"""For each curve its formula, from [−1, 1] to [−1, 1] (`bumps` exceeds 1 slightly), and what to observe."""


def _schema(shape: str, samples: int, test_share: float) -> Schema:
    return Schema(
        "function", samples, (1,), "generated from a formula", SHAPES[shape][1], ("x",), test_share=test_share
    )


@data_set("toy regression", _schema)
def function(
    generator: np.random.Generator,
    shape: Annotated[Literal["sine", "step", "abs", "bumps", "polynomial"], "the curve to fit"] = "sine",
    samples: Samples = 500,
    noise: Annotated[float, Bounds(0, 1), "standard deviation of the noise added to each value"] = 0.0,
    test_share: HeldOut = 0.5,
) -> Dataset:
    """A curve over one variable

    x ~ U(−1, 1), y = f(x) + `noise` · N(0, 1), where f(x) is for sine sin(πx); for step −1 if x < 0, else 1; for abs
    |x|; for bumps exp(−((x + 0.5) / 0.25)²) + exp(−((x − 0.5) / 0.06)²); for polynomial 4x³ − 3x, the third Chebyshev
    polynomial.

    Shape:
        inputs (samples, 1), targets (samples, 1).
    """
    formula, _ = SHAPES[shape]
    x = generator.uniform(-1, 1, (samples, 1))
    y = formula(x) + noise * generator.standard_normal(x.shape)
    return _schema(shape, samples, test_share).dataset(x, y)
