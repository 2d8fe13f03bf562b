"""Activation functions compared: two plots, a table, and what holds of the function under the cursor."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from nnviz.lab import COMMANDS, Lab, curves
from nnviz.lab.command import Action
from nnviz.registry import Spec
from nnviz.run.activation_times import activation_times
from nnviz.tui.background import in_background
from nnviz.tui.keymap import binding
from nnviz.tui.text import content
from nnviz.tui.widgets.cells import fill
from nnviz.tui.widgets.guarded import OnPage
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.panel import Panel
from nnviz.tui.widgets.plot import Plot
from nnviz.tui.widgets.table import TextTable
from nnviz.views import compared
from nnviz.views.chart import SMALLEST
from nnviz.views.compared import ComparedView

BESIDE, PLOT, ROWS = 72, 11, 6
"""Columns from which on two plots stand side by side, the least lines of a plot, and of the table beside curves."""

LEAST = 4
"""Lines below which a page has no reading line."""

POSTED = 0.1
"""Seconds between two messages of what is measured."""

REST = 0.005
"""Seconds between two measurements."""

CSS = """
ComparedPage {
    height: 1fr;
    #compared-reading, #compared-facts { height: auto; }
    #compared-plots { height: 1fr; layout: vertical; }
    #compared-plots.-wide { layout: horizontal; }
    #compared-plots Plot { width: 1fr; height: 1fr; }
}
"""


@dataclass(frozen=True)
class Lines:
    """How the lines of the page are shared.

    Attributes:
        plots: of all plots together.
        table: of the table with its head.
        facts: of the facts.
        beside: whether two plots stand side by side.
        both: whether there is room for two plots.
    """

    plots: int
    table: int
    facts: int
    beside: bool
    both: bool


def lines_of(width: int, height: int, count: int, facts: list[int], alone: bool) -> Lines:
    """Share `height` lines below the reading line.

    Args:
        width, height: of the page, without the reading line.
        count: the lines of the table with its head.
        facts: the heights of the facts, the most important first.
        alone: whether there are no curves.
    """

    def fitting(room: int) -> int:
        taken = 0
        for one in facts:
            if taken + one > room:
                break
            taken += one
        return taken

    if alone:
        shown = fitting(max(height - count, height // 3))
        return Lines(0, min(count, height - shown), shown, False, False)
    beside = width >= BESIDE
    # The least of a plot, then a fact or two; what is left goes to the table, the facts and the plots in turn.
    least = PLOT if height >= PLOT + ROWS + 2 else height // 2
    left = height - (least if least >= SMALLEST[1] else 0)
    table = min(count, left, max(left - sum(facts), min(ROWS, left - fitting(3)), 2))
    shown = fitting(left - table)
    plots = height - table - shown if left < height else 0
    return Lines(plots, table, shown, beside, beside or plots >= 2 * PLOT)


class ComparedPage(Vertical, OnPage):
    """The reading line, the plots, the table and the facts.

    Attributes:
        ready: whether it can be drawn and take the focus.
    """

    DEFAULT_CSS = CSS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "read(-1)", "Reading line", show=False),
        Binding("right", "read(1)", "Reading line", show=False),
        Binding("shift+left", "read(-10)", "Ten steps", show=False),
        Binding("shift+right", "read(10)", "Ten steps", show=False),
        *(binding(command) for command in COMMANDS if command.where == "curves"),
    ]
    ready = False
    _view: ComparedView | None = None
    _under = ""

    class Mounted(Message):
        """The page can be drawn."""

    def compose(self) -> ComposeResult:
        """Compose the parts."""
        yield StableLabel(id="compared-reading")
        with Container(id="compared-plots"):
            yield Plot(id="compared-f")
            yield Plot(id="compared-slope")
        yield TextTable(id="compared-table")
        yield StableLabel(id="compared-facts")

    def on_mount(self) -> None:
        """Ask to be drawn."""
        self.ready = True
        self.post_message(self.Mounted())

    @property
    def main(self) -> Widget:
        """The table."""
        return self.query_one(TextTable)

    def show(self, lab: Lab, width: int, height: int) -> str:
        """Show the page in a place of this size; its title."""
        width = max(width, 1)
        found = self._view = compared.view(lab, width - 1)
        self._under = lab.curves.name
        reading = content(found.reading, 300)
        words = [content(line, 300) for line in found.facts]
        heights = [line.get_height({}, width) for line in words]
        left = height - reading.get_height({}, width)
        reads = left >= LEAST
        left = left if reads else height
        alone = lab.curves.page == "table"
        room = lines_of(width, left, found.table.count + 1, heights, alone)
        shown, taken = 0, 0
        while shown < len(words) and taken + heights[shown] <= room.facts:
            taken += heights[shown]
            shown += 1
        label = self.query_one("#compared-reading", StableLabel)
        label.display = reads
        label.update(reading)
        self._draw_plots(found, lab, room)
        table = self.query_one(TextTable)
        table.styles.height = room.table
        fill(table, found.table)
        label = self.query_one("#compared-facts", StableLabel)
        label.display = shown > 0
        label.update(Content("\n").join(words[:shown]))
        return found.title

    def _draw_plots(self, found: ComparedView, lab: Lab, room: Lines) -> None:
        plots, drawn = self.query_one("#compared-plots"), lab.curves.drawn
        plots.display = room.plots > 0
        plots.set_class(room.beside, "-wide")
        first, second = self.query_one("#compared-f", Plot), self.query_one("#compared-slope", Plot)
        first.display = drawn != "f′"
        second.display = drawn == "f′" or (drawn == "f and f′" and room.both)
        # Where there is room for one plot, f′ of the function under the cursor is drawn over all f.
        over = found.slope_here if drawn == "f and f′" and not room.both else ()
        first.show((*found.f, *over), found.f_frame)
        second.show(found.slope, found.slope_frame)

    def on_row_view_highlighted(self, event: TextTable.Highlighted) -> None:
        """Another function is under the cursor."""
        event.stop()
        if self._view is not None and event.row < len(self._view.names):
            self.post_message(Panel.Asked(curves.at_name, self._view.names[event.row]))

    def action_read(self, by: int) -> None:
        """Move the reading line."""
        self.post_message(Panel.Asked(curves.read, by))

    def on_click(self, event: Click) -> None:
        """Put the reading line under the mouse; draw the function of the row that is clicked again."""
        widget, found = event.widget, self._view
        if isinstance(widget, Plot) and found is not None:
            if (z := widget.x_at(event.x)) is not None:
                self.post_message(Panel.Asked(curves.read_near, z))
        elif isinstance(widget, TextTable) and found is not None:
            line = event.y - 1 + widget.scroll_offset.y
            if event.y >= 1 and line < len(found.names) and found.names[line] == self._under:
                self.post_message(Panel.Asked(curves.toggle))


class Measuring:
    """Measures the times in a thread of its own, so that no key waits for it.

    Args:
        widget: by whose messages the interface's thread is reached.
        ask: asks for an action of the lab.
    """

    def __init__(self, widget: Widget, ask: Callable[[Action, object, object, object], None]) -> None:
        self._widget, self._ask = widget, ask
        self._stop = threading.Event()

    def start(self, specs: dict[str, Spec]) -> None:
        """Measure these functions; what was being measured before is stopped."""
        self.stop()
        stop = self._stop = threading.Event()

        def told(seconds: dict[str, float], done: int, total: int) -> None:
            if not stop.is_set():
                self._ask(curves.on_measured, seconds, done, total)

        def work() -> None:
            last = monotonic()
            for times in activation_times(specs, lambda: not stop.is_set()):
                if times.done == times.total or monotonic() - last > POSTED:
                    last = monotonic()
                    self._widget.call_later(told, dict(times.seconds), times.done, times.total)
                # Between two measurements a key is answered by a machine that is not busy.
                stop.wait(REST)

        def done(found: Future[None]) -> None:
            error = found.exception()
            if error is not None and not stop.is_set():
                self._widget.post_message(Panel.Asked(curves.not_measured, str(error)))

        in_background(self._widget, work, done)

    def stop(self) -> None:
        """Stop measuring."""
        self._stop.set()
