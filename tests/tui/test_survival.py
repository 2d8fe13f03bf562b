"""Whatever goes wrong while one page is made or painted ends that page's picture, not the program."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from contextlib import nullcontext, suppress
from typing import Any

import pytest
from textual.pilot import Pilot

from nnviz import nn
from nnviz.errors import NnvizError
from nnviz.network import fixes, lint, opening, plan_of, trace
from nnviz.registry import Spec
from nnviz.tui.main import MainScreen
from nnviz.tui.panels.activation import ActivationPanel
from nnviz.tui.panels.graph import GraphPanel, Orders
from nnviz.tui.widgets.guarded import Guarded, OnPage, Page, Trouble, page_of
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.row_view import RowView
from nnviz.views.curves import activation_curve
from tests.tui.conftest import names, ready, running, until
from tests.tui.fuzzing import extremes

VIEWS = {
    "curve": ("nnviz.views.activation.activation_curve", "activation", ["j"]),
    "nearest": ("nnviz.views.activation.nearest_activation", "activation", ["j"]),
    "plot": ("nnviz.tui.widgets.plot.draw", "training", ["l"]),
    "boundary": ("nnviz.views.training.prediction_map", "training", ["l"]),
    "heat": ("nnviz.tui.widgets.heatmap.smooth", "training", ["s"]),
    "loss": ("nnviz.views.training._losses", "training", ["l"]),
    "hints": ("nnviz.views.stack.diagnostics", "stack", ["j", "y"]),
    "repairs": ("nnviz.lab.lab.fixes", "stack", ["j", "y"]),
    "rows": ("nnviz.views.stack.layer_rows", "stack", ["j", "y"]),
    "order": ("nnviz.views.plan.ways", "graph", ["m"]),
    "fold": ("nnviz.views.graph.folded_graph", "graph", ["plus"]),
    "picture": ("nnviz.tui.widgets.picture.picture_of", "graph", ["minus"]),
    "plan": ("nnviz.views.plan._plan", "graph", ["4", "v"]),
    "stop": ("nnviz.views.graph.stop_view", "graph", ["n", "n"]),
    "matrices": ("nnviz.tui.widgets.matrices.lay_out", "graph", ["n", "n"]),
    "walk": ("nnviz.tui.walking.Walk", "graph", ["j", "y", "n"]),
    "weights": ("nnviz.tui.panels.layer.views.view", "layer", ["5", "g", "g"]),
    "samples": ("nnviz.tui.panels.data.data.view", "data", ["6", "z"]),
}  # fmt: skip
"""A function that a page is made by, the panel it is on, and what makes that page anew."""

ALSO = {"nnviz.tui.widgets.heatmap.smooth": {"data", "layer"}}
"""Other panels that are drawn by the same function."""


PANELS = ("stack", "graph", "activation", "training", "layer", "data")


def broken(*_: Any, **__: Any) -> Any:
    raise ValueError("broken \x1b]0;x\x07 [/]")


def told(pilot: Pilot[None], panel: str) -> str:
    """What the panel says in place of its picture."""
    within = pilot.app.screen_stack[0].query_one(f"#{panel}")
    over = [each.render().plain for each in within.query(Trouble) if each.display]  # type: ignore[attr-defined]
    return "\n".join(over + [each._unpainted for each in within.query(Guarded) if each._unpainted])


def painted(screen: MainScreen) -> str:
    """What stands on the screen."""
    return "\n".join(strip.text for strip in screen._compositor.render_strips())


@pytest.mark.long
async def test_a_view_that_raises_ends_its_picture_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(size=(200, 60)) as pilot:
        screen = await ready(pilot)
        for view, panel, keys in VIEWS.values():
            with monkeypatch.context() as patch:
                patch.setattr(view, broken)
                await pilot.press(*keys)
                await until(pilot, lambda panel=panel: told(pilot, panel) != "")  # type: ignore[misc]
                assert "ValueError: broken ␛]0;x␇ [/]. The rest goes on" in told(pilot, panel), view
                assert "Please report it where nnviz came from, with /" in told(pilot, panel)
                # On the screen, and cleaned; the others are as they were.
                await until(pilot, lambda: "could not be drawn" in painted(screen))
                assert "\x1b" not in painted(screen)
                for other in set(PANELS) - {panel} - ALSO.get(view, set()):
                    assert told(pilot, other) == "", view
                # The rest lives: the run, and every command on the stack.
                await pilot.press("escape")
                screen.query_one("#stack-table", RowView).focus()
                await pilot.press("home", "j", "d", "u")
                assert pilot.app._exception is None
            # As soon as the view can be made again it stands there again.
            await pilot.press(*keys, "s", "escape")
            screen.query_one("#stack-table", RowView).focus()
            await pilot.press("home", "j")
            await until(pilot, lambda: not any(told(pilot, each) for each in PANELS))
            assert len(names(screen)) >= 5


async def test_a_panel_that_failed_loses_nothing_that_was_learned(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        with monkeypatch.context() as patch:
            patch.setattr("nnviz.views.training._trouble", broken)
            await pilot.press("space")
            await until(pilot, lambda: screen.moment is not None and screen.moment.step > 100)
            await until(pilot, lambda: "broken" in told(pilot, "training"))
            await pilot.press("space")
            await until(pilot, lambda: not screen.lab.status.running)
        step = screen.moment.step if screen.moment else 0
        await pilot.press("l")
        assert told(pilot, "training") == ""
        assert screen.lab.present.checkpoint is not None
        assert screen.lab.present.checkpoint.step == step


@pytest.mark.parametrize("method", ["on_resize", "on_row_view_highlighted", "draw_plan"])
async def test_a_handler_of_a_panel_that_raises_is_told_on_it(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = {"on_resize": ["4", "4"], "on_row_view_highlighted": ["4", "j"], "draw_plan": ["v"]}[method]
    monkeypatch.setattr(GraphPanel if method == "on_resize" else Orders, method, broken)
    async with running() as pilot:
        await pilot.press(*keys)
        await until(pilot, lambda: "broken" in told(pilot, "graph"))
        assert pilot.app._exception is None


async def test_every_panel_is_a_page_and_what_paints_in_it_is_guarded() -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        panels = list(screen.query(Page))
        names = {"stack", "training", "activation", "graph", "layer", "data", "fits", "loss", "race"}
        assert {panel.id for panel in panels} == names
        for panel in panels:
            for widget in panel.query("*"):
                own = type(widget).__module__.startswith("nnviz.tui")
                assert not own or isinstance(widget, OnPage)
                draws = "render_line" in vars(type(widget)) or isinstance(widget, StableLabel)
                assert not (own and draws) or isinstance(widget, Guarded)
                assert page_of(widget) is panel


@pytest.mark.long
async def test_prelu_of_many_channels_has_a_curve() -> None:
    # Where there is room for all words.
    async with running(size=(200, 60)) as pilot:
        screen = await ready(pilot)
        await pilot.press("a", *"prelu", "enter", "ctrl+u", *"16", "enter")
        await until(pilot, lambda: names(screen)[1] == "PReLU")
        assert screen.lab.network.layers[1].get("num_parameters") == 16
        await pilot.pause()
        assert told(pilot, "activation") == ""
        words = screen.query_one(ActivationPanel).query_one(StableLabel).render().plain  # type: ignore[attr-defined]
        assert "16 channels, each with its own slope; all start as drawn." in words
    one, many = (activation_curve(nn.layers.check(Spec.of("PReLU", num_parameters=n))) for n in (1, 16))
    assert one is not None
    assert many is not None
    assert (one.f == many.f).all()
    assert (one.slope == many.slope).all()


def at_bounds(name: str, most: int = 8) -> list[Spec]:
    """A layer with values at and around the bounds of its arguments."""
    arguments = nn.layers[name].arguments
    found = list(itertools.islice(itertools.product(*map(extremes, arguments)), 5_000))
    random.Random(name).shuffle(found)  # noqa: S311 (nothing is kept secret by it)
    return [
        nn.layers.check(Spec.of(name, **dict(zip((a.name for a in arguments), values, strict=True))))
        for values in found[:most]
    ]


@pytest.mark.parametrize("name", [entry.name for entry in nn.layers])
def test_no_view_raises_whatever_the_arguments_of_a_layer(name: str) -> None:
    views: list[Callable[..., object]] = [trace, fixes, lint, plan_of]
    for spec in at_bounds(name):
        for at in (0, 2, 5):
            network = opening().insert(at, spec)
            for view in views:
                view(network)
        fits = trace(opening().insert(2, spec)).rows[2].diagnostic is None
        # Where the arguments do not go together, the page says so in the layer's own words.
        with nullcontext() if fits else suppress(NnvizError):
            activation_curve(spec)


async def test_arguments_that_do_not_go_together_are_told_on_the_page() -> None:
    network = opening().insert(2, nn.layers.check(Spec.of("Hardtanh", min_val=1.0, max_val=1.0)))
    async with running(network) as pilot:
        screen = pilot.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        await pilot.press("j", "j")
        words = screen.query_one(ActivationPanel).query_one(StableLabel)
        await until(pilot, lambda: "max_val (1.0) must be greater than min_val (1.0)" in words.render().plain)  # type: ignore[attr-defined]
        await pilot.press("k")
        await until(pilot, lambda: "between -1 and 1" in words.render().plain.replace("−", "-"))  # type: ignore[attr-defined]
