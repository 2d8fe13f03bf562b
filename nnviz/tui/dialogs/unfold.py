"""The scalar computation behind one element, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.events import Resize

from nnviz.tui.dialogs.dialog import Dialog, DialogBox, DialogKeys
from nnviz.tui.text import clean
from nnviz.tui.widgets.text_lines import TextLines

WIDTH = 110
"""Columns of the box."""


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

    def on_mount(self) -> None:
        """Make the box as high as its lines."""
        self._fit()

    def on_resize(self, _event: Resize) -> None:
        """Make the box as high as its lines, if the terminal is."""
        self._fit()

    def _fit(self) -> None:
        lines = self.query_one(TextLines)
        size = lines.virtual_size
        bar = 1 if size.width > self.inner_width(WIDTH) else 0
        lines.styles.height = min(max(size.height, 1) + bar, self.room(WIDTH))
