"""The app: a table of contents."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from textual import constants
from textual.app import App, SystemCommand
from textual.driver import Driver
from textual.events import Event, InputEvent, Paste, Resize
from textual.screen import Screen
from textual.timer import Timer

from nnviz.errors import ArgumentError
from nnviz.network import Network, opening
from nnviz.tui.config import Config, read_config
from nnviz.tui.driver import TerminalDriver
from nnviz.tui.input_queue import InputQueue
from nnviz.tui.opening import OpeningScreen
from nnviz.tui.patches import GuardedApp
from nnviz.tui.remembered import remembered
from nnviz.tui.report import in_words, where_to_report, write_report
from nnviz.tui.text import clean

if TYPE_CHECKING:
    from nnviz.tui.session import Session

PASTED = 10_000
"""Characters of a pasted text that are used; the rest is dropped."""


SAVING = 10.0
"""Seconds that the end of the program waits for what is being saved."""

SIZE_CHECK = 0.25
"""Seconds after a resize of the terminal until the size of the screens is checked."""


class NnvizApp(GuardedApp):
    """nnviz.

    Args:
        network: the network to open; the opening network if left out.

    Attributes:
        opened: set once the main screen is shown.
        left: set once the program is asked to end, for other threads.
    """

    TITLE = "nnviz"
    CSS_PATH = ["app.tcss", "opening.tcss"]

    def __init__(self, network: Network | None = None) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        self.left = threading.Event()
        self._network = network or opening()
        self._input_queue = InputQueue(self, super().on_event)
        self._main: Screen[None] | None = None
        self._session: Session | None = None
        self._size_check: Timer | None = None

    @cached_property
    def _config(self) -> Config:
        """The user's own keys and theme."""
        return read_config(self.available_themes)

    def get_driver_class(self) -> type[Driver]:
        """Our own driver, or the one that TEXTUAL_DRIVER names."""
        if not constants.DRIVER:
            return TerminalDriver
        try:
            return super().get_driver_class()
        except (AttributeError, ImportError, RuntimeError, ValueError) as error:
            raise ArgumentError(
                f"TEXTUAL_DRIVER names no driver of Textual: {error}", "unset it, unless another program shows nnviz"
            ) from error

    def get_default_screen(self) -> Screen[None]:
        """The opening screen, which the main screen replaces."""
        return OpeningScreen(self._network)

    def on_mount(self) -> None:
        """Apply the user's keys and theme."""
        config = self._config
        self.app_resume_signal.subscribe(self, self._on_back)
        self.set_keymap(config.keys)
        theme = config.theme or remembered("theme")
        if theme in self.available_themes:
            self.theme = theme
        for trouble in config.troubles:
            self.notify(trouble, severity="warning", markup=False)

    def _on_back(self, _app: App[None]) -> None:
        """Repaint after the program was suspended, because the terminal has lost the picture."""
        for screen in self.screen_stack:
            screen.refresh(layout=True)

    async def on_event(self, event: Event) -> None:
        """Queue keys and clicks; those that come before the main screen is shown wait for it."""
        if isinstance(event, Paste):
            # Fields show pasted text as it is, and a terminal would act on its control characters.
            event.text = clean(event.text, PASTED, lines=True)
        if isinstance(event, InputEvent) and not event.is_forwarded and self._input_queue.wants(event):
            self._input_queue.put(event)
        else:
            await super().on_event(event)

    def on_resize(self) -> None:
        """Check the size of the screens once the terminal keeps its own."""
        if self._size_check is not None:
            self._size_check.stop()
        self._size_check = self.set_timer(SIZE_CHECK, self._check_size)

    def _check_size(self) -> None:
        """Resize the screens of another size: Textual may lose the last of several sizes on a busy machine."""
        for screen in self.screen_stack:
            if screen.size != self.size:
                screen.post_message(Resize(self.size, self.size))

    async def on_opening_screen_painted(self) -> None:
        """The first panel is shown: import and show the rest."""
        from nnviz.tui.commands import all_commands
        from nnviz.tui.keymap import Keys
        from nnviz.tui.main import MainScreen

        keys = Keys(self._config.keys, all_commands())
        self._main = main = MainScreen(self._network, keys)
        self.add_mode("main", lambda: main)
        await self.switch_mode("main")

    def on_main_screen_ready(self) -> None:
        """Handle the queued input."""
        # Imported when there is something to offer, so that the program opens sooner.
        from nnviz.tui.main import MainScreen
        from nnviz.tui.rescue_offer import offer
        from nnviz.tui.session import Session

        self.opened.set()
        if isinstance(self.screen, MainScreen):
            self._session = Session()
            self._session.begin(self.screen.lab)
            self.screen.do(offer)
        self._input_queue.open()

    def leave(self, code: int) -> None:
        """End the program with this exit code, once training has stopped. It can be called from any thread."""
        from nnviz.tui.main import MainScreen

        if isinstance(self._main, MainScreen) and self.opened.is_set():
            self.call_later(self._main.leave, code)
        else:
            self.exit(return_code=code)

    async def action_quit(self) -> None:
        """End the program, as its own command does."""
        self.leave(0)

    def exit(self, *arguments: Any, **named: Any) -> None:
        """End the program."""
        self.left.set()
        super().exit(*arguments, **named)

    def keep_session(self) -> bool:
        """Keep the session, once what is being saved is written; whether it has what no file has. For any thread.

        Raises:
            OSError, NnvizError: it cannot be written.
        """
        from nnviz.tui.main import MainScreen

        if self._session is None or not isinstance(self._main, MainScreen):
            return False
        self._main.performer.saving.finish(SAVING)
        return self._session.keep(self._main.lab)

    def last_words(self, error: Exception) -> str:
        """Save the user's work and the full report; the sentence that is printed at the end."""
        report = where_to_report(write_report(error))
        return f"nnviz: ended by an error: {in_words(error)}. {self._rescued()}{report}"

    def _rescued(self) -> str:
        """Save the user's work; the sentence about it."""
        from nnviz.tui.main import MainScreen
        from nnviz.tui.rescue import rescue

        main = self._main
        if not isinstance(main, MainScreen):
            return ""
        entry = main.lab.present.on_stopped(main.lab.present.checkpoint)
        if entry.network == self._network and not entry.run.learned(entry.checkpoint):
            return ""
        try:
            path = rescue(entry.run, entry.checkpoint)
        except Exception as error:
            # Whatever has ended the program may be in the way of this, too.
            return f"The network could not be kept: {in_words(error)}. "
        return "The network is kept; the next start offers to open it. " if path else ""

    def action_command_palette(self) -> None:
        """Every command by name."""
        from nnviz.tui.dialogs.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        """The themes by name; each is previewed while it is highlighted."""
        from textual.theme import ThemeProvider

        from nnviz.tui.dialogs.palette import Palette

        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def get_system_commands(self, screen: Screen[None]) -> Iterable[SystemCommand]:
        """Every command, then Textual's own."""
        # Imported when it is asked for, so that the program opens sooner.
        from nnviz.tui.main import MainScreen

        if isinstance(screen, MainScreen):
            for command in screen.keys.commands:
                run = partial(screen.do, command.act)
                yield SystemCommand(command.about.capitalize(), f"key {screen.keys.of(command)}", run)
        # Of Textual's commands the list of themes; the others are among ours under other names.
        yield from (command for command in super().get_system_commands(screen) if command.title == "Theme")
