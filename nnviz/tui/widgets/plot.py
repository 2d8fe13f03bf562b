"""A plot as a widget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from nnviz.tui.text import clean
from nnviz.tui.widgets.guarded import Guarded
from nnviz.views import chart
from nnviz.views.series import Frame, Series


class Plot(Guarded):
    """Curves with axes and names, in the theme's colors. Drawn again only when its data, size or colors change.

    Arrays are compared by identity: pass new ones when the data change.
    """

    COMPONENT_CLASSES = {
        "plot--axis", "plot--mark",
        "plot--first", "plot--second", "plot--third", "plot--fourth",
        "plot--first-band", "plot--second-band", "plot--third-band", "plot--fourth-band",
    }  # fmt: skip
    DEFAULT_CSS = """
    Plot {
        height: 1fr;
        & > .plot--axis { color: $text-muted; }
        & > .plot--mark { color: $foreground 70%; }
        & > .plot--first { color: $foreground; }
        & > .plot--first-band { color: $foreground 35%; }
        & > .plot--second { color: $text-success; }
        & > .plot--second-band { color: $text-success 40%; }
        & > .plot--third { color: #c792ea; }
        & > .plot--third-band { color: #c792ea 40%; }
        & > .plot--fourth { color: $text-error; }
        & > .plot--fourth-band { color: $text-error 40%; }
        &:light {
            & > .plot--third { color: #7b3fa0; }
            & > .plot--third-band { color: #7b3fa0 40%; }
        }
        &:ansi {
            & > .plot--third, & > .plot--third-band { color: ansi_magenta; }
            & > .plot--axis, & > .plot--mark { text-style: dim; }
            & > .plot--first-band, & > .plot--second-band { text-style: dim; }
            & > .plot--third-band, & > .plot--fourth-band { text-style: dim; }
        }
    }
    """
    _CURVES = ("plot--first", "plot--second", "plot--third", "plot--fourth")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._series: Sequence[Series] = ()
        self._frame = Frame()
        self._drawn: tuple[Size, list[Strip]] | None = None

    def show(self, series: Sequence[Series], frame: Frame) -> None:
        """Draw these curves."""
        if frame == self._frame and _same(series, self._series):
            return
        self._series, self._frame, self._drawn = tuple(series), frame, None
        self.refresh()

    def x_at(self, column: int) -> float | None:
        """The x that the middle of a column of cells stands for; None beside the curves."""
        place = chart.geometry(self._series, self.size.width, self.size.height, self._frame)
        if place is None or not 0 <= column - place.left < place.columns:
            return None
        return float(place.x.value(column - place.left + 0.5))

    def notify_style_update(self) -> None:
        """The styles have changed."""
        super().notify_style_update()
        self._drawn = None

    def render_line(self, y: int) -> Strip:
        """One row of the plot."""
        if self._drawn is None or self._drawn[0] != self.size:
            self._drawn = self.size, self._draw()
        lines = self._drawn[1]
        return lines[y] if y < len(lines) else Strip.blank(self.size.width)

    def _draw(self) -> list[Strip]:
        """All rows. Styles are looked up once, because Textual computes them from all ancestors on every access."""
        width, height = self.size
        plain = self.rich_style
        style = cache(lambda role: self._role_style(role) if role else plain)
        lines = draw(self._series, width, height, self._frame, style)
        drawn = [Strip(line).adjust_cell_length(width, plain) for line in lines[:height]]
        return drawn + [Strip.blank(width, plain)] * (height - len(drawn))

    def _role_style(self, role: int) -> Style:
        if role in (chart.AXIS, chart.MARK):
            return self.get_component_rich_style("plot--axis" if role == chart.AXIS else "plot--mark")
        number, band = chart.series_of(role)
        color = self._series[number].color if number < len(self._series) else None
        name = self._CURVES[(number if color is None else color) % len(self._CURVES)]
        return self.get_component_rich_style(f"{name}-band" if band else name)


def draw(
    series: Sequence[Series], width: int, height: int, frame: Frame, style: Callable[[int], Style]
) -> list[list[Segment]]:
    """The lines of a plot, with names that are safe for the screen.

    Args:
        series, width, height, frame: as for `chart.draw`.
        style: the style of a role of `chart`.
    """
    series = [replace(one, name=clean(one.name, chart.LONGEST)) for one in series]
    frame = replace(
        frame,
        title=clean(frame.title, chart.LONGEST),
        x_label=clean(frame.x_label, chart.LONGEST),
        empty=clean(frame.empty, width),
        marks=tuple(replace(mark, words=clean(mark.words)) for mark in frame.marks),
    )
    lines = chart.draw(series, width, height, frame)
    return [[Segment(text, style(role)) for text, role in line] for line in lines]


def _same(ones: Sequence[Series], others: Sequence[Series]) -> bool:
    """Whether both look the same."""
    return len(ones) == len(others) and all(
        a.x is b.x and a.y is b.y and (a.name, a.style, a.averaged, a.color) == (b.name, b.style, b.averaged, b.color)
        for a, b in zip(ones, others, strict=True)
    )
