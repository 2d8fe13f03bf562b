"""A key's own picture comes first, and what need not be drawn or laid out for it is not."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace
from typing import Any

import pytest
from textual._compositor import ChopsUpdate, Compositor
from textual.app import App, ComposeResult
from textual.content import Content
from textual.events import Key
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widget import Widget

from nnviz.engine import Moment
from nnviz.lab import layer
from nnviz.lab.events import on_event
from nnviz.run.queries import Predictions
from nnviz.tui.app import NnvizApp
from nnviz.tui.driver import TerminalDriver
from nnviz.tui.main import MainScreen
from nnviz.tui.panels.layer import LayerPanel
from nnviz.tui.panels.training import TrainingPanel
from nnviz.tui.precedence import precedence_of
from nnviz.tui.widgets.heatmap import HeatMap
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.layer_list import LayerList
from nnviz.tui.widgets.panel import Seen
from tests.tui.conftest import ready, running, until

ALL_PAGES = (200, 60)


async def quiet(pilot: Pilot[None], screen: MainScreen) -> None:
    """Let all that follows from the last key be drawn and painted."""
    page = screen.query_one(LayerPanel)

    def rests() -> bool:
        painted = not screen.pieces._goes_on and not screen._compositor._dirty_regions
        answered = screen.moment is not None and not page.queries(screen.lab) - screen.moment.observations.keys()
        return painted and answered and not screen._callbacks

    await until(pilot, rests)
    await pilot.pause()
    await until(pilot, rests)


async def test_a_key_is_announced_by_the_thread_that_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    app = NnvizApp()
    monkeypatch.setattr("nnviz.tui.patches.OutputDriver.process_message", lambda *_: None)
    driver = TerminalDriver(app, size=(80, 24))
    assert not precedence_of(app).claimed
    driver.process_message(Key("j", "j"))
    assert precedence_of(app).claimed


@pytest.mark.long
async def test_the_row_that_a_key_selects_is_painted_before_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    # The rest waits as long as the key is on its way, and no longer.
    monkeypatch.setattr("nnviz.tui.precedence.LONGEST", 60.0)
    async with running(size=ALL_PAGES) as pilot:
        screen, app = await ready(pilot), pilot.app
        assert isinstance(app, NnvizApp)
        rows = screen.query_one(LayerList).region
        done: list[str] = []
        shown, laid_out, selects = app._display, Compositor.reflow, screen.action_select

        def display(which: Screen[object], renderable: object) -> None:
            if isinstance(renderable, ChopsUpdate):
                # The stack is left of all pages.
                done.append("rows" if max(start for _, start, _ in renderable.spans) < rows.right else "pages")
            shown(which, renderable)  # type: ignore[arg-type]

        def reflow(compositor: Compositor, *arguments: Any) -> Any:
            done.append("layout")
            return laid_out(compositor, *arguments)

        def select(by: int) -> None:
            # A picture and a layout are due when the key is handled.
            screen.query_one(HeatMap).refresh(layout=True)
            done.clear()
            selects(by)

        app._display = display  # type: ignore[assignment, method-assign]
        screen.action_select = select  # type: ignore[method-assign]
        monkeypatch.setattr(Compositor, "reflow", reflow)
        for way in (1, 1, -1, 1):
            await quiet(pilot, screen)
            precedence_of(app).claim()
            screen.action_select(way)
            assert done == ["rows"]
            precedence_of(app).release()
            await until(pilot, lambda: {"layout", "pages"} <= set(done))
            assert done[0] == "rows"


@pytest.mark.long
async def test_when_a_key_is_handled_the_rest_goes_on_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnviz.tui.precedence.LONGEST", 60.0)
    async with running() as pilot:
        await ready(pilot)
        for key in ("j", "a", "escape", "x", "u"):
            await pilot.press(key)
            assert not precedence_of(pilot.app).claimed, key


async def test_what_the_engine_says_paints_nothing_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as pilot:
        screen = await ready(pilot)
        asked: list[int] = []
        monkeypatch.setattr(screen.pieces, "refresh_focused", lambda: asked.append(1))
        assert screen.moment is not None
        screen.do(on_event, screen.moment)
        assert not asked
        screen.action_select(1)
        assert asked


async def test_a_weight_is_that_of_the_parameter_on_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnviz.tui.widgets.panel.PATIENCE", 60.0)
    async with running(size=ALL_PAGES) as pilot:
        screen = await ready(pilot)
        await pilot.press("5")
        await quiet(pilot, screen)
        # Both before the answer about the bias can have come.
        screen.do(layer.turn, 1)
        screen.do(layer.set_weight)
        assert screen is pilot.app.screen
        await quiet(pilot, screen)
        screen.do(layer.set_weight)
        await until(pilot, lambda: pilot.app.screen is not screen)
        titles = [str(one.border_title) for one in pilot.app.screen.walk_children(Widget) if one.border_title]
        assert any("bias" in title for title in titles), titles


def anew(moment: Moment) -> Moment:
    """The same as it comes from the engine's process, where only the answers are kept that have not changed."""
    bare = replace(moment, observations={}, checkpoint=None)
    return replace(pickle.loads(pickle.dumps(bare)), observations=moment.observations)  # noqa: S301 (our own)


