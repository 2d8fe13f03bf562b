"""Words that cost little to repeat."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Words(Static):
    """Text that is drawn anew only when it changed, and moves its neighbours only when it takes another height.

    Textual lays the whole screen out anew whenever a Static is updated, which takes longer than a frame.
    """

    _said: Content | None = None

    def say(self, content: Content) -> None:
        """Show this."""
        if content == self._said:
            return
        self._said = content
        width, height = self.content_size
        moves = self.styles.auto_dimensions and (not width or content.get_height({}, width) != height)
        self.update(content, layout=moves)
