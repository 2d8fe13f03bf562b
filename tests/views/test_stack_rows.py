"""The cells of the stack's rows are read back as the numbers they stand for."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.network import opening
from nnviz.run.queries import LayerSeen, LayersSeen, spread_of
from nnviz.views.spark import LEVELS
from nnviz.views.stack_rows import DECADES, EIGHTHS, StackView, bar, network_view
from nnviz.views.troubles import Trouble


def length(drawn: str) -> float:
    """The length of a bar in cells."""
    return sum((EIGHTHS.index(sign) + 1) / 8 for sign in drawn)


def seen_view(gradients: list[float], troubles: dict[int, Trouble] | None = None) -> StackView:
    """The opening network with these norms and a skewed spread."""
    spread = spread_of(np.repeat([0.0, 1.0, 2.0, 3.0], [10, 40, 80, 20]))
    layers = [
        LayerSeen(layer, spread, None, math.nan, math.nan, 1.0, gradient, 0.1, 1.0)
        for layer, gradient in zip(opening().ids, gradients, strict=True)
    ]
    return replace(
        network_view(opening(), 0), input=LayersSeen(256, spread, tuple(layers)), seen=dict(enumerate(layers)),
        troubles=troubles or {},
    )  # fmt: skip


@given(st.floats(-0.5, 1.0), st.integers(1, 30))
def test_a_bar_is_as_long_as_its_share_to_an_eighth(share: float, width: int) -> None:
    drawn = bar(share, width)
    assert len(drawn) <= width
    assert length(drawn) == pytest.approx(max(share * width, 1 / 8), abs=1 / 16 + 1e-9)


@given(st.lists(st.floats(-8, 3), min_size=5, max_size=5), st.sampled_from([68, 80, 120]))
def test_the_bar_is_the_logarithm_of_the_gradient(powers: list[float], width: int) -> None:
    view = seen_view([10.0**power for power in powers])
    columns = view.columns(width)
    assert columns.bar
    for at, power in enumerate(powers):
        drawn = view.lines(at + 1, columns)[0][-1]
        assert drawn.width == columns.bar
        wanted = columns.bar * (1 + (power - max(powers)) / DECADES)
        assert length(drawn.text) == pytest.approx(max(wanted, 1 / 8), abs=1 / 16 + 1e-6)


@pytest.mark.parametrize("gradient", [0.0, math.nan, math.inf])
def test_without_a_gradient_there_is_no_bar(gradient: float) -> None:
    view = seen_view([gradient, 1.0, 1.0, 1.0, 1.0])
    assert view.lines(1, view.columns(80))[0][-1].text == ""
    assert length(view.lines(2, view.columns(80))[0][-1].text) == view.columns(80).bar


def test_a_trouble_stands_in_place_of_the_bar_and_marks_the_number() -> None:
    view = seen_view([1.0] * 5, {3: Trouble("dead", 0.9)})
    columns = view.columns(80)
    cells = view.lines(4, columns)[0]
    assert (cells[0].text, cells[-1].text, cells[-1].kind) == ("!4", "! dead", "warning")
    assert view.lines(3, columns)[0][0].text == "3"


@pytest.mark.parametrize("width", [68, 80, 120])
def test_a_histogram_is_read_back_as_its_counts(width: int) -> None:
    view = seen_view([1.0] * 5)
    columns = view.columns(width)
    for at in range(6):
        heights = [LEVELS.index(sign) for sign in view.lines(at, columns)[0][-1 if at == 0 else -2].text]
        if at == 0:
            heights = [LEVELS.index(sign) for sign in view.lines(0, columns)[0][-2].text]
        assert len(heights) == columns.spark
        assert max(heights) == 8
        # A quarter of the 80 is 20, half of them 40; 10 are an eighth.
        assert [height for height in heights if height] == [1, 4, 8, 2]
