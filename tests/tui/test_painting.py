"""What is painted bit by bit is what would be painted at once; tables with words below their rows; lines of true length."""

from __future__ import annotations

import numpy as np
import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.events import Resize
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from nnviz.tui.dialogs.dialog import DialogBox, DialogKeys
from nnviz.tui.widgets.fields import ArgumentFields, Field
from nnviz.tui.widgets.matrices import Matrices, Paragraph
from nnviz.tui.widgets.panel import Panel
from nnviz.tui.widgets.row_view import RowView
from nnviz.views.stop import Matrix
from tests.tui.conftest import ready, running, until

KEYS = (
    *"jjjkkyudU1234nnpp+-vJKfPb",
    *("down", "up", "left", "right", "home", "end", "escape", "ctrl+home", "pagedown"),
)
LONG = 40
"""Keys in a row."""


def painted(screen: Screen[object]) -> list[Strip]:
    """The screen, from the lines that were kept."""
    return [strip.simplify() for strip in screen._compositor.render_strips()]


def anew(screen: Screen[object]) -> list[Strip]:
    """The screen with every line painted anew."""
    for widget in screen.walk_children(Widget):
        widget._styles_cache.clear()
    return painted(screen)


async def settled(pilot: Pilot[None]) -> None:
    """Until nothing is left to paint, on the screens below a dialog either."""
    screens = pilot.app.screen_stack
    await until(pilot, lambda: not any(s._dirty_widgets or s._layout_required or s._callbacks for s in screens))


@pytest.mark.parametrize(
    ("seed", "size"),
    [
        (2, (80, 24)), pytest.param(1, (120, 40), marks=pytest.mark.long), pytest.param(0, (120, 40), marks=pytest.mark.long),
        *[pytest.param(seed, (200, 60), marks=pytest.mark.long) for seed in range(3, 6)],
    ],
)  # fmt: skip
@pytest.mark.long
async def test_what_is_painted_bit_by_bit_is_what_is_painted_at_once(seed: int, size: tuple[int, int]) -> None:
    keys = np.random.default_rng(seed).choice(KEYS, LONG).tolist()
    async with running(size=size) as pilot:
        screen = await ready(pilot)
        for number, key in enumerate(keys):
            await pilot.press(key)
            await settled(pilot)
            kept = painted(screen)
            assert kept == anew(screen), f"after {keys[: number + 1]}"
            lit = [panel for panel in screen.query(Panel) if panel.frame.lit]
            assert lit == [panel for panel in screen.query(Panel) if panel.has_focus or panel.has_focus_within]


SIZES = [(121, 41), (60, 20), (81, 24), (160, 50)]
"""A little larger, much smaller, hardly larger, and as wide as everything has room."""
ALL_SIZES = [(120, 40), (121, 41), (80, 24), (60, 20), (81, 24), (200, 60), (199, 59), (100, 30)]


def all_anew(pilot: Pilot[None]) -> list[Strip]:
    """The screen with those below it painted anew."""
    for screen in pilot.app.screen_stack:
        anew(screen)
    return painted(pilot.app.screen)


ALL_KEYS = [("e",), ("o",), ("a",), ("question_mark",), ("n", "n", "enter"), ("o", "enter")]
"""What opens each kind of dialog, and one that stands on another."""


