"""Curves in braille dots, two by four in a cell: all on one grid, between axes whose ticks lie on their values.

A tick's row has its value at its center, so that what is read off a dot against the ticks is what was drawn, to half a
dot.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nnviz.views.axis import Axis, x_axis, y_axis
from nnviz.views.braille import (
    ACROSS,
    DOWN,
    NUDGE,
    SHAPES,
    STROKES,
    Layer,
    dots_of,
    rasterize,
    sample,
    sample_shape,
    shade,
    stamp,
)
from nnviz.views.series import (
    Floats,
    Frame,
    Piece,
    Series,
    averaged,
    extent,
    finite_runs,
    inside,
    is_range,
    points_of,
    visible,
)
from nnviz.views.text_grid import PLAIN, Run, TextGrid, display_width

AXIS, MARK = 1, 2
"""Roles besides PLAIN: axes with their labels, and marks with their words."""

_FIRST = 3

SMALLEST = (16, 5)
"""Columns and rows below which axes would leave no room for a curve."""

LARGEST = (500, 200)

NARROWEST = 6
"""Columns below which there is no room beside the labels."""

BESIDE = 16
"""Columns from which on there is room for the names of the curves beside them."""

LONGEST = 24
"""Columns of a name."""


def curve_role(number: int) -> int:
    """The role of a curve, by its number among the series."""
    return _FIRST + 2 * number


def band_role(number: int) -> int:
    """The role of the band around a curve."""
    return _FIRST + 2 * number + 1


def series_of(role: int) -> tuple[int, bool]:
    """The number of the series of a role from `_FIRST` on, and whether it is that of its band."""
    return (role - _FIRST) // 2, (role - _FIRST) % 2 == 1


@dataclass(frozen=True)
class Geometry:
    """Where a plot is drawn.

    Attributes:
        left: columns before the first that holds dots: labels and the axis.
        top: rows above the first that holds dots.
        columns, rows: the cells that hold dots.
        right: columns beside them, for the names of the curves.
        x, y: the scales; their cells are counted from `left` and `top`.
    """

    left: int
    top: int
    columns: int
    rows: int
    right: int
    x: Axis
    y: Axis

    def dots(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Where points lie, in dots from the upper left of the cells that hold dots; dot d reaches from d to d + 1."""
        return self.x.position(x) * ACROSS, self.y.position(y) * DOWN


def geometry(series: Sequence[Series], width: int, height: int, frame: Frame) -> Geometry | None:
    """Where a plot of this size is drawn; None where the size is too small, or there is nothing to draw.

    Below the rows with dots are two more: the axis and its labels.
    """
    width, height = min(width, LARGEST[0]), min(height, LARGEST[1])
    data = [points_of(one, frame.log_y) for one in series]
    return _geometry(series, data, width, height, frame) if _any_finite(data) else None


def _geometry(series: Sequence[Series], data: list[Piece], width: int, height: int, frame: Frame) -> Geometry | None:
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return None
    x_range, y_range = _ranges(data, frame)
    y = y_axis(*y_range, height - 3, frame.log_y, frame.y_floor is not None and not frame.log_y)
    left = max((len(tick.label) for tick in y.ticks), default=0) + 1
    named = [display_width(one.name[:LONGEST]) + 1 for one in series if one.name and one.style not in SHAPES]
    right = max(named, default=0)
    if width - left - right < BESIDE or len(named) > height - 3:
        right = 0
    columns = width - left - right
    if columns < NARROWEST:
        return None
    return Geometry(left, 1, columns, height - 3, right, x_axis(*x_range, columns), y)


def _any_finite(data: list[Piece]) -> bool:
    return any(bool(np.any(np.isfinite(x) & np.isfinite(y))) for x, y in data)


def _ranges(data: list[Piece], frame: Frame) -> tuple[tuple[float, float], tuple[float, float]]:
    """What the axes show at least: as asked where that makes sense, else as the data do."""
    x_range = frame.x_range if frame.x_range and is_range(*frame.x_range) else extent([x for x, _ in data])
    asked = frame.y_range
    if asked and frame.log_y:
        asked = (math.log10(asked[0]), math.log10(asked[1])) if min(asked) > 0 else None
    if asked and is_range(*asked):
        return x_range, asked
    low, high = extent([y for _, y in data])
    if frame.y_floor is not None and not frame.log_y and is_range(min(low, frame.y_floor), high):
        low = min(low, frame.y_floor)
    return x_range, (low, high)


def draw(series: Sequence[Series], width: int, height: int, frame: Frame) -> list[list[Run]]:
    """The lines of a plot.

    Args:
        series: the curves.
        width, height: in cells; what is beyond LARGEST stays empty.
        frame: ranges, labels and marks.

    Returns:
        One list of runs a row, each with its role; a single line of words where the place is too small.
    """
    width, height = min(width, LARGEST[0]), min(height, LARGEST[1])
    if width < 1 or height < 1:
        return []
    data = [points_of(one, frame.log_y) for one in series]
    if not _any_finite(data) and width >= SMALLEST[0] and height >= SMALLEST[1]:
        return _empty(width, height, frame)
    found = _geometry(series, data, width, height, frame)
    if found is None:
        return [[("(too small)"[:width], AXIS)]]
    return _Picture(series, data, frame, found).lines()


