"""A key's own picture comes first, and what need not be drawn or laid out for it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual._compositor import ChopsUpdate
from textual.app import App, ComposeResult
from textual.content import Content
from textual.events import Key
from textual.pilot import Pilot
from textual.screen import Screen

from nnviz.run.queries import Predictions
from nnviz.tui.app import NnvizApp
from nnviz.tui.driver import TerminalDriver
from nnviz.tui.main import MainScreen
from nnviz.tui.panels.layer import LayerPanel
from nnviz.tui.panels.training import TrainingPanel
from nnviz.tui.precedence import precedence_of
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


async def test_the_row_that_a_key_selects_is_painted_before_any_page_follows() -> None:
    async with running(size=ALL_PAGES) as pilot:
        screen, app = await ready(pilot), pilot.app
        assert isinstance(app, NnvizApp)
        rows = screen.query_one(LayerList).region
        written: list[set[int]] = []
        shown = app._display

        def display(which: Screen[object], renderable: object) -> None:
            if isinstance(renderable, ChopsUpdate):
                # The columns where what is written begins: those of the stack are left of all pages.
                written.append({start for _, start, _ in renderable.spans})
            shown(which, renderable)  # type: ignore[arg-type]

        app._display = display  # type: ignore[assignment, method-assign]
        for key in ("j", "j", "k", "j"):
            await quiet(pilot, screen)
            written.clear()
            await pilot.press(key)
            await until(pilot, lambda: len(written) > 1)
            assert written[0]
            assert max(written[0]) < rows.right, "a page was painted before the row that was selected"
            assert not precedence_of(app).claimed


async def test_what_other_pages_have_asked_for_does_not_redraw_the_losses() -> None:
    async with running(size=ALL_PAGES) as pilot:
        screen = await ready(pilot)
        panel = screen.query_one(TrainingPanel)
        await until(pilot, lambda: screen.moment is not None and Predictions() in screen.moment.observations)
        lab, moment = screen.lab, screen.moment
        assert moment is not None
        was = panel.inputs(lab, Seen(moment))
        assert panel.inputs(lab, Seen(replace(moment))) == was
        seen = moment.observations
        own = {query: found for query, found in seen.items() if query in panel.queries(lab)}
        assert panel.inputs(lab, Seen(replace(moment, observations=own))) == was
        assert panel.inputs(lab, Seen(replace(moment, observations={}))) != was
        assert panel.inputs(lab, Seen(replace(moment, step=moment.step + 1))) != was


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
