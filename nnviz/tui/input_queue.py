"""Keys and clicks, one after the other: each is obeyed where the one before it has led.

Textual hands a key to whoever has the focus at that moment. Of keys that come close on each other, as when a terminal
is busy or a text is pasted, the second would go to the screen on which the first is just opening a dialog.
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

REST, PAUSE = 0.1, 2.0
"""Seconds without a key or a click after which the next is not expected at once, and not for a while."""

PATIENCE = 0.5
"""Seconds after which the next one is obeyed although the one before is still at work."""


class InputQueue:
    """What the user did, in its order.

    Args:
        app: whose user.
        deliver: hands one to the app.
    """

    def __init__(self, app: App[None], deliver: Callable[[InputEvent], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._waiting: deque[InputEvent] = deque()
        self._busy = True
        self._rests: list[asyncio.TimerHandle] = []

    def open(self) -> None:
        """From now on they are obeyed."""
        self._busy = False
        self._go_on()

    def wants(self, event: InputEvent) -> bool:
        """Whether an event is to wait its turn: every key is, and what comes after a key."""
        return self._busy or isinstance(event, Key)

    def put(self, event: InputEvent) -> None:
        """Another one."""
        for rest in self._rests:
            rest.cancel()
        self._waiting.extend(_apart(event))
        self._go_on()

    def _go_on(self) -> None:
        if not self._busy and self._waiting:
            self._busy = True
            self._app.run_worker(self._obey())

    async def _obey(self) -> None:
        # Where the program ends there is no screen any more, and nothing to obey.
        try:
            while self._waiting and self._app.is_running:
                event = self._waiting.popleft()
                # A key wanders from what has the focus up to the app, and there to what it is bound to.
                way = list((self._app.focused or self._app.screen).ancestors_with_self)
                await self._deliver(event)
                if isinstance(event, Key):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(PATIENCE):
                            await self._passed(way)
        finally:
            self._busy = False
            later = asyncio.get_running_loop().call_later
            self._rests = [later(REST, collect_young), later(PAUSE, collect_all)]

    async def _passed(self, way: Sequence[MessagePump]) -> None:
        """Wait until everybody on the way has dealt with what came before, and the screen that is there then stands."""
        for pump in way:
            await _dealt(pump)
        await _dealt(self._app.screen)
        # What that screen asked of the app, such as the focus.
        await _dealt(self._app)


def _apart(event: InputEvent) -> Sequence[InputEvent]:
    """Escape and a letter close on it: a terminal writes the same for the letter with Alt, which means nothing here."""
    if isinstance(event, Key) and event.key.startswith("alt+") and event.character and event.is_printable:
        return Key("escape", "\x1b"), Key(event.character, event.character)
    return (event,)


async def _dealt(pump: MessagePump) -> None:
    done = asyncio.Event()
    if pump.call_later(done.set):
        await done.wait()
