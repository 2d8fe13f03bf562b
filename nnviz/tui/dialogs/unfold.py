"""The scalar computation behind one element, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.text import clean
from nnviz.tui.widgets.text_lines import TextLines


class UnfoldScreen(Dialog[None]):
    """Lines that scroll.

    Args:
        title: what is unfolded.
        lines: the computation.
    """

    BINDINGS = [("enter,q", "cancel", "Close")]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines

    def compose(self) -> ComposeResult:
        """The lines."""
        with DialogBox(classes="unfold") as box:
            box.border_title = clean(self._title, 100)
            yield TextLines(self._lines)
            yield DialogKeys("↑ ↓ ← → scroll", ("esc close", "cancel"))
