"""The selected activation: its curve, and what the data bring to it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.geometry import Size

from nnviz.lab import Lab, with_keys
from nnviz.tui.text import content
from nnviz.tui.widgets.guarded import OnPage
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.panel import Seen
from nnviz.tui.widgets.plot import Plot
from nnviz.views import activation, flow
from nnviz.views.activation import ActivationView
from nnviz.views.chart import geometry
from nnviz.views.curves import REACH, ActivationCurve
from nnviz.views.flow import Room

CSS = """
SelectedPage {
    height: 1fr;
    #activation-words, #activation-data, #activation-curve { height: auto; }
    #activation-pictures { height: 1fr; layout: vertical; }
    #activation-layers { height: auto; }
    #activation-pictures.-wide { layout: horizontal; }
    .-wide #activation-curve { width: 1fr; margin-right: 2; }
}
"""

DATA = "$foreground 72%"
"""The style of what the data bring, beside the curves."""

GAP = 2
"""Columns between the curve and what stands beside it."""


class SelectedPage(Vertical, OnPage):
    """The curve of the selected activation, or of the nearest one if another layer is selected."""

    DEFAULT_CSS = CSS
    _measured: tuple[ActivationCurve, int, list[Content], list[int]] | None = None

    def compose(self) -> ComposeResult:
        """Words, the curve with the histogram below it, and all activations."""
        yield StableLabel(id="activation-words")
        with Container(id="activation-pictures"):
            with Vertical(id="activation-curve"):
                yield Plot(id="activation-plot")
                yield StableLabel(id="activation-data")
            yield StableLabel(id="activation-layers")

    def show(self, lab: Lab, seen: Seen, size: Size, keys: Mapping[str, str]) -> str:
        """Draw it in a place of this size; its title, which is empty if there is none."""
        found = activation.view(lab, seen.moment)
        self.query_one("#activation-pictures").display = found.curve is not None
        if found.curve is None:
            words = found.words if found.title else with_keys(found.words, keys)
            self.query_one("#activation-words", StableLabel).update(content(words, 300))
            return found.title
        width, height = size
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
        return found.title

    def _lines(self, curve: ActivationCurve, width: int) -> tuple[list[Content], list[int]]:
        """The words and their heights, found once for a curve and a width: a picture is drawn many times."""
        if self._measured is None or self._measured[0] is not curve or self._measured[1] != width:
            lines = _words(curve)
            self._measured = curve, width, lines, [line.get_height({}, width) for line in lines]
        return self._measured[2], self._measured[3]


def _place(panel: Vertical, room: Room) -> None:
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
