"""The scalar computation behind one element, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.text import clean
from nnviz.tui.widgets.text_lines import TextLines


class UnfoldScreen(Dialog[None]):
    """Shows lines that scroll.

    Args:
        title: the title.
        lines: the computation.
    """

    BINDINGS = [("enter,q", "cancel", "Close")]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """Compose the lines and the keys."""
        with DialogBox(classes="unfold") as box:
            box.border_title = clean(self._title, 100)
            yield TextLines(self._lines)
            yield DialogKeys("↑ ↓ ← → scroll", ("esc close", "cancel"))
