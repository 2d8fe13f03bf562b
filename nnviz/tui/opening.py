"""The first picture: the rows of the stack alone, while the rest of the program is still being imported."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget

from nnviz.network import Network
from nnviz.tui.dialogs.resize import ResizableScreen
from nnviz.tui.patches import PlainMaximized, SeenThrough
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.table import TextTable
from nnviz.views import stack


class PanelScreen(ResizableScreen[None], PlainMaximized, SeenThrough[None]):
    """A screen of panels, arranged by its size."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-broad"), (180, "-huge")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]
    # Textual repaints the whole screen whenever the focus moves; the two widgets repaint themselves.
    focused = Reactive[Widget | None](None, repaint=False)


class OpeningScreen(PanelScreen):
    """The rows of the stack. The main screen, which shows them in the same place, replaces it once it is painted.

    The imports for a run, an engine and commands would take as long as all that is drawn here.

    Args:
        network: the network to show.
    """

    class Painted(Message):
        """The first picture is shown."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    def compose(self) -> ComposeResult:
        """Compose the table where the main screen has it."""
        with Horizontal(id="panels"), Vertical(id="stack", classes="opening") as frame:
            frame.border_title = "1 Stack"
            yield TextTable()

    def on_mount(self) -> None:
        """Draw the rows."""
        table = self.query_one(TextTable)
        found = stack.network_view(self._network, row=1)
        fill(table, found.table, Content(found.total))
        table.focus()
        self.call_after_refresh(self.post_message, self.Painted())
