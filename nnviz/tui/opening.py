"""The first picture: the first panel alone, while the rest of the program is still being imported."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget

from nnviz.lab import Entry, Lab
from nnviz.network import Network
from nnviz.run import Run
from nnviz.tui.dialogs.resize import ResizableScreen
from nnviz.tui.keymap import Keys
from nnviz.tui.panels import first_panel
from nnviz.tui.patches import PlainMaximized
from nnviz.tui.widgets.panel import Panel, Seen


class PanelScreen(ResizableScreen[None], PlainMaximized):
    """A screen of panels, arranged by its size."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-broad")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]
    # Textual repaints the whole screen whenever the focus moves; the two widgets repaint themselves.
    focused = Reactive[Widget | None](None, repaint=False)

    def watch_focused(self, focused: Widget | None) -> None:
        """Light the frame of the panel with the focus."""
        for panel in self.query(Panel):
            panel.frame.light(focused is not None and (panel is focused or panel in focused.ancestors))


class OpeningScreen(PanelScreen):
    """The first panel. The main screen replaces it once it is painted.

    Args:
        network: the network to show.
        keys: the keys of the commands.
    """

    class Painted(Message):
        """The first picture is shown."""

    def __init__(self, network: Network, keys: Keys) -> None:
        super().__init__()
        self._network = network
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Compose the first panel where the main screen has it."""
        with Container(id="panels"):
            yield first_panel()(self._keys)

    def on_mount(self) -> None:
        """Draw the panel."""
        panel = self.query(Panel).first()
        panel.show(Lab(Entry(Run(self._network))), Seen(), unseen=True)
        panel.main.focus()
        self.call_after_refresh(self.post_message, self.Painted())
