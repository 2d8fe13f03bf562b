"""Live training: the losses, and what the network makes of the data."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content

from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.run import Observation, Query
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.colors import surface_color
from nnviz.tui.widgets.guarded import OnPage
from nnviz.tui.widgets.heatmap import HeatMap
from nnviz.tui.widgets.label import StableLabel
from nnviz.tui.widgets.panel import Panel, Seen
from nnviz.tui.widgets.plot import Plot
from nnviz.views import training
from nnviz.views.training import TrainingView

SIDE_BY_SIDE = 60
"""Columns from which on the two pictures are side by side."""

HELP = """\
{train} trains and pauses, {step} takes one step, {epoch} trains to the end of the epoch, {reset} returns to the
same initial weights.

Look at both losses: where train falls and test rises, the network overfits. A line over a faint band is a running
mean: the band is from the lowest to the highest. Of more than 1,024 epochs every other one is drawn, of more than
2,048 every fourth, and so on. A mark on the axis says what was changed there. {log_scale} shows the loss on a
logarithmic axis.

The second picture shows what the network makes of the data: a color and a mark for each class, paler where it
is unsure; of a regression its values. Over more than two numbers a sample, a regression shows what it predicts
(ŷ) against what is right (y), with R²: on the dotted diagonal both are the same. {metrics} draws metrics there
instead, for training and test data:

accuracy = right / all; of a class, precision = TP / (TP + FP), the share that is right of what was taken for it,
recall = TP / (TP + FN), the share of it that was found, and F1 = 2 TP / (2 TP + FP + FN). Macro is the mean over
the classes. What is divided by 0 is 0.

Of a regression MAE = mean |ŷ − y|, RMSE = √ mean (ŷ − y)², both in the target's own unit, and
R² = 1 − Σ (ŷ − y)² / Σ (y − ȳ)²: 1 is perfect, 0 no better than always the mean.

{rate_down} and {rate_up} make the learning rate smaller and larger while it trains: 0.01, 0.03, 0.1, ... {settings}
chooses all else. Batch, loss, optimizer, L1, L2, noise and test share change while it trains: the weights are kept.
Other data, another seed or initialization start a new run."""

CSS = """
TrainingPanel {
    #training-words { height: auto; max-height: 75%; }
    #training-words.-news { max-height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    #training-pictures { height: 1fr; layout: vertical; }
    #loss-plot { height: 4fr; }
    #second-plot, #boundary { height: 5fr; }
    &.-wide {
        #training-pictures { layout: horizontal; }
        #loss-plot { width: 1fr; height: 1fr; margin-right: 2; }
        #second-plot, #boundary { width: 1fr; height: 1fr; }
    }
}
"""


class Pictures(Container, OnPage):
    """The losses, and a second picture that suits the data. During training they alternate."""

    _losses_turn = False
    _asked: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        """Compose the plot of the losses, and both kinds of second pictures."""
        yield Plot(id="loss-plot")
        yield Plot(id="second-plot")
        yield HeatMap(id="boundary")

    def recolor(self) -> None:
        """Let both be drawn next."""
        self._asked = ()

    def draw(self, lab: Lab, seen: Seen, found: TrainingView, asked: tuple[object, ...]) -> None:
        """Draw both; during training the next one, unless something else is `asked` or both are to follow each step."""
        heat, second = self.query_one(HeatMap), self.query_one("#second-plot", Plot)
        heat.display, second.display = found.flat, not found.flat
        before, self._asked = self._asked, asked
        if not lab.running or lab.pace.unit == "step" or asked != before:
            self._draw_losses(found)
            self._draw_second(lab, seen, found)
            return
        self._losses_turn = not self._losses_turn
        if self._losses_turn:
            self._draw_losses(found)
        else:
            self._draw_second(lab, seen, found)

    def _draw_losses(self, found: TrainingView) -> None:
        self.query_one("#loss-plot", Plot).show(found.losses, found.loss_frame)

    def _draw_second(self, lab: Lab, seen: Seen, found: TrainingView) -> None:
        if found.flat:
            self.query_one(HeatMap).show(training.field(lab, seen.moment, surface_color(self.app)))
        else:
            self.query_one("#second-plot", Plot).show(*training.second(lab, seen.moment))


class TrainingPanel(Panel, Vertical, can_focus=True):
    """The loss curves, and a second picture that depends on the data; above them what there is to say.

    The second picture is the decision boundary or surface for two-dimensional data, target and fit for
    one-dimensional data; for all others the accuracies, or predicted against true values.
    """

    NUMBER = 2
    SHARE = 0.05
    NAME = "training"
    ABOUT = "training"
    BORDER_TITLE = "2 Training"
    DEFAULT_CSS = CSS
    SUBJECTS = frozenset({"training"})
    FOOTER = (
        "train",
        "step",
        "slower faster",
        "rate_down rate_up",
        "epoch",
        "settings",
        "reset",
        "reseed",
        "log_scale",
        "metrics",
        "undo",
        "walk_next",
    )
    HELP = HELP

    def compose(self) -> ComposeResult:
        """A label above two pictures."""
        yield StableLabel(id="training-words")
        yield Pictures(id="training-pictures")

    def on_resize(self) -> None:
        """Put the pictures side by side if there is room."""
        self.set_class(self.size.width >= SIDE_BY_SIDE, "-wide")

    @staticmethod
    def queries(lab: Lab) -> frozenset[Query[Observation]]:
        """The predictions over the data, if they can be drawn."""
        return training.queries(lab)

    def inputs(self, lab: Lab, seen: Seen) -> tuple[object, ...]:
        """Where the run stands, what is seen of it, and the state of training."""
        return (
            *_standing(lab, seen.moment),
            lab.network,
            lab.running,
            lab.status.failure,
            lab.status.responded,
            lab.log_scale,
            lab.metrics,
        )

    def moving(self, lab: Lab) -> bool:
        """Whether it trains, and faster than by steps that are to be seen one by one."""
        return lab.running and lab.pace.unit != "step"

    def draw(self, lab: Lab, seen: Seen) -> None:
        """Draw the newest moment, or the reason why there is none."""
        found = training.view(lab, seen.moment)
        self.frame.entitle(f"{self.BORDER_TITLE}: {clean(found.title, 60)}")
        label = self.query_one(StableLabel)
        label.display = bool(found.words)
        label.set_class(not found.stopped, "-news")
        label.update(self._words(found))
        self.query_one(Pictures).draw(lab, seen, found, self.asked(lab))

    def recolor(self) -> None:
        """Redraw both pictures at once: the second fades into the background of the theme."""
        self.query_one(Pictures).recolor()
        super().recolor()

    def _words(self, found: TrainingView) -> Content:
        parts = [(self.keys[words], "bold") if kind == "key" else (words, kind) for words, kind in found.words]
        shown = (content(words, 3000, lines=True).stylize("bold" if kind == "bold" else "") for words, kind in parts)
        return Content.assemble(*shown)


def _standing(lab: Lab, moment: Moment | None) -> tuple[object, ...]:
    """What the pictures show of a moment: one that answers other pages alone differs in none of it."""
    if moment is None:
        return ()
    # An evaluation of a regression has no accuracy, and NaN equals nothing.
    losses = moment.now.train_loss, moment.now.test_loss
    found = (moment.observations.get(query) for query in sorted(training.queries(lab), key=repr))
    return moment.number, moment.step, moment.running, *losses, len(moment.curves.epoch), *found