@pytest.mark.parametrize(
    ("keys", "sizes"),
    [(("o", "enter"), SIZES), *[pytest.param(k, ALL_SIZES, marks=pytest.mark.long) for k in ALL_KEYS]],
)
@pytest.mark.long
async def test_dialogs_follow_the_terminal(keys: tuple[str, ...], sizes: list[tuple[int, int]]) -> None:
    async with running(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press(*keys)
        for size in sizes:
            await pilot.resize_terminal(*size)
            await settled(pilot)
            kept = painted(pilot.app.screen)
            assert [strip.cell_length for strip in kept] == [size[0]] * size[1]
            assert kept == all_anew(pilot), size


@pytest.mark.parametrize(
    "keys", [("o",), *[pytest.param(keys, marks=pytest.mark.long) for keys in (("o", "enter"), ("e", "ctrl+p"))]]
)
@pytest.mark.long
async def test_what_lies_below_dialogs_is_seen_as_it_is(keys: tuple[str, ...]) -> None:
    async with running(size=(120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.press(*keys)
        before = painted(pilot.app.screen)
        screen.query_one("#stack-table", RowView).move_cursor(5)
        await settled(pilot)
        await until(pilot, lambda: painted(pilot.app.screen) != before)
        await settled(pilot)
        assert painted(pilot.app.screen) == all_anew(pilot)
        screen.app.theme = "nord"
        await until(pilot, lambda: painted(pilot.app.screen) == all_anew(pilot))


@pytest.mark.long
async def test_the_field_in_focus_stays_in_view_when_the_terminal_shrinks() -> None:
    async with running(size=(150, 20)) as pilot:
        await ready(pilot)
        await pilot.press("e", "tab")
        form = pilot.app.screen
        await pilot.resize_terminal(40, 12)
        field = form.focused.parent  # type: ignore[union-attr]
        assert isinstance(field, Field)
        await until(pilot, lambda: form.query_one(ArgumentFields).region.contains_region(field.region))


@pytest.mark.long
async def test_fields_scroll_inside_their_box_and_show_what_is_wrong_with_them() -> None:
    async with running(size=(60, 20)) as pilot:
        await ready(pilot)
        await pilot.press("a", *"conv2d", "enter")
        form = pilot.app.screen
        box = form.query_one(DialogBox).region
        for _ in form.query(Field):
            await pilot.press("x", "tab")
        for field in form.query(Field):
            form.set_focus(field.query("*").first(Widget))
            await settled(pilot)
            await until(pilot, lambda field=field: form.query_one(ArgumentFields).region.contains_region(field.region))
        for part in (form.query_one("#preview"), form.query_one(DialogKeys)):
            assert box.contains_region(part.region)
        wrong = [field for field in form.query(Field) if field.has_class("-wrong")]
        assert len(wrong) == 5
        tall = wrong[0].size.height
        form.set_focus(wrong[0].query("*").first(Widget))
        await pilot.press("end", "backspace", "3")
        await until(pilot, lambda: not wrong[0].has_class("-wrong") and wrong[0].size.height < tall)


@pytest.mark.parametrize("keys", [(), pytest.param(("e",), marks=pytest.mark.long)])
async def test_a_size_that_is_no_longer_so_never_takes_the_place_of_a_newer_one(keys: tuple[str, ...]) -> None:
    async with running(size=(120, 40)) as pilot:
        await ready(pilot)
        await pilot.press(*keys)
        screen = pilot.app.screen
        await pilot.resize_terminal(100, 30)
        # As when a screen hears of the size it was just laid out for after that of the terminal has changed again.
        for old in (Size(120, 40), Size(60, 20)):
            screen.post_message(Resize(old, old))
            await pilot.pause()
            await settled(pilot)
            assert screen._compositor.size == Size(100, 30)


@pytest.mark.parametrize(
    "keys", [pytest.param(("o", "enter"), marks=pytest.mark.long), ("o", "ctrl+p")], ids=["list", "palette"]
)
@pytest.mark.long
async def test_a_dialog_seen_again_while_the_terminal_grows_covers_all_of_it(keys: tuple[str, ...]) -> None:
    async with running(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press(*keys)
        app, (_, dialog, above) = pilot.app, pilot.app.screen_stack
        # The program knows the new size some milliseconds before its screens hear of it; what stands above closes then.
        size = Size(200, 60)
        await app._on_resize(Resize(size, size))
        assert app._resize_timer is not None
        app._resize_timer.pause()
        above.dismiss(None)
        await until(
            pilot, lambda: app.screen is dialog and dialog._compositor.size == size and not dialog._dirty_widgets
        )
        assert app._resize_event is not None
        assert [strip.cell_length for strip in painted(dialog)] == [size.width] * size.height
        app._check_resize()
        await settled(pilot)
        assert painted(dialog) == all_anew(pilot)


@pytest.mark.parametrize("size", [(1, 9), (3, 12), (6, 12), (13, 20), (40, 6), (40, 1), (120, 40)])
async def test_the_lines_of_matrices_are_as_wide_as_they_say(size: tuple[int, int]) -> None:
    class Pictures(App[None]):
        def compose(self) -> ComposeResult:
            yield Matrices()

    array = np.linspace(-2, 2, 60).reshape(5, 12)
    async with Pictures().run_test(size=size) as pilot:
        matrices = pilot.app.query_one(Matrices)
        for chosen in ((0, 0), (4, 11)):
            drawn = [Matrix("input 界 ê", array, chosen, open=True), Matrix("upstream", array.T, None)]
            matrices.show(drawn, [Paragraph("words with 界 in them, and more", 1, 3)])
            await pilot.pause()
            for y in range(matrices.size.height):
                strip = matrices.render_line(y)
                assert cell_len(strip.text) == strip.cell_length == matrices.size.width
