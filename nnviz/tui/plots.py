"""Plots by plotext. This module alone imports it, and keeps from it what would end the program.

plotext draws into one figure shared by the whole process: so each plot is cleared, drawn and built within one call, on
the interface's own thread. A NaN in a line aborts the process, and so does a line that goes far beyond the frame: so it
is given numbers within [0, 1] only, the share of the frame, and we keep the scales. It is imported when the first plot
is wanted, and may be on another thread: that takes longer than all else at the start.
"""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from nnviz.tui.text import clean
from nnviz.views.series import (
    FAR,
    Floats,
    Frame,
    Piece,
    Series,
    dotted,
    extent,
    inside,
    is_range,
    log_ticks,
    nice_ticks,
    points_of,
    visible,
)

SMALLEST = (16, 5)
"""Columns and rows below which axes would leave no room for a curve."""

LARGEST = (500, 200)

MARGIN = 0.03
"""Room above and below the curves, as a share of their extent, so that a tick at the very end is shown."""

DOTS = 3
"""Columns from one dot to the next."""

MARKS = 10
"""Columns from one mark on a line to the next."""

DOT_GLYPHS = "•×+◦"
LINE_GLYPHS = " ○◇△□"
"""The first line goes without marks; each further one has its own, so that lines differ without colour."""

# plotext paints with numbers of the 256-colour palette; here each number stands for a role, which gets its style from
# the theme when the lines are made. Its backgrounds are left out, so that the theme's own shows.
FRAME = 1
FIRST_SERIES = 2
MOST = 254
"""Series with roles of their own."""

Range = tuple[float, float]
_CODES = re.compile(r"\x1b\[([\d;]*)m")
_loaded = Event()


def is_loaded() -> bool:
    """Whether plots can be drawn without waiting for plotext."""
    return _loaded.is_set()


def load() -> None:
    """Import plotext, on any thread."""
    importlib.import_module("plotext")
    _loaded.set()


