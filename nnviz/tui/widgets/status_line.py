"""The line on top of the screen: data and optimizer, where the run stands, losses and accuracies."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content

from nnviz.tui.text import clean
from nnviz.tui.widgets.label import EdgeLine
from nnviz.views.status import StatusView

GAP = 3
"""Columns between two groups, at least."""


class StatusLine(EdgeLine):
    """Three groups of words: at the left, in the middle and at the right, as many of them as there is room for."""

    DEFAULT_CSS = "StatusLine { dock: top; }"

    def __init__(self) -> None:
        super().__init__(id="status")
        self._status: StatusView | None = None

    def show(self, status: StatusView) -> None:
        """Show this status."""
        self._status = status
        # Without the padding at both ends.
        width = max(self.app.size.width - 2, 0)
        left, middle, right = (
            clean(" · ".join(group), width) for group in status.fitted(width, gap=GAP, between=len(" · "))
        )
        room = max(width - sum(map(cell_len, (left, middle, right))), 0)
        # The middle group is in the middle of the line, unless its neighbors need the room.
        before = min(max((width - cell_len(middle)) // 2 - cell_len(left), GAP if left else 0), max(room - GAP, 0))
        spaces = " " * before, " " * (room - before)
        bold = Content.styled(middle + spaces[1], "bold")
        self.update(Content.assemble(left + spaces[0], bold, right), layout=False)

    def on_resize(self) -> None:
        """Fit into the new width."""
        if self._status is not None:
            self.show(self._status)
