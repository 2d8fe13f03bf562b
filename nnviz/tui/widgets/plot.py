"""A plot as a widget."""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from nnviz.tui.plots import FIRST_SERIES, FRAME, Frame, draw
from nnviz.views.series import Series


class Plot(Widget):
    """Curves with axes and a legend, in the theme's colours. Drawn anew only when its data, size or colours change.

    Arrays count by identity: give new ones where the data change.
    """

    COMPONENT_CLASSES = {"plot--axis", "plot--first", "plot--second", "plot--third", "plot--fourth"}
    DEFAULT_CSS = """
    Plot {
        height: 1fr;
        & > .plot--axis { color: $text-muted; }
        & > .plot--first { color: $text-primary; }
        & > .plot--second { color: $text-warning; }
        & > .plot--third { color: $text-success; }
        & > .plot--fourth { color: $text-error; }
    }
    """
    _CURVES = ("plot--first", "plot--second", "plot--third", "plot--fourth")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._series: Sequence[Series] = ()
        self._frame = Frame()
        self._drawn: tuple[object, list[list[Segment]]] | None = None

    def show(self, series: Sequence[Series], frame: Frame) -> None:
        """Draw these curves."""
        if frame == self._frame and _same(series, self._series):
            return
        self._series, self._frame, self._drawn = tuple(series), frame, None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of the plot."""
        width, height = self.size
        key = (width, height, *(self._role_style(role) for role in range(FIRST_SERIES + len(self._CURVES))))
        if self._drawn is None or self._drawn[0] != key:
            self._drawn = key, draw(self._series, width, height, self._frame, self._role_style)
        lines = self._drawn[1]
        if y >= len(lines):
            return Strip.blank(width, self.rich_style)
        return Strip(lines[y]).adjust_cell_length(width, self.rich_style)

    def _role_style(self, role: int) -> Style:
        if role == 0:
            return self.rich_style
        name = "plot--axis" if role == FRAME else self._CURVES[(role - FIRST_SERIES) % len(self._CURVES)]
        return self.get_component_rich_style(name)


def _same(ones: Sequence[Series], others: Sequence[Series]) -> bool:
    """Whether they would be drawn alike."""
    return len(ones) == len(others) and all(
        a.x is b.x and a.y is b.y and (a.name, a.style) == (b.name, b.style) for a, b in zip(ones, others, strict=True)
    )