def draw(
    series: Sequence[Series], width: int, height: int, frame: Frame, style: Callable[[int], Style]
) -> list[list[Segment]]:
    """The lines of a plot: legend above, axes with ticks at round numbers.

    Args:
        series: the curves.
        width, height: in cells.
        frame: ranges and labels.
        style: the style of a role: 0 for plain text, FRAME for the axes, FIRST_SERIES + i for the curve number i.

    Returns:
        One list of segments a row; a single line of words where the place is too small.
    """
    width, height = min(width, LARGEST[0]), min(height, LARGEST[1])
    if width < 1 or height < 1:
        return []
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return [[Segment("(too small)"[:width], style(FRAME))]]
    data = [points_of(one, frame.log_y) for one in series]
    legend = _legend(series, frame, width, style)
    if not any(bool(np.any(np.isfinite(x) & np.isfinite(y))) for x, y in data):
        words = Segment(clean(frame.empty, width).center(width), style(FRAME))
        return [legend, *([Segment(" ", style(0))] for _ in range((height - 2) // 2)), [words]]
    x_range, y_range = _ranges(data, frame)
    text = _build([_unit(one, x_range, y_range) for one in data], series, (width, height - 1), frame, x_range, y_range)
    return [legend, *(_segments(line, style) for line in text.split("\n")[: height - 1])]


def _ranges(data: list[Piece], frame: Frame) -> tuple[Range, Range]:
    """What the axes span: as asked where that makes sense, else as the data do."""
    x_range = frame.x_range if frame.x_range and is_range(*frame.x_range) else extent([x for x, _ in data])
    asked = frame.y_range
    if asked and frame.log_y:
        asked = (math.log10(asked[0]), math.log10(asked[1])) if min(asked) > 0 else None
    if asked and is_range(*asked):
        return x_range, asked
    low, high = extent([y for _, y in data])
    if frame.y_floor is not None and not frame.log_y and is_range(min(low, frame.y_floor), high):
        low = min(low, frame.y_floor)
    room = MARGIN * (high - low)
    return x_range, (low - room, high + room)


def _unit(points: Piece, x_range: Range, y_range: Range) -> Piece:
    """The points as shares of the frame."""
    return _share(points[0], x_range), _share(points[1], y_range)


def _share(values: Floats, limits: Range) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(((values - limits[0]) / (limits[1] - limits[0])).clip(-FAR, FAR))


def _build(
    data: list[Piece],
    series: Sequence[Series],
    size: tuple[int, int],
    frame: Frame,
    x_range: Range,
    y_range: Range,
) -> str:
    """plotext's part: the figure as text with colour codes."""
    import plotext

    figure = plotext.figure
    plotext.terminal.limit(False, False)
    figure.clear()
    figure.plot_size(*size)
    figure.axes(True, pixel=plotext.pixel(FRAME))
    figure.axes(False, axis="both", side=1)
    y_ticks = (log_ticks if frame.log_y else nice_ticks)(*y_range, max(size[1] // 3, 3))
    _axis(plotext, "x", "lower", x_range, nice_ticks(*x_range, max(size[0] // 7, 3)))
    _axis(plotext, "y", "left", y_range, y_ticks)
    # Dots last, so that a line on the same course leaves them to be seen.
    order = sorted(range(len(series)), key=lambda number: series[number].style == "dots")
    for number in order:
        _add(
            plotext, series[number].style, _glyph(series, number), FIRST_SERIES + number % MOST, *data[number], size[0]
        )
    return str(figure.build().string())


def _axis(plotext: Any, axis: str, side: str, limits: Range, ticks: tuple[list[float], list[str]]) -> None:
    """One scale."""
    ruler = plotext.figure.ruler(axis, side)
    ruler.lim(0.0, 1.0)
    ruler.ticks(_share(np.array(ticks[0]), limits).clip(0, 1).tolist(), ticks[1])
    ruler.pixel(plotext.pixel(FRAME))


def _add(plotext: Any, style: str, glyph: str, colour: int, x: Floats, y: Floats, width: int) -> None:
    """One curve: its line, and its dots or marks."""
    figure = plotext.figure
    marks = dotted(*inside(x, y), width // (DOTS if style == "dots" else MARKS))
    if style == "line":
        for xs, ys in visible(x, y, 2 * width):
            line = figure.signal(xs.tolist(), ys.tolist(), marker=plotext.marker("braille", plotext.pixel(colour)))
            figure.draw(line.lines())
    if glyph != " " and len(marks[0]):
        marker = plotext.marker(glyph, plotext.pixel(colour))
        figure.draw(figure.signal(marks[0].tolist(), marks[1].tolist(), marker=marker))


def _glyph(series: Sequence[Series], number: int) -> str:
    """What marks this curve: its own among those of its style."""
    style = series[number].style
    glyphs = DOT_GLYPHS if style == "dots" else LINE_GLYPHS
    return glyphs[sum(one.style == style for one in series[:number]) % len(glyphs)]


def _legend(series: Sequence[Series], frame: Frame, width: int, style: Callable[[int], Style]) -> list[Segment]:
    """What y is; the curves by name, each with a sample of how it is drawn; and what x is."""
    title = f"{clean(frame.title, 24)}  " if frame.title else ""
    segments = [Segment(title, style(FRAME))]
    for number, one in enumerate(series):
        glyph = _glyph(series, number)
        sample = f"{glyph} {glyph} " if one.style == "dots" else "━━━ " if glyph == " " else f"━{glyph}━ "
        segments += [Segment(sample, style(FIRST_SERIES + number)), Segment(f"{clean(one.name, 24)}   ", style(0))]
    label, used = clean(frame.x_label, 24), sum(cell_len(segment.text) for segment in segments)
    if label and used + cell_len(label) + 2 <= width:
        segments += [Segment(" " * (width - used - cell_len(label) - 2), style(0)), Segment(f"→ {label}", style(FRAME))]
    return segments


def _segments(line: str, style: Callable[[int], Style]) -> list[Segment]:
    """A line of plotext's text with its colour numbers taken as roles."""
    segments, role = [], 0
    parts = _CODES.split(line)
    for text, codes in zip(parts[::2], [*parts[1::2], ""], strict=True):
        # Leading spaces stand apart: some viewers of SVG pictures swallow them.
        bare = text.lstrip(" ")
        if len(bare) < len(text):
            segments.append(Segment(" " * (len(text) - len(bare)), style(0)))
        if bare:
            segments.append(Segment(bare, style(role)))
        role = _role(codes, role)
    return segments


def _role(codes: str, before: int) -> int:
    if codes in ("", "0"):
        return 0
    if codes.startswith("38;5;"):
        return int(codes.removeprefix("38;5;"))
    return before
