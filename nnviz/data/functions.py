"""Functions of one variable to fit: the whole of what a network says is one curve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np

from nnviz.data.dataset import Dataset
from nnviz.data.schema import Schema, data_set
from nnviz.data.toys import Floats, Samples
from nnviz.registry import Bounds

SHAPES: dict[str, tuple[Callable[[Floats], Floats], str]] = {
    "sine": (
        lambda x: np.sin(np.pi * x),
        "A smooth wave: tanh bends into it, and with ReLU one sees the straight pieces it is put together from.",
    ),
    "step": (
        lambda x: np.where(x < 0, -1.0, 1.0),
        "A jump: a network is continuous and can only draw a slope, which gets steeper the longer it trains.",
    ),
    "abs": (
        np.abs,
        "One corner: two ReLU units make it exactly, max(0, x) + max(0, −x), while tanh rounds it off.",
    ),
    "bumps": (
        lambda x: np.exp(-(((x + 0.5) / 0.25) ** 2)) + np.exp(-(((x - 0.5) / 0.06) ** 2)),
        "A wide bump and a narrow one: the wide one is found early, the narrow one late or not at all.",
    ),
    "polynomial": (
        lambda x: 4 * x**3 - 3 * x,
        "A hill and a valley: in one hidden layer of ReLU each unit gives one bend, so count the units it takes.",
    ),
}
"""Shape: formula, from [−1, 1] into [−1, 1] apart from the tails of `bumps`; and what to look for."""


def _schema(shape: str, samples: int) -> Schema:
    return Schema("function", samples, (1,), "made here from a formula", SHAPES[shape][1], ("x",))


@data_set("toy regression", _schema)
def function(
    generator: np.random.Generator,
    shape: Annotated[Literal["sine", "step", "abs", "bumps", "polynomial"], "the curve to fit"] = "sine",
    samples: Samples = 500,
    noise: Annotated[float, Bounds(0, 1), "standard deviation of what is added to each value"] = 0.0,
) -> Dataset:
    """A curve over one variable

    With x in U(−1, 1) and `noise` · N(0, 1) added to the value: sine sin(πx); step −1 below 0 and 1 from there;
    abs |x|; bumps exp(−((x + 0.5) / 0.25)²) + exp(−((x − 0.5) / 0.06)²); polynomial 4x³ − 3x (Chebyshev's third).

    Shape:
        inputs (samples, 1), targets (samples, 1).
    """
    formula, _ = SHAPES[shape]
    x = generator.uniform(-1, 1, (samples, 1))
    y = formula(x) + noise * generator.standard_normal(x.shape)
    return _schema(shape, samples).dataset(x, y)
