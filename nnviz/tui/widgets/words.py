"""Words that cost little to repeat."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from nnviz.tui.widgets.guarded import Guarded


class Words(Static, Guarded):
    """Text that is drawn anew only when it changed, and moves its neighbours only when it takes another height.

    Textual lays the whole screen out anew whenever a Static is updated, which takes longer than a frame.

    Args:
        said: what stands there at first.
    """

    def __init__(self, said: Content | None = None, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(said or "", id=id)
        self._said = said

    def say(self, content: Content) -> None:
        """Show this."""
        if content == self._said:
            return
        self._said = content
        width, height = self.content_size
        moves = self.styles.auto_dimensions and (not width or content.get_height({}, width) != height)
        self.update(content, layout=moves)
