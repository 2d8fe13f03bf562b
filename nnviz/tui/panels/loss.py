"""Loss and metric: curves as one output or weight moves, and the loss as a map over two directions in the weights."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import Click
from textual.message import Message

from nnviz.lab import Lab, loss, with_keys
from nnviz.lab.lab import LossPlace
from nnviz.lab.view import select_by
from nnviz.run import Observation, Query
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.colors import surface_color
from nnviz.tui.widgets.guarded import OnPage
from nnviz.tui.widgets.heatmap import HeatMap
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.plot import Plot
from nnviz.views import loss as views
from nnviz.views import loss_map
from nnviz.views.contrast import Rgb
from nnviz.views.loss import CurvesView
from nnviz.views.loss_map import MapView

WIDE, TALL, TALLEST = 60, 14, 24
"""Columns from which on two plots stand side by side; rows from which on there are two rows of them, and four."""

HELP = """\
Why a metric is no loss, and in what a loss is convex. {loss_mover} chooses what moves: one output of the network for
one training sample, or one weight; all others stay. {loss_next} and {loss_last} go to the next output or weight,
{loss_other_next} and {loss_other_last} to the next sample, or ten weights on; j and k choose the layer. "now" marks
the present value.

Losses slope, metrics step: below them stand their gradients, by differences (f(x + h) − f(x − h)) / 2h. That of
accuracy, precision and recall is 0 almost everywhere: they cannot be trained by. MSE is mean (p − y)² of the class
probabilities p, precision and recall are macro, the means over the classes.

A function is convex where every chord lies on or above its graph. MSE and cross-entropy are convex in the prediction:
no chord on the curve of an output lies below it. In the weights of a network with hidden layers they are not, and
training works all the same. ← and → move an end of the chord, {loss_end} takes the other end, a click puts the end
there, {loss_chord} goes back to the chord that tells most.

