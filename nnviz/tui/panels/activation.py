"""Activation functions as curves: f and f′ of the selected activation, and what the data bring to it."""

from __future__ import annotations

import numpy as np
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget

from nnviz.lab import Lab, with_keys
from nnviz.lab.effects import Effect, Measure, StopMeasuring
from nnviz.run import Observation, Query
from nnviz.run.queries import LayerStatistics
from nnviz.tui.keymap import Keys
from nnviz.tui.panels.compared import ComparedPage, Measuring
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.plot import Plot
from nnviz.views import activation, compared, flow
from nnviz.views.activation import ActivationView
from nnviz.views.chart import geometry
from nnviz.views.curves import REACH, ActivationCurve
from nnviz.views.flow import Room

CSS = """
ActivationPanel {
    #activation-words, #activation-data, #activation-curve { height: auto; }
    #activation-pictures { height: 1fr; layout: vertical; }
    #activation-layers { height: auto; }
    #activation-pictures.-wide { layout: horizontal; }
    .-wide #activation-curve { width: 1fr; margin-right: 2; }
}
"""

HELP = """\
The selected activation, or the nearest one: f(z), its derivative f′(z), and below them on the same axis what your
data bring: how often the layer takes in each z. Where f′ is near 0 the curve is flat, and hardly any gradient passes;
a unit whose f′ is 0 for all samples is dead.

The table has all activations from input to loss: the spread of what they give, how much of what they take in is
flat, how many units are dead, and the signal, the size of the loss's gradient at their output, on a logarithmic
scale: so you see where it is lost on its way back. Up to 256 training samples are counted.

{curves} compares activation functions: Enter draws the one under the cursor or takes it away, ← and → move the reading
line (with shift ten steps), whose values stand in the table; {curves_finer} {curves_coarser} change its step,
{curves_narrower} {curves_wider} the range. {curves_drawn} draws f and f′, f, or f′. A function is convex if each chord
lies on or above its curve; {curves_chord} draws the chord that shows whether it is so. * marks a kink, where f′ is what
the code sets. {curves_table} shows the table of all that holds of them, {curves_sort} sorts it, {curves_slope} gives
LeakyReLU another slope a, {curves_time} measures how long a million numbers take, and once more stops that."""

COMPARED = (
    "curve_toggle", "curves_drawn", "curves_chord", "curves_narrower curves_wider", "curves_table", "curves_sort",
    "curves_time", "curves_slope", "curves_finer curves_coarser", "curves", "train",
)  # fmt: skip
"""The footer of the functions compared."""

DATA = "$foreground 72%"
"""The style of what the data bring, beside the curves."""

GAP = 2
"""Columns between the curve and what stands beside it."""


