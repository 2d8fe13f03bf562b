"""The first picture: the stack alone, while the rest of the program is still being imported."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.screen import Screen

from nnviz.network import Network, trace
from nnviz.tui.widgets.stack import StackPanel


class PanelScreen(Screen[None]):
    """A screen of panels, laid out by the room there is."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]


class OpeningScreen(PanelScreen):
    """What a newcomer looks at first. The main screen takes its place once this is painted.

    Args:
        network: what is opened.
    """

    class Painted(Message):
        """The first picture is on the screen."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    def compose(self) -> ComposeResult:
        """The stack where the main screen has it."""
        with Container(id="panels"):
            yield StackPanel(id="stack")

    def on_mount(self) -> None:
        """Show the stack."""
        panel = self.query_one(StackPanel)
        panel.show(self._network, trace(self._network), [], 1)
        panel.table.focus()
        self.call_after_refresh(self.post_message, self.Painted())