{loss_page} shows the map: the loss over two directions a and b in the space of all weights, w + a · u + b · v, ◎ the
present weights, ● the path of training, brought down onto the plane. {loss_directions} turns from random directions
(each filter as long as the weights'; {loss_next} draws others; biases stay) to the two main directions of the path
(its principal components) and to two single weights, which {loss_next} and {loss_other_next} choose from the selected
layer. The four arrows move an end ▲ of the chord; beside the map stands the loss along it.

The colors go by rank: each has as much of the map as any other. All is measured over the training samples, or some
of them, in evaluation mode: Dropout does nothing, BatchNorm uses its running statistics. Penalties (L1, weight decay)
are not in it. The map is made coarse at first, then finer, while everything else goes on."""

CSS = """
LossPanel {
    #loss-words { height: auto; }
    #loss-pictures { height: 1fr; layout: grid; grid-size: 1; grid-gutter: 0 2; }
    #loss-pictures.-grid { grid-size: 2 2; }
    #loss-pictures.-pair { grid-size: 2 1; }
    #loss-pictures.-stack { grid-size: 1 2; }
    #loss-pictures.-tower { grid-size: 1 4; }
    #loss-pictures > * { height: 1fr; }
}
"""

LAYOUTS = ("grid", "pair", "stack", "tower", "one")

PLOTS = ("losses", "metrics", "loss-slopes", "metric-slopes")


class Pointed(Message):
    """A picture was clicked.

    Attributes:
        x, y: where: of a plot the value of x, and 0; of the map shares of its width and height from the lower left.
    """

    def __init__(self, x: float, y: float = 0.0) -> None:
        super().__init__()
        self.x, self.y = x, y


class LossMap(HeatMap):
    """The map of the loss; a click says where."""

    def on_click(self, event: Click) -> None:
        """Say which point of the map was clicked."""
        place = self.picture
        if place.contains(event.x, event.y):
            self.post_message(Pointed((event.x + 0.5) / place.width, 1 - (event.y - place.y + 0.5) / place.height))


class LossPlot(Plot):
    """A curve along what moves; a click says where."""

    def on_click(self, event: Click) -> None:
        """Say which value of x was clicked."""
        value = self.x_at(event.x)
        if value is not None:
            self.post_message(Pointed(value))


class LossPictures(Container, OnPage):
    """Four plots, or the map and the plot of its chord; with the chord that the arrows and the mouse move."""

    _curves: CurvesView | None = None
    _map: MapView | None = None
    _place = LossPlace()

    def compose(self) -> ComposeResult:
        """Compose the pictures, some of which are shown."""
        for name in PLOTS:
            yield LossPlot(id=f"plot-{name}")
        yield LossMap(id="loss-map")
        yield Plot(id="plot-profile")

    def _arrange(self, layout: str, shown: tuple[str, ...]) -> None:
        """Show the widgets of these ids, in one of LAYOUTS."""
        for one in LAYOUTS:
            self.set_class(one == layout, f"-{one}")
        for widget in self.children:
            widget.display = widget.id in shown

    def show_curves(self, found: CurvesView, place: LossPlace, width: int, height: int) -> None:
        """Show the curves in so much room."""
        self._curves, self._map, self._place = found, None, place
        if not found.plots:
            self._arrange("one", ())
            return
        if width >= WIDE:
            layout, count = ("grid", 4) if height >= TALL - 2 else ("pair", 2)
        else:
            layout, count = ("tower", 4) if height >= TALLEST else ("stack", 2)
        self._arrange(layout, tuple(f"plot-{name}" for name in PLOTS[:count]))
        plots = [self.query_one(f"#plot-{name}", Plot) for name in PLOTS[:count]]
        for plot, one in zip(plots, found.plots, strict=False):
            plot.show(*one)

    def show_map(self, found: MapView, place: LossPlace, width: int, height: int, background: Rgb) -> None:
        """Show the map in so much room."""
        self._curves, self._map, self._place = None, found, place
        if found.seen is None:
            self._arrange("one", ())
            return
        layout, count = ("pair", 2) if width >= WIDE else ("stack", 2) if height >= TALLEST else ("one", 1)
        self._arrange(layout, ("loss-map", "plot-profile")[:count])
        heat, profile = self.query_one(LossMap), self.query_one("#plot-profile", Plot)
        heat.show(loss_map.colored(found, background))
        profile.show(found.profile, found.frame)

    def move(self, down: int, right: int) -> None:
        """Move an end of the chord: on the curve to the left or right, on the map in all four directions."""
        if self._map is not None and self._map.line is not None:
            row, column = self._map.line.ends[self._place.end]
            self._put_on_map(row + 2 * down, column + 2 * right)
        elif self._curves is not None and self._curves.chord is not None and right:
            self._put(self._curves.chord.ends[self._place.end] + 2 * right)
        elif self._curves is not None and down:
            # Up and down choose the layer, as on other pages.
            self.post_message(Panel.Asked(select_by, -down))

    def on_pointed(self, event: Pointed) -> None:
        """Put the end of the chord where a picture was clicked."""
        event.stop()
        if self._map is not None and self._map.seen is not None:
            last = len(self._map.seen.x) - 1
            self._put_on_map(round(event.y * last), round(event.x * last))
        elif self._curves is not None and self._curves.seen is not None:
            self._put(views.place_of(self._curves.seen, event.x))

    def _put(self, at: int) -> None:
        """Put the end of the chord on the curve at this place, or as near as the other end lets it come."""
        found = self._curves
        if found is None or found.seen is None or found.chord is None:
            return
        first, second = found.chord.ends
        last = len(found.seen.x) - 1
        ends = (first, min(max(at, first + 2), last)) if self._place.end else (max(min(at, second - 2), 0), second)
        self.post_message(Panel.Asked(loss.chord_moved, ends))

    def _put_on_map(self, row: int, column: int) -> None:
        """Put the end of the chord at or beside this point of the map, so that its middle is one of the map, too."""
        found, end = self._map, self._place.end
        if found is None or found.seen is None or found.line is None:
            return
        other, last = found.line.ends[1 - end], len(found.seen.x) - 1
        cell = _near(row, other[0], last), _near(column, other[1], last)
        if cell != other:
            self.post_message(Panel.Asked(loss.line_moved, (other, cell) if end else (cell, other)))


class LossPanel(Panel, Vertical, can_focus=True):
    """Losses slope, metrics step; losses are convex in the prediction, not in the weights."""

    NUMBER = 8
    NAME = "loss"
    ABOUT = "loss and metric"
    BORDER_TITLE = "8 Loss"
    SUBJECTS = frozenset({"loss"})
    DEFAULT_CSS = CSS
    HELP = HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(0,-1)", "Chord", show=False),
        Binding("right", "move(0,1)", "Chord", show=False),
        Binding("up", "move(1,0)", "Chord", show=False),
        Binding("down", "move(-1,0)", "Chord", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Words above the pictures."""
        yield StableLabel(id="loss-words")
        yield LossPictures(id="loss-pictures")

    def footer(self, lab: Lab) -> tuple[str, ...]:
        """The keys of the curves, or of the map."""
        if lab.loss.page == "map":
            chosen = {
                "random": ("loss_last loss_next",),
                "weights": ("loss_last loss_next", "loss_other_last loss_other_next"),
                "path": (),
            }[lab.loss.directions]
            return ("train", "loss_page", "loss_directions", *chosen, "loss_end", "loss_chord", "step")
        own = "loss_last loss_next", "loss_other_last loss_other_next"
        return ("train", "loss_page", "loss_mover", *own, "loss_end", "loss_chord", "step")

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:
        """What the view that is shown needs."""
        query = views.query_of(lab)
        return frozenset() if query is None else frozenset({query})

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """The network, the place on the page, the size, and the numbers."""
        query = views.query_of(lab)
        found = None if seen.moment is None or query is None else seen.moment.observations.get(query)
        step = seen.moment.step if seen.moment is not None and not lab.running else 0
        return lab.network, lab.loss, lab.status.failure, self.content_size, found, step

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the curves, or the map."""
        pictures, width, place = self.query_one(LossPictures), self.content_size.width, lab.loss
        if place.page == "map":
            found = loss_map.view(lab, seen.moment)
            height = self._say(found.title, found.strong, found.words, 12)
            pictures.show_map(found, place, width, height, surface_color(self.app))
        else:
            curves = views.curves(lab, seen.moment)
            height = self._say(curves.title, curves.strong, curves.words, TALL if width >= WIDE else 12)
            pictures.show_curves(curves, place, width, height)

    def _say(self, title: str, strong: str, words: tuple[str, ...], least: int) -> int:
        """Write the words that there is room for above `least` rows of pictures; the rows that are left."""
        self.frame.entitle(f"{self.BORDER_TITLE}: {clean(title, 70)}")
        width, height = max(self.content_size.width, 1), self.content_size.height
        lines = [content(strong, 400).stylize("bold")] if strong else []
        rows = sum(line.get_height({}, width) for line in lines)
        for text in words:
            line = content(with_keys(text, self.keys), 400)
            rows += line.get_height({}, width)
            if lines and rows > min(height - least, height // 2):
                rows -= line.get_height({}, width)
                continue
            lines.append(line)
        self.query_one("#loss-words", StableLabel).update(Content("\n").join(lines))
        return height - rows

    def action_move(self, down: int, right: int) -> None:
        """Move an end of the chord."""
        self.query_one(LossPictures).move(down, right)


def _near(at: int, other: int, last: int) -> int:
    """The nearest number to `at`, from 0 to `last`, whose distance from `other` is even."""
    at = min(max(at, 0), last)
    return at if (at - other) % 2 == 0 else at - 1 if at > 0 else at + 1
