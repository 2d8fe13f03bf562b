"""Terminals too small for what would stand there: nothing is drawn then, and nothing ends the program."""

from __future__ import annotations

import pytest

from nnviz.tui.dialogs.dialog import Dialog
from tests.tui.conftest import ready, running

SIZES = [(80, 4), (1, 24), (80, 2), (6, 24), (3, 3)]


@pytest.mark.parametrize("opens", ["a", *[pytest.param(key, marks=pytest.mark.long) for key in ("ctrl+p", "F")]])
@pytest.mark.long
async def test_lists_have_room_or_show_nothing(opens: str) -> None:
    async with running(size=(120, 40)) as pilot:
        await ready(pilot)
        if opens == "F":
            await pilot.press("j", "d")
        await pilot.press(opens)
        await pilot.pause()
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.press("pagedown", "pageup", "down", "end")
        assert pilot.app._exception is None
        await pilot.press("escape", "escape")
        # Opened where there is no room.
        for size in SIZES[:2]:
            await pilot.resize_terminal(*size)
            await pilot.press(opens, "pagedown", "down", "pageup", "l", "pagedown", "escape", "escape")
        assert pilot.app._exception is None


@pytest.mark.parametrize(
    "size", [(20, 1), *[pytest.param(size, marks=pytest.mark.long) for size in ((1, 5), (1, 1))]], ids=str
)
@pytest.mark.long
async def test_dialogs_open_where_not_even_their_frame_has_room(size: tuple[int, int]) -> None:
    async with running(size=size) as pilot:
        screen = await ready(pilot)
        for key in ("o", "a", "e", "ctrl+n", "question_mark"):
            await pilot.press(key)
            assert isinstance(pilot.app.screen, Dialog), key
            await pilot.press("escape")
            assert pilot.app.screen is screen, key
