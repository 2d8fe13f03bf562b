"""The first picture: the stack alone, while the rest of the program is still being imported."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget

from nnviz.network import Network
from nnviz.tui.dialogs.fitting import FittingScreen
from nnviz.tui.keymap import Keys
from nnviz.tui.panels.stack import StackPanel
from nnviz.tui.patches import PlainMaximized
from nnviz.tui.widgets.panel import Panel
from nnviz.views.stack import network_view


class PanelScreen(FittingScreen[None], PlainMaximized):
    """A screen of panels, laid out by the room there is."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]
    # Textual's own paints the whole screen anew whenever another widget takes the focus; those two do that themselves.
    focused = Reactive[Widget | None](None, repaint=False)

    def watch_focused(self, focused: Widget | None) -> None:
        """Light up the panel in focus."""
        for panel in self.query(Panel):
            panel.light(focused is not None and (panel is focused or panel in focused.ancestors))


class OpeningScreen(PanelScreen):
    """What a newcomer looks at first. The main screen takes its place once this is painted.

    Args:
        network: what is opened.
        keys: the keys of the commands.
    """

    class Painted(Message):
        """The first picture is on the screen."""

    def __init__(self, network: Network, keys: Keys) -> None:
        super().__init__()
        self._network = network
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The stack where the main screen has it."""
        with Container(id="panels"):
            yield StackPanel(self._keys)

    def on_mount(self) -> None:
        """Show the stack."""
        panel = self.query_one(StackPanel)
        panel.paint(network_view(self._network, 1))
        panel.table.focus()
        self.call_after_refresh(self.post_message, self.Painted())
