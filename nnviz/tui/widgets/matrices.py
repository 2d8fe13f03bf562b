"""The matrices of a stop side by side; the arrow keys or the mouse choose an element."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import ClassVar

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from nnviz.autograd.operation import Shape
from nnviz.tui.text import clean
from nnviz.tui.widgets.colors import surface_color
from nnviz.tui.widgets.guarded import Guarded
from nnviz.views.contrast import Rgb
from nnviz.views.heat import value_colors
from nnviz.views.matrix import NUMBER, SHADE, Picture, field_texts, lay_out, magnitude, number, titled
from nnviz.views.stop import Matrix

SHORT = 12
"""Lines with which quiet text is left out."""


@dataclass(frozen=True)
class Paragraph:
    """Text above the pictures.

    Attributes:
        text: the text, cleaned.
        least, most: the number of lines it takes; a longer text is cut.
        quiet: whether it is muted, and left out where there are few lines.
        strong: whether it stands out.
    """

    text: str
    least: int
    most: int
    quiet: bool = False
    strong: bool = False


class Matrices(Guarded, can_focus=True):
    """Pictures of arrays, with one chosen element.

    The text above is drawn here, too: whenever a widget changes its height, Textual lays out the whole screen, which
    takes longer than a frame.

    Args:
        readable: always show numbers; otherwise fields of color where more elements have room that way.
    """

    class Chosen(Message):
        """Another element was chosen, in the open matrix number `target`."""

        def __init__(self, index: Shape, target: int) -> None:
            super().__init__()
            self.index = index
            self.target = target

    class Unfold(Message):
        """The computation behind the chosen element is wanted."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"matrices--title", "matrices--open", "matrices--fact"}
    DEFAULT_CSS = """
    Matrices {
        height: 1fr;
        & > .matrices--title { color: $text-muted; }
        & > .matrices--open { color: $text-primary; text-style: bold; }
        & > .matrices--fact { color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1,0)", "Element", show=False),
        Binding("down", "move(1,0)", "Element", show=False),
        Binding("left", "move(0,-1)", "Element", show=False),
        Binding("right", "move(0,1)", "Element", show=False),
        Binding("enter", "unfold", "Unfold", show=False),
    ]

    def __init__(self, *, readable: bool = False, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._readable = readable
        self._matrices: Sequence[Matrix] = ()
        self._above: Sequence[Paragraph] = ()
        self._top = 0
        self._drawn: tuple[Size, list[Picture], list[Strip]] | None = None
        self._painter: _Painter | None = None

    def show(self, matrices: Sequence[Matrix], above: Sequence[Paragraph] = ()) -> None:
        """Draw these matrices, with text above."""
        before, self._drawn = self._drawn, None
        self._matrices, self._above = matrices, above
        if before is None or before[0] != self.size:
            self.refresh()
            return
        # Few lines differ from one element to the next, and comparing a line is faster than painting it.
        self._drawn = self._draw()
        same = [old == new for old, new in zip(before[2], self._drawn[2], strict=True)]
        for unchanged, lines in groupby(range(len(same)), same.__getitem__):
            if not unchanged:
                first, *others = lines
                self.refresh(Region(0, first, self.size.width, 1 + len(others)))

    def needed(self, width: int, most: int) -> int:
        """The lines, at most so many, that this width takes to show as much."""
        painter = self._painter = self._painter or _Painter(self)
        above = sum(len(painter.wrapped(paragraph, width)) for paragraph in self._above)
        if not self._matrices or above >= most:
            return min(above, most)
        pictures = lay_out(self._matrices, width, most - above, self._readable)
        return above + max(p.box.top + 1 + len(p.rows) + len(p.below) for p in pictures)

    def notify_style_update(self) -> None:
        """The styles have changed."""
        super().notify_style_update()
        self._drawn = self._painter = None

    def render_line(self, y: int) -> Strip:
        """One row."""
        if self._drawn is None or self._drawn[0] != self.size:
            self._drawn = self._draw()
        lines = self._drawn[2]
        return lines[y] if y < len(lines) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> tuple[Size, list[Picture], list[Strip]]:
        width, height = self.size
        if width < 1 or height < 1:
            return self.size, [], []
        painter = self._painter = self._painter or _Painter(self)
        above = self._above if height > SHORT else [paragraph for paragraph in self._above if not paragraph.quiet]
        words = [line for paragraph in above for line in painter.wrapped(paragraph, width)][:height]
        self._top, height = len(words), height - len(words)
        pictures = lay_out(self._matrices, width, height, self._readable) if self._matrices and height else []
        drawn = {id(picture.matrix) for picture in pictures}
        missing = ", ".join(titled(matrix) for matrix in self._matrices if id(matrix) not in drawn)
        if missing and height > 1:
            words += painter.wrapped(Paragraph(f"no room for {missing}", 1, 1, quiet=True), width)
            self._top, height = self._top + 1, height - 1
            pictures = lay_out(self._matrices, width, height, self._readable)
        lines: list[list[Segment]] = [[] for _ in range(height)]
        filled = [0] * height
        for picture in pictures:
            left, top, own, _ = picture.box
            for y, line in enumerate(painter.block(picture)[: max(height - top, 0)], top):
                lines[y] += [painter.blank(left - filled[y]), *line]
                filled[y] = left + own
        for line, end in zip(lines, filled, strict=True):
            line.append(painter.blank(width - end))
        return self.size, pictures, [Strip(line, width) for line in (*words, *lines)]

    def _open(self) -> tuple[Matrix, int] | None:
        """The matrix with the chosen element, and its number among the open ones."""
        found = [matrix for matrix in self._matrices if matrix.open]
        return next(((matrix, i) for i, matrix in enumerate(found) if matrix.chosen is not None), None)

    def _choose(self, moves: Sequence[int]) -> None:
        found = self._open()
        if found is None or found[0].chosen is None:
            return
        matrix, target = found
        index = found[0].chosen
        moves = [0] * (len(index) - len(moves)) + list(moves[max(len(moves) - len(index), 0) :])
        moved = [min(max(at + by, 0), size - 1) for at, by, size in zip(index, moves, matrix.array.shape, strict=True)]
        self.post_message(self.Chosen(tuple(moved), target))

    def action_move(self, down: int, right: int) -> None:
        """Choose a neighboring element."""
        self._choose((down, right))

    def lead(self, by: int) -> None:
        """Choose the same place in another slice: another channel, or another sample."""
        found = self._open()
        if found is None or found[0].chosen is None or len(found[0].chosen) < 3:
            return
        matrix, target = found
        index = matrix.chosen or ()
        lead_shape = matrix.array.shape[:-2]
        at = int(np.ravel_multi_index(index[:-2], lead_shape)) + by
        at = min(max(at, 0), int(np.prod(lead_shape)) - 1)
        lead = tuple(int(i) for i in np.unravel_index(at, lead_shape))
        self.post_message(self.Chosen((*lead, *index[-2:]), target))

    def turn(self, by: int) -> None:
        """Choose the gradient of another input."""
        found = self._open()
        count = sum(matrix.open for matrix in self._matrices)
        if found is not None and count > 1:
            self.post_message(self.Chosen(found[0].chosen or (), (found[1] + by) % count))

    def action_unfold(self) -> None:
        """Ask for the computation behind the element."""
        self.post_message(self.Unfold())

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Go to the next slice."""
        event.stop()
        self.lead(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Go to the previous slice."""
        event.stop()
        self.lead(-1)

    def on_click(self, event: Click) -> None:
        """Choose the element under the mouse."""
        if self._drawn is None:
            return
        target = -1
        for picture in self._drawn[1]:
            target += picture.matrix.open
            cell = NUMBER if picture.numbers else SHADE
            row, column = event.y - self._top - picture.box.top - 1, (event.x - picture.box.left) // cell
            inside = 0 <= row < picture.body.shape[0] and 0 <= column < picture.body.shape[1]
            if picture.matrix.open and inside:
                self.post_message(self.Chosen(picture.place(row, column), target))
                return


@lru_cache(maxsize=4096)
def _on(plain: Style, color: Rgb) -> Style:
    """Text on a color, cached: making styles takes most of a drawing, and the next drawing has many of the same."""
    return Style.from_color(plain.color, Color.from_rgb(*color))


def _framed(text: str) -> str:
    """A number in brackets, without loss of digits: the left one is left out if there is no blank before the number."""
    digits = text.strip()
    return f"{'[' if text.startswith(' ') else ''}{digits}]".rjust(len(text))


class _Painter:
    """Turns text and pictures into segments; styles are looked up once."""

    def __init__(self, widget: Matrices) -> None:
        self._title = widget.get_component_rich_style("matrices--title")
        self._open = widget.get_component_rich_style("matrices--open")
        self._fact = widget.get_component_rich_style("matrices--fact")
        self._plain = widget.rich_style
        self._background = surface_color(widget.app)
        app = widget.app
        self._colored = not (app.no_color or (app.console.color_system is None and not app.is_headless))

    def blank(self, width: int) -> Segment:
        """Blank space."""
        return Segment(" " * width, self._plain)

    def wrapped(self, paragraph: Paragraph, width: int) -> list[list[Segment]]:
        """The lines of a paragraph."""
        style = self._fact if paragraph.quiet else self._open if paragraph.strong else self._plain
        lines = [line.plain for line in Content(paragraph.text).wrap(width)]
        if len(lines) > paragraph.most:
            lines = lines[: paragraph.most]
            lines[-1] = f"{set_cell_size(lines[-1].rstrip(), min(cell_len(lines[-1].rstrip()), width - 1))}…"
        return [self._line(line, style, width) for line in (*lines, *[""] * (paragraph.least - len(lines)))]

    def _line(self, text: str, style: Style, width: int) -> list[Segment]:
        """A text, padded or cut to `width`."""
        long = cell_len(text)
        return [Segment(text if long <= width else set_cell_size(text, width), style), self.blank(width - long)]

    def block(self, picture: Picture) -> list[list[Segment]]:
        """Title, body, and the lines below it, as wide as the picture's box."""
        matrix, width = picture.matrix, picture.box.width
        head = self._open if matrix.open and matrix.chosen is not None else self._title
        title = clean(picture.head, max(width, 1))
        below = [self._line(line, self._fact, width) for line in picture.below]
        return [self._line(title, head, width), *self._body(picture), *below]

    def _body(self, picture: Picture) -> list[list[Segment]]:
        largest = magnitude(picture.matrix.array)
        body, cell = picture.body, min(NUMBER if picture.numbers else SHADE, picture.box.width)
        colors = value_colors(body, -largest, largest, self._background).tolist()
        texts = self._texts(picture, largest)
        chosen = None if picture.matrix.chosen is None else picture.field(picture.matrix.chosen)
        marked = {picture.field(index) for index in picture.matrix.marked}
        lines = []
        for r, row in enumerate(texts):
            line = []
            for c, text in enumerate(row):
                style = self._style(tuple(colors[r][c]))
                if (r, c) == chosen:
                    # In brackets, so that it is found without color, too.
                    text = _framed(text) if picture.numbers else "[]"
                    style += Style(bold=True, reverse=True)
                elif (r, c) in marked:
                    text = f"{text[:-1]}‹" if picture.numbers else "‹›"
                    style += Style(bold=True)
                line.append(Segment(text[:cell], style))
            line.append(self.blank(picture.box.width - cell * len(row)))
            lines.append(line)
        return lines

    def _texts(self, picture: Picture, largest: float) -> list[list[str]]:
        """The text of each field."""
        if picture.numbers:
            return [[f"{number(value)} " for value in row] for row in picture.body.tolist()]
        texts = field_texts(picture.body, largest)
        return [[f"{text[0]} " for text in row] for row in texts] if self._colored else texts

    def _style(self, color: Rgb) -> Style:
        return _on(self._plain, color) if self._colored else self._plain
