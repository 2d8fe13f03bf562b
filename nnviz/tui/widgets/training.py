"""Training, live: where the run stands, its losses, and what the network makes of the data."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content

from nnviz.engine import Moment
from nnviz.network import Job, Network, job_of, trace
from nnviz.run.queries import Predictions
from nnviz.tui.plots import Frame
from nnviz.tui.session import Session
from nnviz.tui.text import clean, content
from nnviz.tui.widgets.guarded import drawing
from nnviz.tui.widgets.heatmap import HeatMap
from nnviz.tui.widgets.panel import Panel
from nnviz.tui.widgets.plot import Plot
from nnviz.tui.widgets.surface import surface
from nnviz.tui.widgets.words import Words
from nnviz.views.heat import Colour, Field
from nnviz.views.probe import Probe
from nnviz.views.scene import field_of
from nnviz.views.series import Series

SHARE = 0.05
"""Share of the screen's time that drawing pictures may take while training."""

SIDE_BY_SIDE = 60
"""Columns from which on the two pictures stand side by side."""


class TrainingPanel(Panel, Vertical, can_focus=True):
    """The run in words, the loss curves, and a second picture that fits the data.

    The second picture is the decision boundary or surface for two-dimensional data, target and fit for
    one-dimensional data, and the accuracies for all others.
    """

    BORDER_TITLE = "4 Training"
    HELP = """\
{train} trains and pauses, {step} takes one step, {epoch} goes to the end of the epoch, {reset} goes back to the
same initial weights.

Look at both losses: where train falls and test rises, it learns by heart. {log_scale} shows the loss by powers
of ten. The second picture is what the network makes of the data: a colour and a mark for each class, paler
where it is unsure.

{settings} chooses data, batch, loss, optimizer, rate and seed."""
    log_scale = False
    _losses_turn = False
    _due = 0.0
    _shown: tuple[Network, Session] | None = None

    def compose(self) -> ComposeResult:
        """Words above pictures."""
        yield Words(id="training-words")
        with Container(id="training-pictures"):
            yield Plot(id="loss-plot")
            yield Plot(id="second-plot")
            yield HeatMap(id="boundary")

    def on_resize(self) -> None:
        """The pictures stand side by side where there is room."""
        self.set_class(self.size.width >= SIDE_BY_SIDE, "-wide")

    @drawing(whole=True)
    def show(self, network: Network, session: Session) -> None:
        """Draw the newest snapshot of `session`, or why there is none.

        While it runs the pictures take turns, and all rests in between: a key that comes then is answered at once.
        """
        begin = perf_counter()
        self._shown = network, session
        if session.running and begin < self._due:
            return
        moment, probe = session.moment, session.probe
        job = job_of(network)
        name, optimizer = clean(job.schema.name, 30), network.settings.optimizer
        self.entitle(f"4 Training: {name}, {clean(optimizer.name, 20)}, lr {optimizer.get('lr'):g}")
        self.set_class(session.trouble is not None, "-stopped")
        self.query_one(Words).say(_words(network, session, self.keys["train"]))
        heat, second = self.query_one(HeatMap), self.query_one("#second-plot", Plot)
        heat.display = probe is not None and probe.flat
        second.display = not heat.display
        if not session.running:
            self._show_losses(moment)
            self._show_second(job, probe, moment)
            return
        self._losses_turn = not self._losses_turn
        shown = self._show_losses(moment) if self._losses_turn else self._show_second(job, probe, moment)
        end = perf_counter()
        self._due = end + (end - begin + shown.cost) / SHARE

    def recolour(self) -> None:
        """The second picture fades into the theme's background; it takes its turn at once."""
        self._due, self._losses_turn = 0.0, True
        if self._shown is not None:
            self.show(*self._shown)

    def _show_losses(self, moment: Moment | None) -> Plot:
        floor = None if self.log_scale else 0.0
        frame = Frame("loss", "epoch", _epochs(moment), y_floor=floor, log_y=self.log_scale)
        plot = self.query_one("#loss-plot", Plot)
        plot.show(_losses(moment), frame)
        return plot

    def _show_second(self, job: Job, probe: Probe | None, moment: Moment | None) -> Plot | HeatMap:
        if probe is not None and probe.flat:
            heat = self.query_one(HeatMap)
            heat.show(_field(job, probe, moment, surface(self.app)))
            return heat
        plot = self.query_one("#second-plot", Plot)
        if probe is None:
            plot.show(_accuracies(moment), Frame("accuracy", "epoch", _epochs(moment), (-0.03, 1.03)))
        else:
            plot.show(_fit(job, probe, moment), Frame("y", "x", x_range=(probe.extent[0], probe.extent[1])))
        return plot


