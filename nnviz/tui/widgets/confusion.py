"""A confusion matrix with a cursor: the counts as numbers, on colors for errors and for what is right."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from rich.cells import cell_len, set_cell_size
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.strip import Strip

from nnviz.lab import COMMANDS
from nnviz.tui.keymap import binding
from nnviz.tui.text import clean
from nnviz.tui.widgets.colors import surface_color
from nnviz.tui.widgets.guarded import Guarded
from nnviz.views.data import Confusion
from nnviz.views.heat import value_colors

LABEL, NARROWEST, FEW = 12, 4, 5
"""Most columns of a class's name beside the rows, least of a cell, and most classes with their names above cells."""

HEAD = 2
"""Lines above the rows."""

CAPTION = "rows: true · columns: taken for"


class ConfusionMatrix(Guarded, can_focus=True):
    """Counts by true and predicted class; the arrow keys or the mouse choose a cell."""

    class Chosen(Message):
        """Another cell was chosen."""

        def __init__(self, cell: tuple[int, int]) -> None:
            super().__init__()
            self.cell = cell

    class Taken(Message):
        """The chosen cell was clicked again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"confusion--head", "confusion--nothing"}
    DEFAULT_CSS = """
    ConfusionMatrix {
        & > .confusion--head { color: $text-muted; }
        & > .confusion--nothing { color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1,0)", "Cell", show=False),
        Binding("down,j", "move(1,0)", "Cell", show=False),
        Binding("left", "move(0,-1)", "Cell", show=False),
        Binding("right", "move(0,1)", "Cell", show=False),
        *(binding(command) for command in COMMANDS if command.where == "confusion"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._found: Confusion | None = None
        self._origin = (0, 0)

    def show(self, found: Confusion | None) -> None:
        """Draw this matrix; None if there is none."""
        self._found = found
        self.refresh()

    @property
    def wanted(self) -> tuple[int, int]:
        """The columns and lines that all of it takes, with a line for each of its words."""
        if self._found is None:
            return 0, 0
        label, count = self._widths()[0], len(self._found.counts)
        return max(label + self._wide * count + 1, len(CAPTION)), HEAD + count + len(self._found.words)

    def _widths(self) -> tuple[int, int]:
        """The columns of the names, and of a cell."""
        assert self._found is not None  # noqa: S101 (asked where there is one)
        names = [cell_len(clean(name, LABEL)) for name in self._found.names]
        label, wide, digits = max(names) + 1, self._wide, self._digits
        room = self.size.width - label
        # Where it brings all classes into view, there is less room for their names, and less between the numbers.
        for cell in (wide, max(digits + 2, NARROWEST)):
            if room >= cell * len(names) or room <= 0:
                return label, cell
        return label, digits + 1

    @property
    def _digits(self) -> int:
        assert self._found is not None  # noqa: S101 (asked where there is one)
        return len(str(int(self._found.counts.max(initial=0))))

    @property
    def _wide(self) -> int:
        """The columns of a cell where there is room: few classes have their names above it."""
        assert self._found is not None  # noqa: S101 (asked where there is one)
        names = self._found.names
        longest = max(cell_len(clean(name, LABEL)) for name in names) if len(names) <= FEW else 0
        return max(self._digits + 2, NARROWEST, longest + 1)

    def _view(self) -> tuple[range, range]:
        """The classes whose rows and columns are in view, with the cursor among them."""
        assert self._found is not None  # noqa: S101 (asked where there is one)
        label, cell = self._widths()
        count, cursor = len(self._found.counts), self._found.cursor
        room = (self.size.height - HEAD - len(self._found.words), (self.size.width - label) // cell)
        starts = []
        for axis in (0, 1):
            shown = min(max(room[axis], 1), count)
            start = min(max(self._origin[axis], cursor[axis] - shown + 1), cursor[axis])
            starts.append((min(start, count - shown), shown))
        self._origin = starts[0][0], starts[1][0]
        return range(starts[0][0], sum(starts[0])), range(starts[1][0], sum(starts[1]))

    def render_line(self, y: int) -> Strip:
        """One line."""
        plain, found = self.rich_style, self._found
        if found is None:
            return Strip.blank(self.size.width, plain)
        rows, columns = self._view()
        muted = self.get_component_rich_style("confusion--head")
        words = y - HEAD - len(rows)
        if y == 0:
            count = len(found.counts)
            part = "" if len(columns) == count == len(rows) else f" · {len(rows)}x{len(columns)} of {count}x{count}"
            line = [Segment(CAPTION + part, muted)]
        elif y == 1:
            line = self._heads(columns, muted)
        elif words < 0:
            line = self._row(rows[y - HEAD], columns, plain, muted)
        else:
            line = [Segment(clean(found.words[words], 200) if words < len(found.words) else "", plain)]
        return Strip(line).adjust_cell_length(self.size.width, plain)

    def _heads(self, columns: range, muted: Style) -> list[Segment]:
        assert self._found is not None  # noqa: S101 (asked where there is one)
        label, cell = self._widths()
        names = (clean(self._found.names[at], 40) for at in columns)
        cut = (name if cell_len(name) < cell else f"{set_cell_size(name, max(cell - 2, 0))}…" for name in names)
        return [
            Segment(" " * label, muted),
            *(Segment(f"{' ' * (cell - 1 - cell_len(name))}{name} ", muted) for name in cut),
        ]

    def _row(self, row: int, columns: range, plain: Style, muted: Style) -> list[Segment]:
        found = self._found
        assert found is not None  # noqa: S101 (asked where there is one)
        label, cell = self._widths()
        line = [Segment(set_cell_size(clean(found.names[row], LABEL), label), muted)]
        nothing = self.get_component_rich_style("confusion--nothing")
        shades = self._shades(row, columns)
        for at, column in enumerate(columns):
            count = int(found.counts[row, column])
            text = f"{count or '·'}"
            style = plain if shades is None else plain + Style(bgcolor=Color.from_rgb(*shades[at]))
            style = style if count else nothing
            if (row, column) == found.cursor:
                # In brackets, so that it is found without color, too.
                text, style = _framed(text, "[]", cell), plain + Style(bold=True, reverse=self.has_focus)
            elif (row, column) == found.chosen:
                text, style = _framed(text, "‹›", cell), style + Style(bold=True)
            else:
                text = f"{text} "
            line.append(Segment(text.rjust(cell), style))
        return line

    def _shades(self, row: int, columns: range) -> list[tuple[int, int, int]] | None:
        """The color of each cell: orange for errors, blue for what is right, the stronger the more samples."""
        found = self._found
        if found is None or self.app.no_color or (self.app.console.color_system is None and not self.app.is_headless):
            return None
        counts = found.counts.astype(np.float64)
        right = np.diag(np.diag(counts))
        most = max((counts - right).max(initial=0), 1.0), max(right.max(initial=0), 1.0)
        share = (right / most[1] - (counts - right) / most[0])[row : row + 1, columns.start : columns.stop]
        return [(r, g, b) for r, g, b in value_colors(share, -1, 1, surface_color(self.app))[0].tolist()]

    def action_move(self, down: int, right: int) -> None:
        """Choose a neighboring cell."""
        if self._found is not None:
            last = len(self._found.counts) - 1
            row, column = self._found.cursor
            self.post_message(self.Chosen((min(max(row + down, 0), last), min(max(column + right, 0), last))))

    def on_click(self, event: Click) -> None:
        """Choose the cell under the mouse; the chosen one again lists its samples."""
        if self._found is None:
            return
        rows, columns = self._view()
        label, cell = self._widths()
        down, across = event.y - HEAD, (event.x - label) // cell
        if 0 <= down < len(rows) and 0 <= across < len(columns) and event.x >= label:
            place = rows[down], columns[across]
            self.post_message(self.Taken() if place == self._found.cursor else self.Chosen(place))


def _framed(text: str, brackets: str, cell: int) -> str:
    """A number in brackets; in the left one alone where there is no room for both."""
    return f"{brackets[0]}{text}{brackets[1]}" if len(text) + 2 <= cell else f"{brackets[0]}{text}"
