"""Plots by plotext. This module alone imports it, and keeps from it what would end the program.

plotext draws into one figure shared by the whole process, and a NaN in a line aborts the process: so each plot is
cleared, drawn and built within one call, on the interface's own thread, from finite numbers only. It is imported when
the first plot is drawn, since that takes longer than all else at the start.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from nnviz.tui.text import clean
from nnviz.views.series import Floats, Series, decimate, dotted, extent, finite_runs, nice_ticks

SMALLEST = (16, 5)
"""Columns and rows below which axes would leave no room for a curve."""

LARGEST = (500, 200)

MARGIN = 0.03
"""Room above and below the curves, as a share of their extent, so that a tick at the very end is shown."""

DOTS = 3
"""Columns from one dot to the next."""

# plotext paints with numbers of the 256-colour palette; here each number stands for a role, which gets its style from
# the theme when the lines are made. Its backgrounds are left out, so that the theme's own shows.
FRAME = 1
FIRST_SERIES = 2
_CODES = re.compile(r"\x1b\[([\d;]*)m")


@dataclass(frozen=True)
class Frame:
    """How a plot is framed.

    Args:
        title: what y is; it stands before the legend.
        x_label: what x is.
        x_range, y_range: lowest and highest shown; the data's own where left out.
        y_floor: y starts here or below, whatever the data.
    """

    title: str = ""
    x_label: str = ""
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    y_floor: float | None = None


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
    pieces = [finite_runs(s.x, s.y) for s in series]
    x_low, x_high = frame.x_range or extent([x for runs in pieces for x, _ in runs])
    y_low, y_high = frame.y_range or extent([y for runs in pieces for _, y in runs])
    if frame.y_floor is not None:
        y_low = min(y_low, frame.y_floor)
    if not frame.y_range:
        room = MARGIN * (y_high - y_low)
        y_low, y_high = y_low - room, y_high + room
    text = _build(series, pieces, width, height - 1, (x_low, x_high), (y_low, y_high))
    return [_legend(series, frame, width, style), *(_segments(line, style) for line in text.split("\n")[: height - 1])]


def _build(
    series: Sequence[Series],
    pieces: list[list[tuple[Floats, Floats]]],
    width: int,
    height: int,
    x_range: tuple[float, float],
    y_range: tuple[float, float],
) -> str:
    """plotext's part: the figure as text with colour codes."""
    import plotext

    figure = plotext.figure
    plotext.terminal.limit(False, False)
    figure.clear()
    figure.plot_size(width, height)
    figure.axes(True, pixel=plotext.pixel(FRAME))
    figure.axes(False, axis="both", side=1)
    for axis, side, limits, room in (("x", "lower", x_range, width // 7), ("y", "left", y_range, height // 3)):
        ruler = figure.ruler(axis, side)
        ticks, names = nice_ticks(*limits, max(room, 3))
        ruler.lim(*limits)
        ruler.ticks(ticks, names)
        ruler.pixel(plotext.pixel(FRAME))
    # Dots last, so that a line on the same course leaves them to be seen.
    order = sorted(range(len(series)), key=lambda number: series[number].style == "dots")
    for number, one, runs in ((number, series[number], pieces[number]) for number in order):
        for x, y in runs:
            points = dotted(x, y, width // DOTS) if one.style == "dots" else decimate(x, y, 2 * width)
            _add(figure, plotext, one.style, FIRST_SERIES + number, *points)
    return str(figure.build().string())


def _add(figure: object, plotext: object, style: str, colour: int, x: Floats, y: Floats) -> None:
    """One finite piece of a curve."""
    dots = style == "dots"
    marker = plotext.marker("•" if dots else "braille", plotext.pixel(colour))  # type: ignore[attr-defined]
    signal = figure.signal(x.tolist(), y.tolist(), marker=marker)  # type: ignore[attr-defined]
    figure.draw(signal if dots else signal.lines())  # type: ignore[attr-defined]


def _legend(series: Sequence[Series], frame: Frame, width: int, style: Callable[[int], Style]) -> list[Segment]:
    """What y is; the curves by name, each with a sample of how it is drawn; and what x is."""
    title = f"{clean(frame.title, 24)}  " if frame.title else ""
    segments = [Segment(title, style(FRAME))]
    used = len(title)
    for number, one in enumerate(series):
        sample, name = ("• •" if one.style == "dots" else "━━━"), f" {clean(one.name, 24)}   "
        segments += [Segment(sample, style(FIRST_SERIES + number)), Segment(name, style(0))]
        used += len(sample) + len(name)
    label = clean(frame.x_label, 24)
    if label and used + len(label) + 2 <= width:
        segments.append(Segment(f"→ {label}".rjust(width - used), style(FRAME)))
    return segments


def _segments(line: str, style: Callable[[int], Style]) -> list[Segment]:
    """A line of plotext's text with its colour numbers taken as roles."""
    segments, role = [], 0
    parts = _CODES.split(line)
    for text, codes in zip(parts[::2], [*parts[1::2], ""], strict=True):
        if text:
            segments.append(Segment(text, style(role)))
        role = _role(codes, role)
    return segments


def _role(codes: str, before: int) -> int:
    if codes in ("", "0"):
        return 0
    if codes.startswith("38;5;"):
        return int(codes.removeprefix("38;5;"))
    return before
