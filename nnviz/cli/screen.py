"""The screen on a network whose weights were saved."""

from __future__ import annotations

from pathlib import Path

from nnviz import tui
from nnviz.files.opened import Opened
from nnviz.lab import Lab, Result
from nnviz.lab.edits import open_run
from nnviz.lab.effects import Toast
from nnviz.tui.app import NnvizApp
from nnviz.tui.main import MainScreen
from nnviz.tui.text import clean


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
        """Open the saved weights; the base class handles the queued input after that."""
        opened, self._opened = self._opened, None
        if opened is not None and opened.weights and isinstance(self.screen, MainScreen):
            self.screen.do(lambda lab: _open(lab, opened))


def _open(lab: Lab, opened: Opened) -> Result:
    lab, effects = open_run(lab, opened.run, 1)
    words = clean("; ".join(opened.warnings), 300)
    toast = Toast(f"{words}.", severity="warning") if words else Toast("Opened with the saved weights.")
    return lab, (*effects, toast)
