"""When a program under test has dealt with all it was given: read from its event loop, not from the clock.

Textual's pilot takes a program for idle that has used little processor time in the last 20 ms. On a loaded machine that
holds of a program that was not given the processor, so the test goes on too soon; on a quiet one every key costs 40 ms.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from time import monotonic

import pytest
from textual._context import active_app

LONGEST = 1.0
"""Seconds after which a program that never comes to an end, as when it trains, is left alone; the pilot's own bound."""
SLICE = 0.001
"""Seconds for a timer, a thread or another process to be heard."""


def at_work() -> bool:
    """Whether the program has a worker under way, a size to take or something left to draw."""
    app = active_app.get()
    if not app.screen_stack:
        return False
    screen = app.screen
    drawing = (screen._dirty_widgets, screen._layout_required, screen._repaint_required, screen._recompose_required)
    waiting = (screen._callbacks, screen._scroll_required, app._resize_event)
    return any(map(bool, (*drawing, *waiting))) or any(worker.is_running for worker in app.workers)


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = LONGEST) -> None:
    """Until no message is on its way, no worker runs and the screen is drawn."""
    loop = asyncio.get_running_loop()
    end = monotonic() + max(min_sleep, max_sleep)
    while monotonic() < end:
        # Whoever is resumed after this stands last in the loop's row of what is ready: where the row is empty then,
        # only time, a thread or another process can bring something new.
        await asyncio.sleep(0)
        if loop._ready:  # type: ignore[attr-defined]
            continue
        if not at_work():
            return
        await asyncio.sleep(SLICE)


@pytest.fixture(autouse=True, scope="session")
def idle_by_events() -> Iterator[None]:
    """The pilot waits as said here."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("app", "pilot"):
            patch.setattr(f"textual.{module}.wait_for_idle", wait_for_idle)
        yield
