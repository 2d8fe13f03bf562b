"""What all panels share: a frame that lights up when the focus is within."""

from __future__ import annotations

from typing import Self

from textual.geometry import Region
from textual.widget import Widget


class Panel(Widget):
    """A panel of the main screen; it can fill the screen."""

    ALLOW_MAXIMIZE = True
    _lighting = False

    def light(self, lit: bool) -> None:
        """Light the frame up, or put it out.

        As the pseudo-class `:focus-within` would, which Textual answers by new styles for all that is within, and by
        painting all of it anew: that takes longer than a frame of the screen.
        """
        if self.has_class("-lit") is lit:
            return
        self.set_class(lit, "-lit", update=False)
        self._lighting = True
        self.app.stylesheet.apply(self)
        self._lighting = False

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paint the panel anew; of one that lights up the frame alone."""
        if self._lighting and not regions:
            regions = self._frame()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _frame(self) -> tuple[Region, ...]:
        """The four sides, as seen from the content."""
        width, height = self.outer_size
        across = (Region(0, 0, width, 1), Region(0, height - 1, width, 1))
        down = (Region(0, 0, 1, height), Region(width - 1, 0, 1, height))
        return tuple(side.translate(-self.content_offset) for side in (*across, *down))
