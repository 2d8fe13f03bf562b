"""Widgets of which little looks different when the focus comes or goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from textual.events import Blur, Focus
from textual.geometry import Region
from textual.widget import Widget


class Sparing(Widget):
    """A widget that paints only a part anew when the focus comes or goes.

    Textual puts together new styles for the widget and all that is within, and paints all of it: that takes longer than
    a frame of the screen. For the same reason no style may depend on `:focus` of such a widget.
    """

    _spares = False

    def turned(self) -> tuple[Region, ...]:
        """What looks different then, as seen from the content."""
        raise NotImplementedError

    @contextmanager
    def sparing(self) -> Iterator[None]:
        """Whatever asks meanwhile for all to be painted gets that part alone."""
        self._spares = True
        try:
            yield
        finally:
            self._spares = False

    def watch_has_focus(self, _has_focus: bool) -> None:
        """No styles to look for."""

    def _on_focus(self, event: Focus) -> None:
        event.prevent_default()
        with self.sparing():
            super()._on_focus(event)

    def _on_blur(self, event: Blur) -> None:
        event.prevent_default()
        with self.sparing():
            super()._on_blur(event)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paint all of it anew, or these regions."""
        if self._spares and not regions:
            regions = self.turned()
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
