"""Terminals too small for what would stand there: nothing is drawn then, and nothing ends the program."""

from __future__ import annotations

import pytest

from tests.tui.conftest import ready, running

SIZES = [(80, 4), (1, 24), (80, 2), (6, 24), (3, 3)]


@pytest.mark.parametrize("opens", ["a", *[pytest.param(key, marks=pytest.mark.long) for key in ("ctrl+p", "F")]])
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
