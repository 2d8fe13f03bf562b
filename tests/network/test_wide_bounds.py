"""Layers with bounds of any size before any loss: the remarks on them are worked out without overflow, and are true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz import nn
from nnviz.data import datasets
from nnviz.network import Network, lint, opening
from nnviz.registry import Spec

BOUNDS = [(-1e6, 1e6), (-1e6, 0.0), (-1e6, -1e5), (0.0, 1e6), (1e5, 1e6), (-710.0, 710.0), (-1e-6, 1e-6), (-3.0, 1e6)]


def texts(low: float, high: float, loss: str, data: str) -> list[str]:
    settings = replace(opening().settings, data=datasets.check(Spec(data)), loss=nn.losses.check(Spec(loss)))
    outputs = 1 if data == "plane" or nn.losses[loss].factory.target != "classes" else 2  # type: ignore[attr-defined]
    stack = [
        Spec.of("Linear", in_features=2, out_features=outputs),
        Spec.of("Hardtanh", min_val=low, max_val=high),
    ]
    network = Network(tuple(nn.layers.check(spec) for spec in stack), settings)
    return [hint.message for hint in lint(network)]


@pytest.mark.parametrize("loss", [entry.name for entry in nn.losses])
@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
def test_every_loss_below_every_bound(bounds: tuple[float, float], loss: str) -> None:
    found = texts(*bounds, loss, "spiral")
    assert not [text for text in found if "nan" in text or "inf" in text]


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ((-1e6, 0.0), "from 0% to 50%"),
        ((0.0, 1e6), "of 50% or more"),
        ((-1e6, -1e5), "from 0% to 0%"),
        ((-1e6, 1e6), ""),
    ],
)
def test_probabilities_within_wide_bounds(bounds: tuple[float, float], words: str) -> None:
    found = [text for text in texts(*bounds, "BCEWithLogitsLoss", "spiral") if "BCEWithLogitsLoss" in text]
    assert len(found) == (1 if words else 0)
    assert not words or words in found[0]


def test_bounds_that_hinder_no_score_are_no_trouble() -> None:
    assert not [text for text in texts(-1e6, 1e6, "CrossEntropyLoss", "spiral") if "cannot become confident" in text]
    assert [text for text in texts(-1.0, 1.0, "CrossEntropyLoss", "spiral") if "cannot become confident" in text]
