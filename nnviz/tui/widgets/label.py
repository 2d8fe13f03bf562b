"""A label that is cheap to update with the same text."""

from __future__ import annotations

from textual.content import Content
from textual.geometry import Size
from textual.reactive import Reactive
from textual.visual import VisualType
from textual.widgets import Static

from nnviz.tui.widgets.guarded import Guarded


class StableLabel(Static, Guarded):
    """A Static that is repainted only when its content changes, and laid out only when its height changes.

    `Static.update` lays out the whole screen on every call, which takes longer than a frame.

    Args:
        content: the initial content.
    """

    # A widget that can be scrolled is laid out once more when its size has changed.
    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    def __init__(self, content: Content | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(content or "", id=id)
        self._current: VisualType | None = content

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show `content`; with `layout`, the neighbors move if its height differs."""
        if content == self._current:
            return
        before, self._current = self._current, content
        width = self.content_size.width
        # Hidden, it has no place among its neighbors; once it is shown, they are laid out in any case.
        layout = layout and self.styles.auto_dimensions and self.display
        if layout and width and isinstance(before, Content) and isinstance(content, Content):
            # Its own height is not compared: a style may limit it.
            layout = before.get_height({}, width) != content.get_height({}, width)
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
