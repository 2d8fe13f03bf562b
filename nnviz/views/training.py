"""The training panel: status, loss curves, and the network's predictions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.network import job_of, trace
from nnviz.run import Observation, Query
from nnviz.run.queries import Predicted, Predictions, Samples, SamplesSeen
from nnviz.views.boundary import prediction_map
from nnviz.views.heat import Colour, Field
from nnviz.views.series import Floats, Frame, Series

Kind = Literal["plain", "bold", "key"]
Part = tuple[str, Kind]
"""Words, and how they stand out; or the id of a command, for its key."""

PREDICTIONS, SAMPLES = Predictions(), Samples()


@dataclass(frozen=True, eq=False)
class TrainingView:
    """What the panel shows.

    Attributes:
        title: data set, optimizer and learning rate.
        words: status and scores.
        failed: whether a failure stops training.
        losses: the loss curves.
        loss_frame: their axes.
        flat: whether the second picture is a field over two-dimensional data.
    """

    title: str
    words: tuple[Part, ...]
    failed: bool
    losses: tuple[Series, ...]
    loss_frame: Frame
    flat: bool


def queries(lab: Lab) -> frozenset[Query[Observation]]:
    """What the panel queries: predictions and samples, for one- and two-dimensional data."""
    return frozenset({PREDICTIONS, SAMPLES}) if len(_features(lab)) in (1, 2) else frozenset()


def _features(lab: Lab) -> tuple[str, ...]:
    return job_of(lab.network).schema.features


def view(lab: Lab, moment: Moment | None) -> TrainingView:
    """The status, scores and curves of the present run."""
    settings = lab.network.settings
    title = f"{settings.data.name}, {settings.optimizer.name}, lr {settings.optimizer.get('lr'):g}"
    floor = None if lab.log_scale else 0.0
    frame = Frame("loss", "epoch", _epochs(moment), y_floor=floor, log_y=lab.log_scale)
    return TrainingView(
        title, _words(lab, moment), lab.status.failure is not None, _losses(moment), frame, len(_features(lab)) == 2
    )


def field(lab: Lab, moment: Moment | None, background: Colour) -> Field | None:
    """The predictions over two-dimensional data, blended with the background; None before they arrive."""
    predicted, samples = _observed(moment)
    if predicted is None or samples is None:
        return None
    return prediction_map(job_of(lab.network).schema, predicted, samples, background)


def second(lab: Lab, moment: Moment | None) -> tuple[tuple[Series, ...], Frame]:
    """Target and fit of one-dimensional data; the accuracies of all others."""
    if len(_features(lab)) != 1:
        return _accuracies(moment), Frame("accuracy", "epoch", _epochs(moment), (-0.03, 1.03))
    predicted, samples = _observed(moment)
    series: tuple[Series, ...] = ()
    frame = Frame("y", "x")
    if samples is not None:
        order = np.argsort(samples.inputs[:, 0])
        series = (Series("target", samples.inputs[order, 0], samples.labels[order, 0], "dots"),)
    if predicted is not None:
        series = (Series("fit", predicted.points[:, 0], predicted.answers[:, 0]), *series)
        frame = Frame("y", "x", x_range=(predicted.extent[0], predicted.extent[1]))
    return series, frame


def _observed(moment: Moment | None) -> tuple[Predicted | None, SamplesSeen | None]:
    return (moment.seen(PREDICTIONS), moment.seen(SAMPLES)) if moment else (None, None)


def _epochs(moment: Moment | None) -> tuple[float, float]:
    return 0.0, moment.epoch if moment and moment.step else 1.0


def _words(lab: Lab, moment: Moment | None) -> tuple[Part, ...]:
    """Four lines at most."""
    status, found = lab.status, trace(lab.network)
    if found.diagnostic is not None:
        stands = f" The run waits at step {lab.present.step:,}." if lab.present.step else ""
        return ((f"✗ The stack cannot run, so training does not start: see the stack.{stands}", "plain"),)
    if found.parameters == 0:
        return (("✗ Nothing to train: the stack has no parameters. Add a linear layer.", "plain"),)
    failure = status.failure
    if failure is not None:
        where = f" · epoch {moment.epoch:,.1f} · step {moment.step:,}" if moment else ""
        hint = f"\n→ {failure.hint}" if failure.hint else ""
        state = "✗ stopped" if moment else "✗ cannot start"
        return (state, "bold"), (f"{where}\n", "plain"), (f"{failure.message[:400]}{hint[:400]}", "plain")
    if moment is None:
        doing = "preparing the run" if status.responded else "the training process is starting"
        return ((f"… {doing}", "plain"),)
    rate = f" · {moment.rate:,.0f} steps/s" if moment.rate and lab.running else ""
    now = moment.now
    lines = (
        f"{rate}",
        f"epoch {moment.epoch:,.1f} · step {moment.step:,}",
        _score("train", now.train_loss, now.train_accuracy),
        _score("test ", now.test_loss, now.test_accuracy),
    )
    return *_state(lab, moment), ("\n".join(lines), "plain")


def _state(lab: Lab, moment: Moment) -> tuple[Part, ...]:
    if lab.running:
        return (("▶ training", "bold"),)
    return (("■ paused", "bold"),) if moment.step else (("□ ready: press ", "bold"), ("train", "key"))


def _score(name: str, loss: float, accuracy: float) -> str:
    share = "" if math.isnan(accuracy) else f"  accuracy {100 * accuracy:5.1f}%"
    return f"{name} loss {_loss(loss):<7}{share}"


def _loss(value: float) -> str:
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e4 or value == 0 else f"{value:.1e}"


def _losses(moment: Moment | None) -> tuple[Series, ...]:
    curves = moment.curves if moment else None
    return _train_and_test(curves.epoch, curves.train_loss, curves.test_loss) if curves else ()


def _accuracies(moment: Moment | None) -> tuple[Series, ...]:
    curves = moment.curves if moment else None
    return _train_and_test(curves.epoch, curves.train_accuracy, curves.test_accuracy) if curves else ()


def _train_and_test(epoch: Floats, train: Floats, test: Floats) -> tuple[Series, ...]:
    return Series("train", epoch, train), Series("test", epoch, test, "dots")
