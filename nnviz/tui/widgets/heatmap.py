"""A field of color in half blocks, two pixels per cell, with points on it."""

from __future__ import annotations

import numpy as np
from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from nnviz.tui.text import clean
from nnviz.tui.widgets.guarded import Guarded
from nnviz.views.contrast import Pixels, Rgb
from nnviz.views.heat import CHOSEN, GLYPHS, HOLLOW, Cell, Field, Points, Scale, cells_of, resize, smooth

CELL = 2
"""A cell is about twice as high as wide, so that a half block is about square."""

GAP = 2
"""Columns between two parts of the legend, and between the legend and the picture."""

BAR, UPRIGHT = 10, 4
"""Columns of the bar that shows a scale, and its rows where it is upright."""

Entry = list[Segment]
"""A part of the legend."""


class HeatMap(Guarded):
    """A square picture as large as fits, with its range at the corners, and a legend beside or above.

    Attributes:
        picture: where the picture itself stands, without legend and axes.
    """

    COMPONENT_CLASSES = {"heatmap--axis"}
    DEFAULT_CSS = """
    HeatMap { height: 1fr; & > .heatmap--axis { color: $text-muted; } }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._field: Field | None = None
        self.picture = Region()
        self._lines: tuple[Size, list[Strip]] | None = None

    def show(self, field: Field | None) -> None:
        """Draw this field; None if there is nothing to draw."""
        self._field, self._lines = field, None
        self.refresh()

    def notify_style_update(self) -> None:
        """The styles have changed."""
        super().notify_style_update()
        self._lines = None

    def render_line(self, y: int) -> Strip:
        """One row."""
        if self._lines is None or self._lines[0] != self.size:
            # Looked up once, because Textual computes a style from all ancestors on every access.
            (width, height), plain = self.size, self.rich_style
            drawn = self._draw(self.get_component_rich_style("heatmap--axis"))
            lines = [line.adjust_cell_length(width, plain) for line in drawn[:height]]
            self._lines = self.size, lines + [Strip.blank(width, plain)] * (height - len(lines))
        found = self._lines[1]
        return found[y] if y < len(found) else Strip.blank(self.size.width)

    def _draw(self, axis: Style) -> list[Strip]:
        field, (width, height) = self._field, self.size
        if width < 1 or height < 1:
            return []
        if field is None or not field.pixels.size:
            return [Strip([Segment("no picture yet"[:width], axis)])]
        x0, x1, y0, y1 = (_short(value) for value in field.extent)
        across, up = (clean(name, 12) for name in field.axes)
        # The range of y is beside the picture, that of x on a line below.
        side = max(map(cell_len, (y0, y1, up))) + 1
        names = _legend(field, self._plain, axis)
        entries = [*_bar(field.scale, self._plain, axis, upright=True), *names]
        room = max((sum(segment.cell_length for segment in entry) for entry in entries), default=0)
        heading = _wrapped([*_bar(field.scale, self._plain, axis, upright=False), *names], width, axis)
        above = min(width - side, CELL * (height - 1 - len(heading)))
        columns = min(width - side - GAP - room, CELL * (height - 1))
        beside = columns >= above and len(entries) < height
        columns = columns if beside else above
        rows = (columns + 1) // CELL
        if rows < 2 or columns < 4:
            return [Strip([Segment("(too small)"[:width], axis)])]
        between = max(columns - len(x0) - len(x1), 1)
        # The name of the axis gives way where it would run into a number.
        foot = f"{x0}{(across if between >= cell_len(across) + 2 else '').center(between)}{x1}"
        sides = {0: f" {y1}", rows // 2: f" {up}", rows - 1: f" {y0}"}
        cells = self._cells(field, rows, columns)
        lines = []
        for row in range(rows):
            line = [*cells[row], Segment(sides.get(row, "").ljust(side), axis)]
            if beside and row < len(entries):
                line += [Segment(" " * GAP, axis), *entries[row]]
            lines.append(Strip(line))
        lines.append(Strip([Segment(foot, axis)]))
        self.picture = Region(0, 0 if beside else len(heading), columns, rows)
        return lines if beside else [*heading, *lines]

    @property
    def _plain(self) -> bool:
        """Whether there are no colors."""
        return self.app.no_color or (self.app.console.color_system is None and not self.app.is_headless)

    def _cells(self, field: Field, rows: int, columns: int) -> list[list[Segment]]:
        """The picture itself, in colors if the terminal has any."""
        glyphs = cells_of(field.points, field.extent, rows, columns) if field.points else {}
        if field.chosen is not None:
            x, y = (np.array([at]) for at in field.chosen)
            place = cells_of(Points(x, y, np.zeros(1, np.int64)), field.extent, rows, columns)
            glyphs |= dict.fromkeys(place, CHOSEN)
        if self._plain:
            return [[Segment(line, self.rich_style)] for line in _plain(field, rows, columns, glyphs)]
        return _colored(smooth(field.pixels, 2 * rows, columns), glyphs, field.inks)


def _short(value: float) -> str:
    return f"{value:.1f}" if value == 0 or 0.1 <= abs(value) < 1e5 else f"{value:.1e}"


def _legend(field: Field, plain: bool, axis: Style) -> list[Entry]:
    """What the marks mean, and the colors where they stand for classes: part by part."""
    points = field.points
    kinds = len(GLYPHS)
    entries: list[Entry] = []
    for number, name in enumerate(field.names):
        glyph = GLYPHS[number % kinds]
        # Without colors the pixels of a class are its number.
        digit = f"{number % 10} " if plain and field.scale is None else ""
        style = axis if plain else axis + _ink(field.inks[number % len(field.inks)])
        entries.append([Segment(f"{glyph} ", style), Segment(digit + clean(name, 24), axis)])
    if points is not None and points.held_out is not None and bool(points.held_out.any()):
        entries.append([Segment(f"{HOLLOW[0]} {HOLLOW[1]} test", axis)])
    return entries


def _wrapped(entries: list[Entry], width: int, axis: Style) -> list[Strip]:
    """The parts one after the other, in as many lines as they need."""
    lines: list[Entry] = []
    for entry in entries:
        size = sum(segment.cell_length for segment in entry)
        if lines and sum(segment.cell_length for segment in lines[-1]) + GAP + size <= width:
            lines[-1] += [Segment(" " * GAP, axis), *entry]
        else:
            lines.append(list(entry))
    return [Strip(line) for line in lines]


def _bar(scale: Scale | None, plain: bool, axis: Style, upright: bool) -> list[Entry]:
    """The colors of a scale between its lowest and its highest value: one below the other, or in a single line."""
    if scale is None:
        return []
    low, high = f"{scale.low:.2g}", f"{scale.high:.2g}"
    count = UPRIGHT if upright else BAR
    cells = [Segment(shade, axis) for shade in scale.shades]
    if not plain:
        colors = scale.colors[np.linspace(0, len(scale.colors) - 1, count).round().astype(int)].tolist()
        cells = [Segment("█", axis + _ink((red, green, blue))) for red, green, blue in colors]
    if not upright:
        return [[Segment(f"{low} ", axis), *cells, Segment(f" {high}", axis)]]
    labels = {0: f" {low}", len(cells) - 1: f" {high}"}
    return [[cell, Segment(labels.get(place, ""), axis)] for place, cell in reversed(list(enumerate(cells)))]


def _plain(field: Field, rows: int, columns: int, glyphs: dict[Cell, str]) -> list[str]:
    """Without colors: a character for the meaning of each pixel."""
    marks = resize(field.marks, rows, columns).tolist()
    for (row, column), glyph in glyphs.items():
        marks[row][column] = glyph
    return ["".join(clean(mark or " ", 1) for mark in line) for line in marks]


def half_blocks(pixels: Pixels) -> list[list[Segment]]:
    """A picture in half blocks, two pixels to a cell: (2 rows, columns, 3) colors as so many rows of segments."""
    return _colored(pixels, {}, ())


def _colored(pixels: Pixels, glyphs: dict[Cell, str], ink: tuple[Rgb, ...]) -> list[list[Segment]]:
    """Half blocks, one segment for equal neighbors; the background of a glyph is the mean of its two pixels."""
    tops, bottoms = pixels[::2], pixels[1::2]
    differs = np.ones(tops.shape[:2], np.bool_)
    differs[:, 1:] = (tops[:, 1:] != tops[:, :-1]).any(-1) | (bottoms[:, 1:] != bottoms[:, :-1]).any(-1)
    for row, column in glyphs:
        differs[row, column : column + 2] = True
    rows = []
    for row in range(len(differs)):
        starts = np.flatnonzero(differs[row])
        ends = [*starts[1:].tolist(), pixels.shape[1]]
        line = []
        colors = zip(starts.tolist(), ends, tops[row, starts].tolist(), bottoms[row, starts].tolist(), strict=True)
        for start, end, top, bottom in colors:
            glyph = glyphs.get((row, start))
            if glyph is None:
                line.append(Segment("▀" * (end - start), _two(tuple(top), tuple(bottom))))
            else:
                mean = ((top[0] + bottom[0]) // 2, (top[1] + bottom[1]) // 2, (top[2] + bottom[2]) // 2)
                line.append(Segment(glyph, _two(ink[_kind(glyph) % len(ink)], mean, bold=True)))
        rows.append(line)
    return rows


def _kind(glyph: str) -> int:
    return max((GLYPHS + HOLLOW).find(glyph), 0) % len(GLYPHS)


def _ink(color: Rgb) -> Style:
    return Style(color=Color.from_rgb(*color))


_styles: dict[tuple[Rgb, Rgb, bool], Style] = {}


def _two(front: Rgb, back: Rgb, bold: bool = False) -> Style:
    """The style of two colors, cached: a picture has few different ones, and making one is slow."""
    key = (front, back, bold)
    if key not in _styles:
        if len(_styles) > 20_000:
            _styles.clear()
        _styles[key] = Style(color=Color.from_rgb(*front), bgcolor=Color.from_rgb(*back), bold=bold)
    return _styles[key]
