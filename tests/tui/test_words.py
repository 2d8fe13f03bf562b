"""The place for words at the foot of the stack, and the rows above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from textual.content import Content
from textual.geometry import Region
from textual.pilot import Pilot

from nnviz.engine import ProcessEngine
from nnviz.network import Network, opening
from nnviz.run import Observation, Query
from nnviz.run.queries import LayersSeen, LayerStatistics
from nnviz.tui.app import NnvizApp
from nnviz.tui.dialogs.help import HelpScreen
from nnviz.tui.panels.stack import StackPanel
from nnviz.tui.widgets.layer_list import LayerList
from nnviz.tui.widgets.words import LEAST, LEFT, SHARE, Words
from tests.tui.conftest import help_parts, main_screen, resized, until
from tests.tui.test_activation_page import numbers
from tests.tui.test_snapshots import arranged, broken

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture(autouse=True)
def no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing moves but what a test moves."""
    monkeypatch.setattr(ProcessEngine, "open", lambda self: None)


def lines(widget: Words | LayerList) -> list[str]:
    return [widget.render_line(y).text for y in range(widget.size.height)]


def parts(pilot: Pilot[None]) -> tuple[StackPanel, LayerList, Words]:
    screen = main_screen(pilot)
    return screen.query_one(StackPanel), screen.query_one(LayerList), screen.query_one("#stack-words", Words)


def check(pilot: Pilot[None]) -> None:
    """The words take no more than their share, and lie under the rows."""
    panel, rows, words = parts(pilot)
    height = panel.size.height
    assert words.size.height <= max(SHARE * height, LEAST, height - rows.virtual_size.height)
    assert rows.size.height >= min(LEFT, height)
    assert rows.region.bottom <= words.region.y
    assert words.region.bottom <= panel.content_region.bottom


@pytest.mark.long
async def test_words_take_no_more_than_their_share() -> None:
    async with NnvizApp(broken()).run_test(size=SIZES[0]) as pilot:
        await arranged(pilot)
        for size in (*SIZES, (40, 12), (60, 16)):
            await resized(pilot, size)
            panel, rows, words = parts(pilot)
            for text in ("", "one", "\n".join(f"line {i}" for i in range(90))):
                words.show(Content(text), panel.size, rows.virtual_size.height)
                await pilot.pause()
                check(pilot)
            said = lines(words)
            if words.size.height >= 2:
                kept = [line for line in said if line.startswith("line ")]
                assert said[-1].startswith(f"… {90 - len(kept)} more lines"[: words.size.width]), size
                assert said[0].startswith("── why, and what to do "[: words.size.width]), size


@pytest.mark.long
async def test_every_row_is_reached_above_the_words_and_all_is_in_the_help_of_every_page() -> None:
    async with NnvizApp(broken()).run_test(size=(80, 24)) as pilot:
        await arranged(pilot)
        _, rows, words = parts(pilot)
        assert words.size.height >= 2
        await pilot.press("1", "home")
        for row in range(len(rows.rows)):
            assert rows.cursor_row == row
            first, end = rows.lines_of(row)
            seen = range(rows.scroll_offset.y, rows.scroll_offset.y + rows.size.height - 1)
            assert first in seen
            assert end - 1 in seen
            await pilot.press("down")
        # The message of the error, whatever of it has room.
        plain = words.content.plain
        assert plain.startswith("✗ layer 1:")
        for page in "1234":
            await pilot.press(page, "question_mark")
            await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
            told = help_parts(pilot)[0]
            assert " ".join(plain.split("\n")[0].split()) in " ".join(told.partition("How to begin")[0].split())
            await pilot.press("escape")


@pytest.mark.long
async def test_words_follow_sizes_and_themes() -> None:
    async with NnvizApp(broken()).run_test(size=(120, 40)) as pilot:
        await arranged(pilot)
        for width, height in ((60, 16), (200, 60), (80, 24)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            check(pilot)
        _, _, words = parts(pilot)
        before = [segment.style for segment in words.render_line(1) if segment.text.strip()]
        pilot.app.theme = "textual-light"
        await pilot.pause()
        assert [segment.style for segment in words.render_line(1) if segment.text.strip()] != before


async def test_hostile_words_are_cleaned() -> None:
    settings = opening().settings
    hostile = replace(opening().layers[1], name="[b]\x1b[31mTa\nnh[/]\x07")
    async with NnvizApp(Network((opening().layers[0], hostile), settings)).run_test(size=(80, 24)) as pilot:
        await arranged(pilot)
        _, rows, words = parts(pilot)
        text = "".join([*lines(rows), *lines(words)])
        assert "[b]" in text
        assert not any(sign in text for sign in "\x1b\x07\n")


def moved(pilot: Pilot[None], found: LayersSeen) -> None:
    """A newer moment with these statistics."""
    screen = main_screen(pilot)
    assert screen.moment is not None
    observations: Mapping[Query[Observation], Observation] = {LayerStatistics(): found}
    screen.moment = replace(screen.moment, observations=observations)
    screen.query_one(StackPanel).show(screen.lab, screen.seen)


def with_gradients(network: Network, *gradients: float) -> LayersSeen:
    found = numbers(network)
    layers = zip(found.layers, gradients, strict=True)
    return replace(found, layers=tuple(replace(one, gradient=gradient) for one, gradient in layers))


@pytest.mark.parametrize("size", [(180, 50), (200, 60)], ids=str)
async def test_only_cells_that_change_are_repainted(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    network = opening()
    async with NnvizApp(network).run_test(size=size) as pilot:
        await arranged(pilot, trained=True)
        moved(pilot, with_gradients(network, 1.0, 1.0, 1.0, 1.0, 1.0))
        await pilot.pause()
        _, rows, _ = parts(pilot)
        columns = rows._layout.columns
        assert columns is not None
        assert columns.bar
        asked: list[tuple[Region, ...]] = []
        refresh = rows.refresh

        def counted(*regions: Region, **options: bool) -> LayerList:
            asked.append(regions)
            return refresh(*regions, **options)

        monkeypatch.setattr(rows, "refresh", counted)
        moved(pilot, with_gradients(network, 1.0, 1.0, 1.0, 1.0, 1.0))
        await pilot.pause()
        assert asked == []
        moved(pilot, with_gradients(network, 1.0, 1.0, 1e-3, 1.0, 1.0))
        await pilot.pause()
        # Layer 3 stands below the head and the input, and its bar at the end of its line.
        assert asked == [(Region(columns.width - columns.bar, 4, columns.bar, 1),)]


async def test_the_row_of_the_cursor_has_one_colour_while_it_moves() -> None:
    network = opening()
    async with NnvizApp(network).run_test(size=(120, 40)) as pilot:
        await arranged(pilot, trained=True)
        await pilot.press("1", "home", "down", "down")
        for gradient in (1.0, 1e-2, 1e-8):
            moved(pilot, with_gradients(network, 1.0, gradient, 1.0, 1.0, 1.0))
            await pilot.pause()
            _, rows, _ = parts(pilot)
            assert rows.cursor_row == 2
            assert len({(part.style.color, part.style.bgcolor) for part in rows.render_line(3) if part.style}) == 1