class ActivationPanel(Panel, Vertical, can_focus=True):
    """The curve of the selected activation, or of the nearest one if another layer is selected."""

    NUMBER = 3
    NAME = "activation"
    ABOUT = "activation functions"
    BORDER_TITLE = "3 Activation"
    SUBJECTS = frozenset({"activation"})
    EFFECTS = (Measure, StopMeasuring)
    FOOTER = ("train", "curves", "swap", "edit", "slower faster", "step", "walk_next", "undo", "settings")
    DEFAULT_CSS = CSS
    HELP = HELP

    _compared: ComparedPage | None = None
    _measured: tuple[ActivationCurve, int, list[Content], list[int]] | None = None

    def __init__(self, keys: Keys) -> None:
        super().__init__(keys)
        self._measuring = Measuring(self, self.ask)

    def compose(self) -> ComposeResult:
        """Words, the curve with the histogram below it, and all activations."""
        yield StableLabel(id="activation-words")
        with Container(id="activation-pictures"):
            with Vertical(id="activation-curve"):
                yield Plot(id="activation-plot")
                yield StableLabel(id="activation-data")
            yield StableLabel(id="activation-layers")

    @property
    def main(self) -> Widget:
        """The table of the functions that are compared, or the page itself."""
        page = self._compared
        return page.main if page is not None and page.display else self

    def footer(self, lab: Lab) -> tuple[str, ...]:
        """The keys of the functions compared, or of the selected one."""
        return self.FOOTER if lab.curves.page == "selected" else COMPARED

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:
        """The numbers of all layers, where there is an activation."""
        return activation.queries(lab)

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The network, the selected row, the size, and the numbers of the layers."""
        found = None if seen.moment is None else seen.moment.observations.get(LayerStatistics())
        if lab.curves.page != "selected":
            return lab.curves, self.content_size
        return lab.curves.page, lab.network, lab.network.ids, lab.row, self.content_size, found

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the functions compared; or the curve of the selected one, and what the data bring to it."""
        compares, focused = lab.curves.page != "selected", self.app.focused
        if self._compared is not None:
            self._compared.display = compares
        self.query_one("#activation-words").display = not compares
        if compares:
            self._compare(lab)
        else:
            self._draw_selected(lab, seen)
        if focused is not None and self in focused.ancestors_with_self and focused is not self.main:
            self.screen.set_focus(self.main)

    def _compare(self, lab: Lab) -> None:
        """Draw the functions compared. Their widgets are made at first use, so that the program opens sooner."""
        self.query_one("#activation-pictures").display = False
        if self._compared is None:
            self._compared = ComparedPage(id="compared")
            self.mount(self._compared)
        elif self._compared.is_mounted:
            title = self._compared.show(lab, *self.content_size)
            self.frame.entitle(f"{self.BORDER_TITLE}s: {title}")

    def on_compared_page_mounted(self) -> None:
        """Draw the functions compared for the first time."""
        self.redraw()

    def perform(self, effect: Effect, lab: Lab, seen: Seen) -> None:  # noqa: ARG002 (of all panels alike)
        """Measure the times of the functions, or stop that."""
        if isinstance(effect, Measure):
            self._measuring.start(compared.specs_of(lab.curves))
        else:
            self._measuring.stop()

    def on_unmount(self) -> None:
        """Measure no longer."""
        self._measuring.stop()

    def _draw_selected(self, lab: Lab, seen: Seen) -> None:
        """Draw the curve, and what the data bring to it."""
        found = activation.view(lab, seen.moment)
        self.frame.entitle(f"{self.BORDER_TITLE}: {clean(found.title, 50)}" if found.title else self.BORDER_TITLE)
        self.query_one("#activation-pictures").display = found.curve is not None
        if found.curve is None:
            words = found.words if found.title else with_keys(found.words, self.keys)
            self.query_one("#activation-words", StableLabel).update(content(words, 300))
            return
        width, height = self.content_size
        lines, heights = self._lines(found.curve, max(width, 1))
        histogram = found.seen is not None and found.seen.taken_in is not None
        # Why there are no numbers is said below the curve.
        refused = content(found.refused).get_height({}, max(width, 1)) if found.refused else 0
        room = flow.arrange(width, height - refused, heights, len(found.passed), histogram)
        _place(self, room)
        self.query_one("#activation-words", StableLabel).update(Content("\n").join(lines[: room.words]))
        self.query_one(Plot).show(found.series, activation.FRAME)
        for name, text in (
            ("data", _data(found, room, width)),
            ("layers", _layers(found, room, room.side or width)),
        ):
            label = self.query_one(f"#activation-{name}", StableLabel)
            # An empty label would take a line.
            label.display = bool(text)
            label.update(text)

    def _lines(self, curve: ActivationCurve, width: int) -> tuple[list[Content], list[int]]:
        """The words and their heights, found once for a curve and a width: a picture is drawn many times."""
        if self._measured is None or self._measured[0] is not curve or self._measured[1] != width:
            lines = _words(curve)
            self._measured = curve, width, lines, [line.get_height({}, width) for line in lines]
        return self._measured[2], self._measured[3]


def _place(panel: Panel, room: Room) -> None:
    """Give the plot its rows, and what stands beside it its columns."""
    pictures, layers = panel.query_one("#activation-pictures"), panel.query_one("#activation-layers")
    pictures.set_class(room.side > 0, "-wide")
    layers.styles.width = room.side or "1fr"
    panel.query_one(Plot).styles.height = room.plot


def _data(found: ActivationView, room: Room, width: int) -> Content:
    """The histogram, column by column below the curve."""
    if not room.bars or found.seen is None or found.seen.taken_in is None:
        return content(found.refused)
    columns = width - room.side - GAP if room.side else width
    place = geometry(found.series, columns, room.plot, activation.FRAME)
    if place is None:
        return Content("")
    edges = np.array([place.x.value(column) for column in range(place.columns + 1)]).clip(-REACH, REACH)
    along = flow.along(found.seen.taken_in, edges)
    lines = [_apart(" " * place.left + line, DATA) for line in flow.bars(along.counts, room.bars)]
    return Content("\n").join([*lines, Content(flow.beside(along, found.seen.taken_in, REACH, columns))])


def _apart(text: str, style: str) -> Content:
    """The text with its leading spaces in a style of their own: some viewers of SVG pictures swallow them elsewhere."""
    bare = text.lstrip(" ")
    return Content.assemble((" " * (len(text) - len(bare)), "dim"), (bare, style))


def _layers(found: ActivationView, room: Room, width: int) -> Content:
    """The numbers of this layer, and all activations."""
    lines = []
    if room.said and found.seen is not None:
        lines += [Content(words[:width]) for words in (flow.moments(found.seen), flow.shares(found.seen, width))]
    if room.layers == "strips":
        lines += [_apart(words, "") for words in flow.strips(found.passed, width)]
    if room.layers == "table":
        rows = flow.table(found.passed, width)
        lines += [Content.assemble(_apart(words, "bold" if chosen else ""), (bar, DATA)) for words, bar, chosen in rows]
    return Content("\n").join(lines)


def _words(curve: ActivationCurve) -> list[Content]:
    """Formula, derivative, range, what to look for, and the outputs for a standard normal z."""
    return [
        Content(curve.formula).stylize("bold"),
        Content(curve.derivative).stylize("bold"),
        Content(f"{curve.outputs}; f′(0) = {curve.slope_at_zero:.3g}"),
        Content(curve.remark).stylize("$foreground 72%"),
        Content(f"standard normal z: mean {curve.mean:.2f}, std {curve.std:.2f}"),
    ]
