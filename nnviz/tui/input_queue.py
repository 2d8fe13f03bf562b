"""Keys and clicks, handled one after the other.

Textual passes a key to the widget with the focus at that moment. If keys arrive in quick succession, as from a busy
terminal or a paste, the second would go to the screen on which the first is still opening a dialog.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from textual.app import App
from textual.events import InputEvent, Key
from textual.message_pump import MessagePump

from nnviz.tui.gc_policy import collect_all, collect_young
from nnviz.tui.precedence import precedence_of

REST, PAUSE = 0.5, 2.0
"""Seconds without input after which young garbage, and then all garbage, is collected."""

PATIENCE = 0.5
"""Seconds after which the next event is handled although the one before is still in progress."""


class InputQueue:
    """Queues keys and clicks, and delivers each after the one before it is done.

    Args:
        app: the app that handles them.
        deliver: passes one to the app.
    """

    def __init__(self, app: App[None], deliver: Callable[[InputEvent], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._precedence = precedence_of(app)
        self._waiting: deque[InputEvent] = deque()
        self._busy = True
        self._rests: list[asyncio.TimerHandle] = []

    def open(self) -> None:
        """Start to deliver."""
        self._busy = False
        self._go_on()

    def wants(self, event: InputEvent) -> bool:
        """Whether an event has to be queued: every key has, and whatever comes while one is handled."""
        return self._busy or isinstance(event, Key)

    def put(self, event: InputEvent) -> None:
        """Add an event."""
        if isinstance(event, Key):
            self._precedence.claim()
        for rest in self._rests:
            rest.cancel()
        self._waiting.extend(_apart(event))
        self._go_on()

    def _go_on(self) -> None:
        if not self._busy and self._waiting:
            self._busy = True
            self._app.run_worker(self._obey())

    async def _obey(self) -> None:
        # A program that ends has no screen any more.
        try:
            while self._waiting and self._app.is_running:
                event = self._waiting.popleft()
                # A key bubbles from the focused widget up to the app, and from there to its action.
                way = list((self._app.focused or self._app.screen).ancestors_with_self)
                await self._deliver(event)
                if isinstance(event, Key):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(PATIENCE):
                            await self._passed(way)
        finally:
            self._busy = False
            self._precedence.release()
            later = asyncio.get_running_loop().call_later
            self._rests = [later(REST, collect_young), later(PAUSE, collect_all)]

    async def _passed(self, way: Sequence[MessagePump]) -> None:
        """Wait until every message pump on the way and the screen that is shown then have handled their messages."""
        for pump in way:
            await _dealt(pump)
        await _dealt(self._app.screen)
        # What the screen has asked of the app, such as the focus.
        await _dealt(self._app)


def _apart(event: InputEvent) -> Sequence[InputEvent]:
    """Split a letter with Alt, which has no binding, into Escape and the letter: terminals send the same for both."""
    if isinstance(event, Key) and event.key.startswith("alt+") and event.character and event.is_printable:
        return Key("escape", "\x1b"), Key(event.character, event.character)
    return (event,)


async def _dealt(pump: MessagePump) -> None:
    done = asyncio.Event()
    if pump.call_later(done.set):
        await done.wait()
