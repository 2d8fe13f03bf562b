"""A field of colour in half blocks, two pixels a cell, with points on it."""

from __future__ import annotations

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from nnviz.tui.text import clean
from nnviz.views.heat import GLYPHS, Colour, Field, point_colours, resize

CELL = 2
"""A cell is about twice as high as wide, so that a half block is about square."""


class HeatMap(Widget):
    """A square picture as large as fits, with its range at the corners and a legend above."""

    COMPONENT_CLASSES = {"heatmap--axis"}
    DEFAULT_CSS = """
    HeatMap { height: 1fr; & > .heatmap--axis { color: $text-muted; } }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._field: Field | None = None
        self._lines: tuple[Size, list[Strip]] | None = None

    def show(self, field: Field | None) -> None:
        """Draw this field; None while there is nothing to draw."""
        self._field, self._lines = field, None
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        if self._lines is None or self._lines[0] != self.size:
            self._lines = self.size, self._draw()
        lines = self._lines[1]
        width = self.size.width
        return (
            lines[y].adjust_cell_length(width, self.rich_style)
            if y < len(lines)
            else Strip.blank(width, self.rich_style)
        )

    def _draw(self) -> list[Strip]:
        axis = self.get_component_rich_style("heatmap--axis")
        field = self._field
        # A line above for the legend, one below for the range of x.
        rows = self.size.height - 2
        columns = min(self.size.width, CELL * rows)
        rows = min(rows, (columns + 1) // CELL)
        if field is None or rows < 2 or columns < 4:
            return [Strip([Segment("no picture yet"[: self.size.width], axis)])]
        cells = self._plain(field, rows, columns) if self.app.no_color else self._coloured(field, rows, columns)
        x0, x1, y0, y1 = field.extent
        left, right = f"{x0:.1f}", f"{x1:.1f}"
        foot = f"{left}{'x'.center(max(columns - len(left) - len(right), 1))}{right}"
        lines = [Strip([Segment(clean(field.legend)[: self.size.width], axis)])]
        for row, strip in enumerate(cells):
            side = f" {y1:.1f}" if row == 0 else f" {y0:.1f}" if row == rows - 1 else " y" if row == rows // 2 else ""
            room = self.size.width - columns
            lines.append(Strip.join([strip, Strip([Segment(side[:room], axis)])]))
        return [*lines, Strip([Segment(foot, axis)])]

    def _glyphs(self, field: Field, rows: int, columns: int) -> dict[tuple[int, int], int]:
        """The class of the point in each cell that has one."""
        points = field.points
        if points is None:
            return {}
        x0, x1, y0, y1 = field.extent
        column = ((points.x - x0) / (x1 - x0) * columns).astype(int).clip(0, columns - 1)
        row = ((y1 - points.y) / (y1 - y0) * rows).astype(int).clip(0, rows - 1)
        return dict(zip(zip(row.tolist(), column.tolist(), strict=True), points.classes.tolist(), strict=True))

    def _coloured(self, field: Field, rows: int, columns: int) -> list[Strip]:
        pixels = resize(field.pixels, 2 * rows, columns)
        glyphs = self._glyphs(field, rows, columns)
        ink = point_colours(self.app.current_theme.dark)
        strips = []
        for row in range(rows):
            top, bottom = pixels[2 * row].tolist(), pixels[2 * row + 1].tolist()
            segments = []
            for column in range(columns):
                kind = glyphs.get((row, column))
                if kind is None:
                    segments.append(Segment("▀", _two(tuple(top[column]), tuple(bottom[column]))))
                else:
                    mean = tuple((a + b) // 2 for a, b in zip(top[column], bottom[column], strict=True))
                    segments.append(Segment(GLYPHS[kind % len(GLYPHS)], _two(ink[kind % len(ink)], mean, bold=True)))
            strips.append(Strip(segments, columns).simplify())
        return strips

    def _plain(self, field: Field, rows: int, columns: int) -> list[Strip]:
        """Without colours: a character for what each pixel means."""
        marks = resize(field.marks, rows, columns)
        glyphs = self._glyphs(field, rows, columns)
        strips = []
        for row in range(rows):
            line = [str(mark) for mark in marks[row]]
            for column in range(columns):
                kind = glyphs.get((row, column))
                if kind is not None:
                    line[column] = GLYPHS[kind % len(GLYPHS)]
            strips.append(Strip([Segment("".join(line), self.rich_style)], columns))
        return strips


_styles: dict[tuple[Colour, Colour, bool], Style] = {}


def _two(front: Colour, back: Colour, bold: bool = False) -> Style:
    """The style of these two colours, made once: a picture has few, and making one is slow."""
    key = (front, back, bold)
    if key not in _styles:
        if len(_styles) > 20_000:
            _styles.clear()
        _styles[key] = Style(color=Color.from_rgb(*front), bgcolor=Color.from_rgb(*back), bold=bold)
    return _styles[key]