def _epochs(moment: Moment | None) -> tuple[float, float]:
    return 0.0, moment.epoch if moment and moment.step else 1.0


def _words(network: Network, session: Session, key: str) -> Content:
    """Two lines: where the run stands, and how well it does."""
    moment, trouble = session.moment, session.trouble
    if trace(network).fault is not None:
        return Content("✗ The stack cannot run, so training does not start: see the stack.")
    if trace(network).parameters == 0:
        return Content("✗ Nothing to train: the stack has no parameters. Add a Linear layer.")
    if trouble is not None:
        where = f"stopped[/b] · epoch {moment.epoch:,.1f} · step {moment.step:,}" if moment else "cannot start[/b]"
        at = f"[b]✗ {where}\n"
        return Content.from_markup(at).append(content(trouble.message, 400)).append(content(_hint(trouble.hint), 400))
    if moment is None:
        return Content("… the training process is starting")
    state = _state(session, moment, key)
    rate = f" · {moment.rate:,.0f} steps/s" if moment.rate else ""
    now = moment.now
    return Content.from_markup(
        "[b]$state[/b]$rate\nepoch $epoch · step $step\n$train\n$test",
        state=state,
        rate=rate,
        epoch=f"{moment.epoch:,.1f}",
        step=f"{moment.step:,}",
        train=_score("train", now.train_loss, now.train_accuracy),
        test=_score("test ", now.test_loss, now.test_accuracy),
    )


def _hint(text: str) -> str:
    return f"\n→ {text}" if text else ""


def _score(name: str, loss: float, accuracy: float) -> str:
    share = "" if math.isnan(accuracy) else f"  accuracy {100 * accuracy:5.1f}%"
    return f"{name} loss {_loss(loss):<7}{share}"


def _state(session: Session, moment: Moment, key: str) -> str:
    if session.running:
        return "▶ training"
    return "■ paused" if moment.step else f"□ ready: press {key}"


def _loss(value: float) -> str:
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.1e}"


def _losses(moment: Moment | None) -> list[Series]:
    if moment is None:
        return []
    curves = moment.curves
    return [Series("train", curves.epoch, curves.train_loss), Series("test", curves.epoch, curves.test_loss, "dots")]


def _accuracies(moment: Moment | None) -> list[Series]:
    if moment is None:
        return []
    curves = moment.curves
    return [
        Series("train", curves.epoch, curves.train_accuracy),
        Series("test", curves.epoch, curves.test_accuracy, "dots"),
    ]


def _fit(job: Job, probe: Probe, moment: Moment | None) -> list[Series]:
    """The samples as dots, and the network's answer as a line."""
    dataset = job.data().dataset
    order = np.argsort(dataset.inputs[:, 0])
    target = Series("target", dataset.inputs[order, 0], dataset.targets[order, 0], "dots")
    said = moment.seen(Predictions()) if moment else None
    return [target] if said is None else [Series("fit", probe.points[:, 0], said.answers[:, 0]), target]


def _field(job: Job, probe: Probe, moment: Moment | None, background: Colour) -> Field | None:
    said = moment.seen(Predictions()) if moment else None
    return None if said is None else field_of(job.data(), probe, said.answers, background)
