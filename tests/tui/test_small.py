"""Terminals too small for what would stand there: nothing is drawn then, and nothing ends the program."""

from __future__ import annotations

import pytest

from tests.tui.conftest import ready, running

KEYS = ("pagedown", "down", "pageup", "up", "end", "home", "l", "i", "pagedown", "backspace", "down", "enter")
SIZES = [(80, 4), (80, 1), (80, 2), (80, 3), (80, 5), (80, 7), (1, 1), (1, 24), (2, 24), (3, 3), (4, 24), (5, 24), (6, 24), (7, 10), (8, 24), (9, 5), (10, 24), (12, 24), (20, 5)]  # fmt: skip


@pytest.mark.parametrize("opens", ["ctrl+p", "a", "o enter", "ctrl+n", "F", "question_mark", "c", "n enter", "e"])
@pytest.mark.parametrize("first", [(120, 40), (80, 4), (5, 24)], ids=str)
async def test_lists_have_room_or_show_nothing(opens: str, first: tuple[int, int]) -> None:
    async with running(size=first) as pilot:
        await ready(pilot)
        await pilot.press("j", "d", "k") if opens in "Fc" else None
        for size in SIZES:
            await pilot.press(*opens.split())
            await pilot.press("pagedown")
            await pilot.resize_terminal(*size)
            await pilot.press(*KEYS[:6])
            await pilot.resize_terminal(*first)
            await pilot.press(*KEYS[6:], "escape", "escape")
        assert pilot.app.is_running
        assert pilot.app._exception is None
