"""A layer registered in a few lines is everywhere without another edit; data of any size do not keep the screen waiting."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

import numpy as np
import pytest
from textual.widgets import OptionList

from nnviz import nn
from nnviz.autograd import Tensor, define, operations
from nnviz.data import Dataset, Schema, data_set, datasets, schema
from nnviz.network import Network, opening, trace
from nnviz.registry import Bounds, Spec
from nnviz.tui.dialogs.layer_form import LayerForm
from tests.tui.conftest import main_screen, ready, running, until


@pytest.fixture
def cube() -> Iterator[None]:
    """An operation and a layer of its own; gone after the test."""
    define("cube", forward=lambda z: z**3, vjps=(lambda g, out, z: 3 * g * z * z,), shape=lambda s: s, formula="z³")

    @nn.layers.register("activation")
    class Cube(nn.Activation):
        """scale · z³"""

        formula, derivative, remark = "f(z) = a z³", "f′(z) = 3 a z²", "flat at 0."

        def __init__(self, scale: Annotated[float, Bounds(0, 10), "how steep"] = 0.5) -> None:
            self.scale = scale

        def forward(self, z: Tensor) -> Tensor:
            return operations["cube"](z) * self.scale

    yield
    del operations["cube"], nn.layers._entries["Cube"]


@pytest.mark.usefixtures("cube")
@pytest.mark.long
async def test_a_new_layer_is_in_the_picker_its_form_the_trace_the_graph_and_the_curve() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        await pilot.press("a", *"cube")
        choices = pilot.app.screen.query_one(OptionList)
        assert str(choices.get_option_at_index(0).prompt).split() == ["Cube", "scale", "·", "z³"]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, LayerForm))
        await pilot.press("2", "enter")
        await until(pilot, lambda: len(screen.lab.network.layers) == 6)
        row = trace(screen.lab.network).rows[1]
        assert nn.layers.label(row.spec) == "Cube(scale=2)"
        assert row.output == row.input
        names = [node.name for node in trace(screen.lab.network).graph.operations if node.layer == 1]
        assert names == ["cube", "mul"]
        await pilot.press("3")
        await until(pilot, lambda: "f(z) = a z³" in str(screen.query_one("#activation-words").render()))


@pytest.fixture
def million() -> Iterator[list[str]]:
    """A data set of a million samples; gone after the test. Whoever makes it is noted."""
    made: list[str] = []
    declared = Schema("million", 1_000_000, (4,), "", "", tuple("abcd"), tuple("xyz"))

    @data_set("own", lambda: declared)
    def million() -> Dataset:
        made.append("here")
        return declared.dataset(np.zeros((1_000_000, 4)), np.zeros(1_000_000, int))

    yield made
    del datasets._entries["million"], schema._declarations["million"]
    schema.declared.cache_clear()


async def test_a_million_samples_are_edited_without_being_made(million: list[str]) -> None:
    stack = (
        Spec.of("Linear", in_features=4, out_features=8),
        Spec("ReLU"),
        Spec.of("Linear", in_features=7, out_features=2),
    )
    settings = replace(opening().settings, data=Spec("million"))
    async with running(Network(tuple(map(nn.layers.check, stack)), settings)) as pilot:
        screen = main_screen(pilot)
        await until(pilot, lambda: len(screen.query_one("#stack-table").rows) == 5)
        assert trace(screen.lab.network).diagnostic is not None
        await pilot.press("f", "f")
        await until(pilot, lambda: trace(screen.lab.network).diagnostic is None)
        # The training process does not know the data set, and says so: it is the one that is asked for the numbers.
        await until(pilot, lambda: screen.lab.status.failure is not None)
        assert "no data set is called 'million'" in screen.lab.status.failure.message
        await pilot.press("u", "u")
        await until(pilot, lambda: trace(screen.lab.network).diagnostic is not None)
        await pilot.press("U", "U", "j", "3", "4", "5", "1", "d")
        await until(pilot, lambda: len(screen.lab.network.layers) == 2)
        assert million == []
