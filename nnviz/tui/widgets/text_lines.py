"""Lines of plain text that scroll; only those in view are rendered."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nnviz.tui.text import clean
from nnviz.tui.widgets.guarded import Guarded


class TextLines(ScrollView, Guarded, can_focus=True):
    """Scrollable lines of text.

    Args:
        lines: the text, one entry per line.
    """

    DEFAULT_CSS = "TextLines { height: 1fr; background: transparent; }"

    def __init__(self, lines: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines = [clean(line, 400) for line in lines]
        self.virtual_size = Size(max(map(cell_len, self._lines), default=0), len(self._lines))

    def render_line(self, y: int) -> Strip:
        """Render one line."""
        x, top = self.scroll_offset
        width = self.size.width
        if top + y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        strip = Strip([Segment(self._lines[top + y], self.rich_style)])
        return strip.extend_cell_length(x + width, self.rich_style).crop(x, x + width)
