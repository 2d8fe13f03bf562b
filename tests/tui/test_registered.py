"""A layer registered in a few lines is everywhere without another edit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import pytest
from textual.widgets import OptionList

from nnviz import nn
from nnviz.autograd import Tensor, define, operations
from nnviz.catalogue import Bounds
from nnviz.network import trace
from nnviz.tui.dialogs.layer_form import LayerForm
from tests.tui.conftest import ready, running, until


@pytest.fixture
def cube() -> Iterator[None]:
    """An operation and a layer of its own; gone after the test."""
    define(
        "cube", forward=lambda z: z**3, gradients=(lambda g, out, z: 3 * g * z * z,), shape=lambda s: s, formula="z³"
    )

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
