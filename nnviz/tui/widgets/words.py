"""The place for words at the foot of a page, which hides nothing above it."""

from __future__ import annotations

from textual.content import Content

from nnviz.tui.widgets.guarded import Guarded

WHY = "why, and what to do"
"""What the words of the stack are about."""

SHARE = 0.4
"""Share of the page's height that the words may take, with their divider."""

LEAST, LEFT = 3, 4
"""Lines that they may always take, where as many as the second number are left for what is above."""


class Words(Guarded):
    """A divider with a title, and words below it. What has no room is counted in the last line.

    Args:
        title: the title of the divider.
        more: how the rest of the words is found.

    Attributes:
        content: the words.
    """

    DEFAULT_CSS = "Words { height: 0; }"

    def __init__(self, title: str, more: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._title = title
        self._more = more
        self.content = Content()

    def show(self, content: Content, page: tuple[int, int], above: int) -> None:
        """Show these words on a page, and take as much of it as they need.

        Args:
            content: the words.
            page: its width and height.
            above: how many lines what stands above the words has: what it leaves free is theirs.
        """
        shown_on = (*page, above)
        if content.is_same(self.content) and self.styles.height is not None and self._shown_on == shown_on:
            return
        self.content, self._shown_on = content, shown_on
        width, height = page
        room = max(min(max(int(SHARE * height), LEAST, height - above), height - LEFT), 0)
        lines = len(content.wrap(width)) + 1 if content and width else 0
        needed = min(lines, room) if room >= 2 else 0
        if self.styles.height is None or self.styles.height.value != needed:
            self.styles.height = needed
        self.refresh()

    _shown_on: tuple[int, int, int] | None = None

    def render(self) -> Content:
        """Render the divider and as many of the words as there is room for."""
        width, height = self.size
        title = f"── {self._title} "[:width]
        divider = Content.styled(title + "─" * (width - len(title)), "$foreground 60%")
        lines = self.content.wrap(width) if width else []
        if len(lines) > height - 1:
            rest = f"… {len(lines) - height + 2} more lines: {self._more}"
            lines = [*lines[: max(height - 2, 0)], Content.styled(rest[:width], "$foreground 60%")]
        return Content("\n").join([divider, *lines])
