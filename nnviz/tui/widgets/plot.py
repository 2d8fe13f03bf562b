"""A plot as a widget."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from time import perf_counter

from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from nnviz.tui.plots import FIRST_SERIES, FRAME, draw, is_loaded, load
from nnviz.tui.widgets.guarded import Guarded
from nnviz.views.series import Frame, Series


class Plot(Guarded):
    """Curves with axes and a legend, in the theme's colors. Drawn again only when its data, size or colors change.

    Arrays are compared by identity: pass new ones when the data change.

    Attributes:
        cost: seconds that the last drawing took.
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
        self.cost = 0.0
        self._drawn: tuple[Size, list[Strip]] | None = None

    def on_mount(self) -> None:
        """Import plotext in a thread, so that keys are handled meanwhile."""
        if not is_loaded():
            self.run_worker(self._fetch())

    async def _fetch(self) -> None:
        await asyncio.to_thread(load)
        self.refresh()

    def show(self, series: Sequence[Series], frame: Frame) -> None:
        """Draw these curves."""
        if frame == self._frame and _same(series, self._series):
            return
        self._series, self._frame, self._drawn = tuple(series), frame, None
        self.refresh()

    def notify_style_update(self) -> None:
        """The styles have changed."""
        super().notify_style_update()
        self._drawn = None

    def render_line(self, y: int) -> Strip:
        """One row of the plot."""
        if not is_loaded():
            return Strip.blank(self.size.width, self.rich_style)
        if self._drawn is None or self._drawn[0] != self.size:
            self._drawn = self.size, self._draw()
        lines = self._drawn[1]
        return lines[y] if y < len(lines) else Strip.blank(self.size.width)

    def _draw(self) -> list[Strip]:
        """All rows. Styles are looked up once, because Textual computes them from all ancestors on every access."""
        begin = perf_counter()
        width, height = self.size
        plain = self.rich_style
        style = cache(lambda role: self._role_style(role) if role else plain)
        lines = draw(self._series, width, height, self._frame, style)
        drawn = [Strip(line).adjust_cell_length(width, plain) for line in lines[:height]]
        self.cost = perf_counter() - begin
        return drawn + [Strip.blank(width, plain)] * (height - len(drawn))

    def _role_style(self, role: int) -> Style:
        name = "plot--axis" if role == FRAME else self._CURVES[(role - FIRST_SERIES) % len(self._CURVES)]
        return self.get_component_rich_style(name)


def _same(ones: Sequence[Series], others: Sequence[Series]) -> bool:
    """Whether both look the same."""
    return len(ones) == len(others) and all(
        a.x is b.x and a.y is b.y and (a.name, a.style) == (b.name, b.style) for a, b in zip(ones, others, strict=True)
    )