async def test_what_other_pages_have_asked_for_does_not_redraw_the_losses() -> None:
    async with running(size=ALL_PAGES) as pilot:
        screen = await ready(pilot)
        panel = screen.query_one(TrainingPanel)
        await until(pilot, lambda: screen.moment is not None and Predictions() in screen.moment.observations)
        lab, moment = screen.lab, screen.moment
        assert moment is not None
        was = panel.inputs(lab, Seen(moment))
        assert panel.inputs(lab, Seen(anew(moment))) == was
        # A regression has no accuracies, and NaN equals nothing.
        numbers = {f"{side}_accuracy": math.nan for side in ("train", "test")}
        regression = replace(moment, now=replace(moment.now, **numbers))
        assert panel.inputs(lab, Seen(regression)) == panel.inputs(lab, Seen(anew(regression)))
        seen = moment.observations
        own = {query: found for query, found in seen.items() if query in panel.queries(lab)}
        assert panel.inputs(lab, Seen(replace(moment, observations=own))) == was
        assert panel.inputs(lab, Seen(replace(moment, observations={}))) != was
        assert panel.inputs(lab, Seen(replace(moment, step=moment.step + 1))) != was


@pytest.mark.long
async def test_a_key_that_selects_a_layer_lays_the_screen_out_once_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnviz.tui.widgets.panel.PATIENCE", 60.0)
    async with running(size=ALL_PAGES) as pilot:
        screen = await ready(pilot)
        layouts: list[int] = []
        signal = screen.screen_layout_refresh_signal
        signal.subscribe(screen, lambda _: layouts.append(1), immediate=True)
        # The first time, the page of activations takes its place, too.
        for key in ("j", "k"):
            await quiet(pilot, screen)
            await pilot.press(key)
        for key in ("j", "j", "j", "k", "k"):
            await quiet(pilot, screen)
            layouts.clear()
            await pilot.press(key)
            await quiet(pilot, screen)
            assert len(layouts) <= 1


class Words(App[None]):
    """Labels: one of at most two lines, and one that is hidden."""

    CSS = "#low { max-height: 2; width: 20; } #hidden { width: 20; }"

    def compose(self) -> ComposeResult:
        """Compose them."""
        yield StableLabel(Content("a\nb\nc"), id="low")
        yield StableLabel(Content("a"), id="hidden")


async def test_words_cost_a_layout_only_where_their_height_changes() -> None:
    async with Words().run_test() as pilot:
        screen = pilot.app.screen
        low, hidden = (screen.query_one(f"#{name}", StableLabel) for name in ("low", "hidden"))
        hidden.display = False
        await pilot.pause()
        layouts: list[int] = []
        screen.screen_layout_refresh_signal.subscribe(screen, lambda _: layouts.append(1), immediate=True)
        low.update(Content("d\ne\nf"))
        hidden.update(Content("a\nb\nc"))
        await pilot.pause()
        assert not layouts
        low.update(Content("d"))
        await pilot.pause()
        assert low.size.height == 1
        assert len(layouts) == 1
        hidden.display = True
        await pilot.pause()
        assert hidden.size.height == 3
