"""The one-dimensional functions, against formulas written out a second time."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from nnviz.data import Dataset, datasets
from nnviz.data.formulas import formula
from nnviz.data.functions import SHAPES
from nnviz.registry import Spec
from nnviz.seeds import stream

FORMULAS: dict[str, Callable[[float], float]] = {
    "sine": lambda x: math.sin(math.pi * x),
    "step": lambda x: -1 if x < 0 else 1,
    "abs": lambda x: x if x > 0 else -x,
    "bumps": lambda x: math.exp(-16 * (x + 0.5) ** 2) + math.exp(-((x - 0.5) ** 2) / 0.0036),
    "polynomial": lambda x: math.cos(3 * math.acos(x)),
}


def build(shape: str, noise: float = 0.0) -> Dataset:
    return datasets.build(Spec.of("function", shape=shape, noise=noise), generator=stream(3, "data"))


@pytest.mark.parametrize("shape", SHAPES)
def test_values_follow_the_formula(shape: str) -> None:
    dataset = build(shape)
    assert dataset.features == ("x",)
    assert dataset.lesson == SHAPES[shape][1]
    assert np.abs(dataset.inputs).max() <= 1
    expected = [[FORMULAS[shape](float(x))] for x in dataset.inputs[:, 0]]
    np.testing.assert_allclose(dataset.targets, expected, atol=1e-5)


def test_noise_is_added_to_the_values() -> None:
    quiet, noisy = build("sine"), build("sine", 0.5)
    np.testing.assert_array_equal(quiet.inputs, noisy.inputs)
    assert np.std(noisy.targets - quiet.targets) == pytest.approx(0.5, rel=0.2)


def test_formulas_take_the_whole_range() -> None:
    x = np.linspace(-1, 1, 1001)
    for text, _ in SHAPES.values():
        assert np.abs(formula(text)(x)).max() <= 1.001
