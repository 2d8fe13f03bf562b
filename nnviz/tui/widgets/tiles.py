"""Small pictures in half blocks on a grid, which scrolls where there is no room for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Size
from textual.strip import Strip

from nnviz.tui.text import clean
from nnviz.tui.widgets.colors import surface_color
from nnviz.tui.widgets.guarded import Guarded
from nnviz.tui.widgets.heatmap import half_blocks
from nnviz.views.heat import resize, value_colors
from nnviz.views.tiles import SHADES, Grid, Tile, grid_of, shade_texts

STEPS = 20
"""Shades of color on each side of 0."""


class Tiles(Guarded, can_focus=True):
    """Pictures of values: orange below 0, blue above, the background at 0; in characters where there are no colors."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tiles--title"}
    DEFAULT_CSS = "Tiles { height: 1fr; & > .tiles--title { color: $text-muted; } }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "scroll_by(1)", "More", show=False),
        Binding("pageup", "scroll_by(-1)", "Back", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._groups: Sequence[Sequence[Tile]] = ()
        self._first = 0
        self._lines: dict[int, Strip] = {}
        self._drawn_for = Size(0, 0)

    def show(self, groups: Sequence[Sequence[Tile]]) -> None:
        """Draw these groups of pictures; those of a group stand side by side."""
        self._groups = groups
        self._lines.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """The styles have changed."""
        super().notify_style_update()
        self._lines.clear()

    def action_scroll_by(self, by: int) -> None:
        """Go on by as many lines of pictures as are seen, or back."""
        grid = grid_of(self._groups, *self.size)
        last = max(grid.shelves - grid.seen, 0)
        self._first = min(max(self._first + by * max(grid.seen, 1), 0), last)
        self._lines.clear()
        self.refresh()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Go on."""
        event.stop()
        self.action_scroll_by(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Go back."""
        event.stop()
        self.action_scroll_by(-1)

    def render_line(self, y: int) -> Strip:
        """One row; a shelf is drawn when the first of its rows is painted: no key waits for all of them."""
        size = self.size
        if self._drawn_for != size:
            self._drawn_for = size
            self._lines.clear()
        if y not in self._lines:
            self._lines |= self._around(y, *size)
        return self._lines[y]

    def _around(self, y: int, width: int, height: int) -> dict[int, Strip]:
        """A row with the other rows of its shelf, by their numbers."""
        drawn: dict[int, Strip] = {y: Strip([])}
        if width >= 4 and height >= 2 and self._groups:
            grid, title = grid_of(self._groups, width, height), self.get_component_rich_style("tiles--title")
            self._first = min(self._first, max(grid.shelves - grid.seen, 0))
            shelf, last = y // (grid.rows + 1), height
            if grid.seen < grid.shelves:
                last = min(grid.seen * (grid.rows + 1), height - 1)
            if y == last:
                drawn = {y: Strip([Segment(self._place(grid)[:width], title)])}
            elif shelf < min(grid.seen, grid.shelves - self._first):
                at = self._first + shelf
                lines = self._draw(self._groups[at * grid.across : (at + 1) * grid.across], grid, title)
                drawn = {row: line for row, line in enumerate(lines, shelf * (grid.rows + 1)) if row < last}
        return {row: line.adjust_cell_length(width, self.part()) for row, line in drawn.items()}

    def _place(self, grid: Grid) -> str:
        """Which of the groups are seen."""
        first, last = self._first * grid.across + 1, min((self._first + grid.seen) * grid.across, len(self._groups))
        return f"{first}–{last} of {len(self._groups)}: PgDn PgUp"

    def _draw(self, groups: Sequence[Sequence[Tile]], grid: Grid, title: Style) -> list[Strip]:
        """One line of groups: titles, and below them the pictures."""
        rows: list[list[Segment]] = [[] for _ in range(grid.rows + 1)]
        for group in groups:
            for tile in group:
                rows[0].append(Segment(clean(tile.titled(grid.columns), grid.columns).ljust(grid.columns + 1), title))
                for row, cells in zip(rows[1:], self._picture(tile, grid), strict=True):
                    row += [*cells, Segment(" ", self.part())]
            for row in rows if len(group) > 1 else ():
                row.append(Segment(" ", self.part()))
        return [Strip(row) for row in rows]

    @property
    def _colorless(self) -> bool:
        """Whether there are no colors."""
        return self.app.no_color or (self.app.console.color_system is None and not self.app.is_headless)

    @property
    def legend(self) -> str:
        """What stands for values below 0 and above."""
        return f"{SHADES[0]} below 0, {SHADES[-1]} above" if self._colorless else "orange below 0, blue above"

    def _picture(self, tile: Tile, grid: Grid) -> list[list[Segment]]:
        values = np.asarray(tile.values, np.float64)
        if self._colorless:
            shown = resize(values, grid.rows, grid.columns)
            return [[Segment(text, self.part())] for text in shade_texts(shown, tile.largest)]
        # Few different colors are what makes drawing fast: their styles are kept.
        step = (tile.largest or 1.0) / STEPS
        pixels = np.rint(resize(values, 2 * grid.rows, grid.columns) / step) * step
        return half_blocks(value_colors(pixels, -tile.largest, tile.largest, surface_color(self.app)))
