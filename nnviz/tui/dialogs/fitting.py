"""What all screens share: they end up as large as the terminal, and those that are seen through one another agree."""

from __future__ import annotations

from typing import TypeVar

from textual.events import Resize
from textual.screen import Screen

Result = TypeVar("Result")


class FittingScreen(Screen[Result]):
    """A screen that hears of every size, and tells those above it when it looks different.

    Whenever it is laid out, Textual sends it the size it has got; where the terminal has become another one meanwhile,
    that message takes the place of the one with the newer size.
    """

    def below_changed(self) -> None:
        """A screen below this one looks different."""

    def _compositor_refresh(self) -> None:
        stack = self.app.screen_stack
        for screen in stack[stack.index(self) + 1 :] if self in stack else ():
            if isinstance(screen, FittingScreen):
                screen.below_changed()
        super()._compositor_refresh()

    async def _on_resize(self, event: Resize) -> None:
        size = self.app.size
        if event.size != size:
            event.stop()
            event.prevent_default()
            self.post_message(Resize(size, size))
