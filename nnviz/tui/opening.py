"""The first picture: the rows of the stack alone, while the rest of the program is still being imported."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget

from nnviz.network import Network
from nnviz.tui.dialogs.resize import ResizableScreen
from nnviz.tui.patches import PlainMaximized, SeenThrough, SparingScreen
from nnviz.tui.widgets.layer_list import LayerList
from nnviz.views.stack_rows import network_view


class PanelScreen(ResizableScreen[None], PlainMaximized, SeenThrough[None], SparingScreen[None]):
    """A screen of panels, arranged by its size."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-broad"), (180, "-huge")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (34, "-tall")]
    # Textual repaints the whole screen whenever the focus moves; the two widgets repaint themselves.
    focused = Reactive[Widget | None](None, repaint=False)


def size_classes(size: Size) -> tuple[str, str]:
    """The classes of a panel screen of this size, for its first picture; later Textual exchanges them."""
    bounds = PanelScreen.HORIZONTAL_BREAKPOINTS, PanelScreen.VERTICAL_BREAKPOINTS
    (_, wide), (_, high) = (max(one for one in some if one[0] <= most) for some, most in zip(bounds, size, strict=True))
    return wide, high


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
        """Compose the rows where the main screen has it."""
        self.add_class(*size_classes(self.app.size), update=False)
        with Horizontal(id="panels"), Vertical(id="stack", classes="opening") as frame:
            frame.border_title = "1 Stack"
            yield LayerList()

    def on_mount(self) -> None:
        """Draw the rows."""
        rows, found = self.query_one(LayerList), network_view(self._network, 1)
        rows.show(found)
        self.query_one("#stack").border_subtitle = found.total
        rows.focus()
        self.call_after_refresh(self.post_message, self.Painted())
