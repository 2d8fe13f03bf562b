"""The app: a table of contents."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable
from functools import partial

from textual.app import App, SystemCommand
from textual.screen import Screen

from nnviz.network import Network
from nnviz.tui.commands import COMMANDS
from nnviz.tui.config import read_config
from nnviz.tui.screens.main import MainScreen

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end the program; the terminal is put in order first."""


class NnvizApp(App[None]):
    """nnviz.

    Args:
        network: what to open on; the opening network where left out.
    """

    TITLE = "nnviz"
    CSS_PATH = ["app.tcss", "screens/main.tcss", "screens/dialog.tcss"]

    def __init__(self, network: Network | None = None) -> None:
        super().__init__()
        self._opening = network

    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        return MainScreen(self._opening)

    def on_mount(self) -> None:
        """Listen to signals, and take the user's own keys and theme."""
        loop = asyncio.get_running_loop()
        for number in ENDING:
            loop.add_signal_handler(number, partial(self.exit, return_code=128 + number))
        config = read_config(self.available_themes)
        self.set_keymap(config.keys)
        if config.theme:
            self.theme = config.theme
        for trouble in config.troubles:
            self.notify(trouble, severity="warning", markup=False)

    def get_system_commands(self, screen: Screen[None]) -> Iterable[SystemCommand]:
        """Every command, then Textual's own."""
        if isinstance(screen, MainScreen):
            for command in COMMANDS:
                run = partial(screen.run_action, command.action or command.id)
                yield SystemCommand(command.about.capitalize(), f"key {command.shown}", run)
        yield from super().get_system_commands(screen)