def _empty(width: int, height: int, frame: Frame) -> list[list[Run]]:
    header = [(frame.title[:width], AXIS)] if frame.title else [(" ", PLAIN)]
    return [header, *([(" ", PLAIN)] for _ in range((height - 2) // 2)), [(frame.empty[:width].center(width), AXIS)]]


class _Picture:
    """The cells of one plot: a character and a role each."""

    def __init__(self, series: Sequence[Series], data: list[Piece], frame: Frame, found: Geometry) -> None:
        self._series, self._data, self._frame, self._found = series, data, frame, found
        self._width = found.left + found.columns + found.right
        self._grid = TextGrid(found.rows + 3, self._width)
        self._ends: dict[int, tuple[float, int]] = {}
        """By the number of a series where it ends, in rows from the top, and its column."""
        positions = found.x.position(np.array([mark.x for mark in frame.marks], np.float64)) * ACROSS + NUDGE
        self._marks = [
            (int(at), mark)
            for at, mark in zip(positions.tolist(), frame.marks, strict=True)
            if 0 <= at < found.columns * ACROSS
        ]
        """The column of dots of each mark."""
        self._x_named = False

    def lines(self) -> list[list[Run]]:
        """Draw everything, and take it row by row."""
        self._draw_dots()
        self._draw_axes()
        left_over = self._name_curves()
        self._draw_words()
        self._draw_header(left_over)
        return self._grid.lines()

    def _draw_dots(self) -> None:
        found = self._found
        shape = (found.rows, found.columns)
        below, above = Layer(shape), Layer(shape)
        if self._frame.diagonal:
            self._draw_diagonal(below)
        order = sorted(range(len(self._series)), key=lambda number: list(STROKES).index(self._series[number].style))
        for number in order:
            self._draw_curve(number, below, above)
        for at, mark in self._marks:
            below.bits[:, at // ACROSS] = 0
            rows = np.arange(0, found.rows * DOWN, 1 if mark.breaks else 2)
            below.set(np.full_like(rows, at), rows, MARK)
        codes = np.where(above.bits > 0, above.bits, below.bits)
        inner = (slice(found.top, found.top + found.rows), slice(found.left, found.left + found.columns))
        self._grid.text[inner] = np.where(codes > 0, codes + np.uint32(0x2800), np.uint32(0x20)).view("<U1")
        self._grid.roles[inner] = np.where(above.bits > 0, above.roles, np.where(below.bits > 0, below.roles, PLAIN))

    def _draw_diagonal(self, below: Layer) -> None:
        """The line on which y is x, as far as it lies on the grid."""
        found = self._found
        across, down = found.columns * ACROSS, found.rows * DOWN
        ends = np.array(_ranges(self._data, self._frame)[0], np.float64)
        for x, y in visible(found.x.place(ends) / found.columns, found.y.place(ends) / found.rows, across):
            below.set(*rasterize(x * across, y * down, across, down, STROKES["dots"][0]), AXIS)

    def _draw_curve(self, number: int, below: Layer, above: Layer) -> None:
        found, one, (x, y) = self._found, self._series[number], self._data[number]
        across, down = found.columns * ACROSS, found.rows * DOWN
        # From here on on the unit square, with y from the top.
        x, y = _snapped(found.x.place(x) / found.columns), _snapped(found.y.place(y) / found.rows)
        if one.style in SHAPES:
            x, y = inside(x, y)
            dots = dots_of(x * across, across), dots_of(y * down, down)
            above.set(*stamp(*dots, one.style, across, down), curve_role(number))
            return
        pieces: list[Piece] = []
        for run in _averaged_runs(x, y, found.columns) if one.averaged else ():
            if run is None:
                pieces = []
                break
            (px, mean), band = run
            pieces += visible(px, mean, across)
            if band is not None:
                shade(below, px, *band, band_role(number))
        pieces = pieces or visible(x, y, across)
        stroke = _stroke(self._series, number)
        for px, py in pieces:
            columns, rows = rasterize(px * across, py * down, across, down, stroke)
            above.set(columns, rows, curve_role(number))
        if pieces:
            px, py = pieces[-1]
            self._ends[number] = float(py[-1]) * found.rows, int(dots_of(px[-1:] * across, across)[0]) // ACROSS

    def _draw_axes(self) -> None:
        found = self._found
        bottom, edge = found.top + found.rows, found.left - 1
        self._grid.roles[found.top :, : found.left] = AXIS
        self._grid.roles[bottom:] = AXIS
        self._grid.text[found.top : bottom, edge] = "│"
        self._grid.text[bottom, edge : found.left + found.columns] = "─"
        self._grid.text[bottom, edge] = "└"
        for tick in found.y.ticks:
            self._grid.put(found.top + tick.cell, edge - len(tick.label), tick.label, AXIS)
            self._grid.text[found.top + tick.cell, edge] = "┤"
        for tick in found.x.ticks:
            self._grid.text[bottom, found.left + tick.cell] = "┬"
        for at, _ in self._marks:
            column = found.left + at // ACROSS
            self._grid.text[bottom, column] = "┼" if self._grid.text[bottom, column] == "┬" else "┴"
            self._grid.roles[bottom, column] = MARK
        self._label_x(bottom + 1)

    def _label_x(self, row: int) -> None:
        """The labels of x, each below its tick; and at the end what x is, where that leaves two of them."""
        found, width = self._found, self._width
        label = self._frame.x_label[:LONGEST]
        for name in (label, "") if label else ("",):
            room = width - (display_width(name) + 1 if name else 0)
            free, placed = 0, []
            for tick in found.x.ticks:
                column = max(found.left + tick.cell - (len(tick.label) - 1) // 2, 0)
                if column >= free and column + len(tick.label) <= room:
                    placed.append((column, tick.label))
                    free = column + len(tick.label) + 1
            if len(placed) >= 2 or not name:
                break
        for column, text in placed:
            self._grid.put(row, column, text, AXIS)
        self._x_named = bool(name)
        if name:
            self._grid.put(row, width - display_width(name), name, AXIS)

    def _name_curves(self) -> list[int]:
        """Write names at the ends of the curves; the numbers of those that find no room."""
        named = [number for number, one in enumerate(self._series) if one.name]
        if not self._found.right:
            return named
        ends = sorted((*self._ends[number], number) for number in named if number in self._ends)
        rows = [min(int(place), self._found.rows - 1) for place, _, _ in ends]
        for i in range(1, len(rows)):
            rows[i] = max(rows[i], rows[i - 1] + 1)
        for i in reversed(range(len(rows))):
            rows[i] = min(rows[i], self._found.rows - len(rows) + i)
        done = set()
        for row, (place, column, number) in zip(rows, ends, strict=True):
            name, at = self._series[number].name[:LONGEST], self._found.left + column + 2
            near = abs(row + 0.5 - place) <= 2.5
            if near and self._grid.is_free(row + self._found.top, at - 1, display_width(name) + 1, _may_cover):
                self._grid.put(row + self._found.top, at, name, curve_role(number))
                done.add(number)
        return [number for number in named if number not in done]

    def _draw_words(self) -> None:
        """The words of the marks where they hide no curve, the newest first; a part of them where room is short."""
        found = self._found
        for at, mark in reversed(self._marks):
            short = mark.words.partition(", ")[0] + ("…" if ", " in mark.words else "")
            for text in (mark.words, short):
                length = display_width(text)
                sides = found.left + at // ACROSS + 2, found.left + at // ACROSS - length - 1
                columns = [column for column in sides if column >= found.left]
                places = ((found.top + row, column) for row in range(min(found.rows, 4)) for column in columns)
                place = next((p for p in places if self._grid.is_free(*p, length, _may_cover)), None)
                if place is not None:
                    self._grid.put(*place, text, MARK)
                    break

    def _draw_header(self, left_over: list[int]) -> None:
        """What y is, the names of the curves that have none at their end, and what x is if that is nowhere else."""
        frame, column, width = self._frame, 0, self._width
        label = "" if self._x_named or not frame.x_label else f"→ {frame.x_label[:LONGEST]}"
        room = width - (display_width(label) + 1 if label else 0)
        title = ", ".join(filter(None, (frame.title[:LONGEST], "log scale" if frame.log_y else "")))
        if title:
            column = self._grid.put(0, 0, title[:room], AXIS) + 2
        for number in left_over:
            one = self._series[number]
            name = one.name[:LONGEST]
            shown = sample_shape(one.style) if one.style in SHAPES else sample(_stroke(self._series, number))
            if column + len(shown) + 1 + display_width(name) > room:
                break
            column = self._grid.put(0, column, shown, curve_role(number)) + 1
            column = self._grid.put(0, column, name, PLAIN) + 2
        if label:
            self._grid.put(0, width - display_width(label), label, AXIS)


def _may_cover(role: int, character: str) -> bool:
    """Whether text may cover a character: that of a band, or the line of a mark, but not its words."""
    return (role == MARK and character >= "⠀") or (role >= _FIRST and series_of(role)[1])


def _snapped(share: Floats) -> Floats:
    """With what is outside of the unit square by rounding alone taken to its edge."""
    low, high = (share < 0) & (share > -1e-9), (share > 1) & (share < 1 + 1e-9)
    return np.where(low, 0.0, np.where(high, 1.0, share))


def _averaged_runs(x: Floats, y: Floats, columns: int) -> Iterator[tuple[Piece, Piece | None] | None]:
    """Each run of finite points: its running mean and its band; None where a run is of few points a column."""
    runs = finite_runs(x, y)
    if len(runs) > columns:
        yield None
        return
    for px, py in runs:
        found = averaged(px, py, columns)
        if found is None:
            yield (px, py), None
        else:
            yield (found.x, found.mean), (found.low, found.high)


def _stroke(series: Sequence[Series], number: int) -> tuple[int, ...]:
    """How a curve is drawn: its own way among those of its style."""
    style = series[number].style
    strokes = STROKES[style]
    return strokes[sum(one.style == style for one in series[:number]) % len(strokes)]
