"""A label that is cheap to update with the same text."""

from __future__ import annotations

from textual.content import Content
from textual.visual import VisualType
from textual.widgets import Static

from nnviz.tui.widgets.guarded import Guarded


class StableLabel(Static, Guarded):
    """A Static that is repainted only when its content changes, and laid out only when its height changes.

    `Static.update` lays out the whole screen on every call, which takes longer than a frame.

    Args:
        content: the initial content.
    """

    def __init__(self, content: Content | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(content or "", id=id)
        self._current: VisualType | None = content

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show `content`; with `layout`, the neighbors move if its height differs."""
        if content == self._current:
            return
        self._current = content
        width, height = self.content_size
        layout = layout and self.styles.auto_dimensions
        if layout and width and isinstance(content, Content):
            layout = content.get_height({}, width) != height
        super().update(content, layout=layout)


class EdgeLine(StableLabel):
    """A line at an edge of the screen, in the colors of a footer."""

    DEFAULT_CSS = """
    EdgeLine {
        height: 1;
        padding: 0 1;
        color: $footer-description-foreground;
        background: $footer-background;
        text-wrap: nowrap;
    }
    """
