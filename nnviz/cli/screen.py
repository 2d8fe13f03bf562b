"""The screen on a network whose weights were saved."""

from __future__ import annotations

from pathlib import Path

from nnviz import tui
from nnviz.files.opened import Opened
from nnviz.lab.files import begin_with
from nnviz.tui.app import NnvizApp
from nnviz.tui.main import MainScreen


class OpenedApp(NnvizApp):
    """The program on an opened model.

    Args:
        opened: the model; its weights, if there are any, are those that training starts with.
    """

    # Textual would look for the files beside this one.
    CSS_PATH = [Path(tui.__file__).parent / name for name in ("app.tcss", "opening.tcss")]

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened.network)
        self._opened: Opened | None = opened

    def on_main_screen_ready(self) -> None:
        """Open the saved state; the base class handles the queued input after that."""
        opened, self._opened = self._opened, None
        if opened is not None and isinstance(self.screen, MainScreen):
            self.screen.do(begin_with, opened)
