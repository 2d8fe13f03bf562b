"""A sample as it is, with words beside it: half blocks for an image, the numbers of any other."""

from __future__ import annotations

from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip

from nnviz.tui.text import clean
from nnviz.tui.widgets.guarded import Guarded
from nnviz.views.sample import SampleSeen, Thumbnail, fitted, scaled

GAP = 2
"""Columns between the picture and the words."""

BRIGHT = 100
"""A pixel this bright, of 255, is drawn where there are no shades."""

HALVES = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
"""The upper and the lower pixel of a cell, without color."""

NAME = 20
"""Characters of a column's name."""


def picture_lines(picture: Thumbnail, rows: int, columns: int, colored: bool, plain: Style) -> list[list[Segment]]:
    """A picture in at most so many cells: in half blocks; without color in shades, where it is small bright or dark."""
    high, wide, times = fitted(picture, rows, columns, colored)
    if not colored and not times:
        high, wide, _ = fitted(picture, rows, columns, True)
        bright = (scaled(picture, 2 * high, wide).pixels.mean(axis=-1) >= BRIGHT).tolist()
        halves = zip(bright[::2], bright[1::2], strict=True)
        return [[Segment("".join(HALVES[pair] for pair in zip(*both, strict=True)), plain)] for both in halves]
    if not colored:
        shades = scaled(picture, high, wide // 2).shades.tolist()
        return [[Segment("".join(2 * shade for shade in line), plain)] for line in shades]
    pixels = scaled(picture, 2 * high, wide).pixels.tolist()
    lines = []
    for top, bottom in zip(pixels[::2], pixels[1::2], strict=True):
        pairs = zip(top, bottom, strict=True)
        lines.append([Segment("▀", Style(color=Color.from_rgb(*a), bgcolor=Color.from_rgb(*b))) for a, b in pairs])
    return lines


class SampleCard(Guarded):
    """A sample with its target, its prediction and its loss."""

    COMPONENT_CLASSES = {"card--title", "card--number"}
    DEFAULT_CSS = """
    SampleCard {
        & > .card--title { text-style: bold; color: $text-primary; }
        & > .card--number { color: $text-muted; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._sample: SampleSeen | None = None
        self._lines: list[Strip] | None = None

    def show(self, sample: SampleSeen | None) -> None:
        """Show this sample; None if there is none."""
        self._sample, self._lines = sample, None
        self.refresh()

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._lines = None

    def notify_style_update(self) -> None:
        """The styles have changed."""
        super().notify_style_update()
        self._lines = None

    def render_line(self, y: int) -> Strip:
        """One line."""
        if self._lines is None:
            plain, width = self.rich_style, self.size.width
            self._lines = [Strip(line).adjust_cell_length(width, plain) for line in self._draw(plain)]
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self, plain: Style) -> list[list[Segment]]:
        sample, (width, height) = self._sample, self.size
        if sample is None or width < 1 or height < 1:
            return []
        title, muted = (self.get_component_rich_style(f"card--{name}") for name in ("title", "number"))
        if height == 1:
            rest = " · ".join(" ".join(line.split()) for line in sample.lines)
            return [[Segment(clean(sample.title, 40), title), Segment(f" · {clean(rest, 80)}", plain)]]
        words = [[Segment(clean(sample.title, 40), title)]]
        words += [[Segment(clean(line, 80), plain)] for line in sample.lines]
        if sample.picture is None:
            numbers = [(clean(name, NAME), clean(value, NAME)) for name, value in sample.numbers]
            return self._with_numbers(words, numbers, muted, plain)
        app = self.app
        colored = not (app.no_color or (app.console.color_system is None and not app.is_headless))
        room = max(width - max(cell_len(line) for line in sample.lines) - GAP, 4)
        picture = picture_lines(sample.picture, height, room, colored, plain)
        wide = sum(segment.cell_length for segment in picture[0])
        picture += [[Segment(" " * wide, plain)]] * (len(words) - len(picture))
        words += [[Segment("", plain)]] * (len(picture) - len(words))
        return [[*left, Segment(" " * GAP, plain), *right] for left, right in zip(picture, words, strict=True)]

    def _with_numbers(
        self, words: list[list[Segment]], numbers: list[tuple[str, str]], muted: Style, plain: Style
    ) -> list[list[Segment]]:
        """The numbers by name in columns beside the words; below them where there is no room for the first column."""
        width, height = self.size
        used = max(sum(segment.cell_length for segment in line) for line in words) + GAP
        columns = [numbers[begin : begin + height] for begin in range(0, len(numbers), height)]
        if not columns or used + _width(columns[0]) > width:
            text = " · ".join(f"{name} {value}" for name, value in numbers)
            return [*words, *([Segment(line.plain, muted)] for line in Content(text).wrap(width))]
        lines = [[*line, _blank(used - sum(one.cell_length for one in line), plain)] for line in words]
        lines += [[_blank(used, plain)] for _ in range(height - len(lines))]
        for at, column in enumerate(columns):
            if used + _width(column) > width:
                lines[-1].append(Segment(f"+{sum(map(len, columns[at:]))}", muted))
                break
            used += _width(column) + GAP
            names = max(cell_len(name) for name, _ in column)
            values = max(cell_len(value) for _, value in column)
            for line, (name, value) in zip(lines, column, strict=False):
                line += [Segment(name, muted), _blank(names - cell_len(name) + 1, plain)]
                line += [Segment(value.rjust(values), plain), _blank(GAP, plain)]
            for line in lines[len(column) :]:
                line.append(_blank(_width(column) + GAP, plain))
        return lines


def _width(column: list[tuple[str, str]]) -> int:
    """The columns that names and values take side by side."""
    return max(cell_len(name) for name, _ in column) + 1 + max(cell_len(value) for _, value in column)


def _blank(width: int, plain: Style) -> Segment:
    return Segment(" " * width, plain)
