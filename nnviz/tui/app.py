"""The app: a table of contents."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable
from functools import partial

from textual.app import App, SystemCommand
from textual.screen import Screen

from nnviz.network import Network
from nnviz.tui.commands import COMMANDS, Command
from nnviz.tui.config import read_config
from nnviz.tui.screens.main import MainScreen

WRITTEN = {"question_mark": "?", "full_stop": ".", "comma": ",", "minus": "-", "plus": "+"}
"""How a key is written where it is not by its name."""

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
        self._keys: dict[str, str] = {}

    def keys_of(self, command: Command) -> str:
        """The keys of a command as one writes them, the user's own where there are any."""
        keys = self._keys.get(command.id, command.keys).split(",")
        return " ".join(WRITTEN.get(key.strip(), key.strip()) for key in keys)

    @property
    def first_keys(self) -> dict[str, str]:
        """The first key of every command, by its id."""
        return {command.id: self.keys_of(command).split()[0] for command in COMMANDS}

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
        self._keys = config.keys
        if config.theme:
            self.theme = config.theme
        for trouble in config.troubles:
            self.notify(trouble, severity="warning", markup=False)

    def get_system_commands(self, screen: Screen[None]) -> Iterable[SystemCommand]:
        """Every command, then Textual's own."""
        if isinstance(screen, MainScreen):
            for command in COMMANDS:
                run = partial(screen.run_action, command.action or command.id)
                yield SystemCommand(command.about.capitalize(), f"key {self.keys_of(command)}", run)
        # Of Textual's own, the list of themes; the others are among ours, by our names.
        yield from (command for command in super().get_system_commands(screen) if command.title == "Theme")
