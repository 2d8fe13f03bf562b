"""The training panel: loss curves, the network's predictions, and what the status line has no room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.lab.samples import metric_names, metric_of, metric_title
from nnviz.network import job_of, trace
from nnviz.run import Changed, Curves, Observation, Query
from nnviz.run.metrics import KEPT
from nnviz.run.queries import ClassHistory, Fitted, Predicted, Predictions, Samples, SamplesSeen
from nnviz.views.boundary import prediction_map
from nnviz.views.changes import changes_of
from nnviz.views.contrast import Rgb
from nnviz.views.fit import scatter
from nnviz.views.heat import Field
from nnviz.views.series import Floats, Frame, Mark, Series, Stroke
from nnviz.views.status import epoch_text

Kind = Literal["plain", "bold", "key"]
Part = tuple[str, Kind]
"""Words, and how they stand out; or the id of a command, for its key."""

PREDICTIONS, SAMPLES, FITTED = Predictions(), Samples(), Fitted()


@dataclass(frozen=True, eq=False)
class TrainingView:
    """What the panel shows.

    Attributes:
        title: the name of the loss.
        words: why there is no training, or what was changed; empty where there is nothing to say.
        stopped: whether the words say why there is no training: these are shown in full.
        losses: the loss curves.
        loss_frame: their axes.
        flat: whether the second picture is a field over two-dimensional data.
    """

    title: str
    words: tuple[Part, ...]
    stopped: bool
    losses: tuple[Series, ...]
    loss_frame: Frame
    flat: bool


def queries(lab: Lab) -> frozenset[Query[Observation]]:
    """What the panel queries: the chosen metrics of classes; or what its picture of the data shows."""
    chosen = chosen_metrics(lab)
    if chosen:
        return frozenset(curve for one in chosen if (curve := _class_history(one)) is not None)
    if len(_features(lab)) in (1, 2):
        return frozenset({PREDICTIONS, SAMPLES})
    return frozenset() if job_of(lab.network).schema.classes else frozenset({FITTED})


def chosen_metrics(lab: Lab) -> tuple[str, ...]:
    """The chosen metrics that these data have."""
    return tuple(name for name in lab.metrics if name in metric_names(lab)) if lab.metrics else ()


def _class_history(name: str) -> ClassHistory | None:
    metric, number = metric_of(name)
    return None if number is None else ClassHistory(metric.name, number)


def _features(lab: Lab) -> tuple[str, ...]:
    return job_of(lab.network).schema.features


def view(lab: Lab, moment: Moment | None) -> TrainingView:
    """The loss curves of the present run, with its changes."""
    curves = _curves(lab, moment)
    changes = changes_of(lab.run) if curves else ()
    trouble = _trouble(lab, moment)
    return TrainingView(
        title=lab.network.settings.loss.name,
        words=trouble or _news(lab, moment, changes),
        stopped=bool(trouble),
        losses=_losses(curves, changes),
        loss_frame=Frame(
            title="loss",
            x_label="epoch",
            x_range=_epochs(lab, moment),
            y_floor=None if lab.log_scale else 0.0,
            log_y=lab.log_scale,
            marks=_marks(changes),
        ),
        flat=len(_features(lab)) == 2 and not chosen_metrics(lab),
    )


def field(lab: Lab, moment: Moment | None, background: Rgb) -> Field | None:
    """The predictions over two-dimensional data, blended with the background; None before they arrive."""
    predicted, samples = _observed(moment)
    if predicted is None or samples is None:
        return None
    return prediction_map(job_of(lab.network).schema, predicted, samples, background)


def second(lab: Lab, moment: Moment | None) -> tuple[tuple[Series, ...], Frame]:
    """The chosen metrics; else target and fit of one-dimensional data.

    Of all others the accuracies, or what a regression predicts against what is right.
    """
    if chosen := chosen_metrics(lab):
        return _metrics(lab, moment, chosen)
    if len(_features(lab)) != 1:
        if not job_of(lab.network).schema.classes:
            return _fit(moment)
        curves = _curves(lab, moment)
        marks = _marks(changes_of(lab.run) if curves else ())
        frame = Frame("accuracy, %", "epoch", _epochs(lab, moment), (0.0, 100.0), marks=marks)
        return _accuracies(curves), frame
    predicted, samples = _observed(moment)
    series: tuple[Series, ...] = ()
    frame = Frame("y", "x")
    if samples is not None:
        order = np.argsort(samples.inputs[:, 0])
        series = (Series("target", samples.inputs[order, 0], samples.labels[order, 0], "points"),)
    if predicted is not None:
        series = (Series("fit", predicted.points[:, 0], predicted.answers[:, 0]), *series)
        frame = Frame("y", "x", x_range=(predicted.extent[0], predicted.extent[1]))
    return series, frame


def _fit(moment: Moment | None) -> tuple[tuple[Series, ...], Frame]:
    """What a regression predicts against what is right, with R² of the last evaluation."""
    found = moment.seen(FITTED) if moment else None
    if moment is None or found is None or found.true.shape != found.predicted.shape:
        return (), Frame("ŷ, R²", "y")
    at = next(at for at, metric in enumerate(KEPT["regression"]) if metric.name == "r2")
    sides = []
    for side, rows in (("train", ~found.held_out), ("test", found.held_out)):
        scores = getattr(moment.curves, side)
        r2 = scores[-1, at] if len(scores) and scores.shape[1] > at else np.nan
        words = f"{r2:.2f}" if np.isfinite(r2) else ""
        sides.append((side, words, found.true[rows], found.predicted[rows]))
    return scatter(sides)


def _observed(moment: Moment | None) -> tuple[Predicted | None, SamplesSeen | None]:
    return (moment.seen(PREDICTIONS), moment.seen(SAMPLES)) if moment else (None, None)


def _curves(lab: Lab, moment: Moment | None) -> Curves | None:
    """The history of the moment; until the first one after a change, that of the checkpoint where the run stands."""
    if moment is not None:
        return moment.curves
    checkpoint = lab.present.checkpoint
    return Curves.of([*checkpoint.history]) if checkpoint is not None and checkpoint.history else None


def _epochs(lab: Lab, moment: Moment | None) -> tuple[float, float]:
    if moment is None:
        curves = _curves(lab, moment)
        return 0.0, (float(curves.epoch[-1]) or 1.0) if curves else 1.0
    return 0.0, moment.epoch if moment.step else 1.0


def _trouble(lab: Lab, moment: Moment | None) -> tuple[Part, ...]:
    """Why there is no training."""
    status, found = lab.status, trace(lab.network)
    if found.diagnostic is not None:
        stands = f" The run waits at step {lab.present.step:,}." if lab.present.step else ""
        return ((f"✗ The stack cannot run, so training does not start: see the stack.{stands}", "plain"),)
    if found.parameters == 0:
        return (("✗ Nothing to train: the stack has no parameters. Add a linear layer.", "plain"),)
    failure = status.failure
    if failure is None:
        return ()
    hint = f"\n→ {failure.hint}" if failure.hint else ""
    state = "✗ stopped: " if moment else "✗ cannot start: "
    return (state, "bold"), (f"{failure.message[:2000]}{hint[:1000]}", "plain")


def _news(lab: Lab, moment: Moment | None, changes: tuple[Changed, ...]) -> tuple[Part, ...]:
    """How to begin; what was changed, the newest first."""
    if moment is None:
        doing = "preparing the run" if lab.status.responded else "the training process is starting"
        return ((f"… {doing}", "plain"),)
    if not moment.step and not lab.running:
        return (("□ ready: press ", "bold"), ("train", "key"))
    told = (f"epoch {epoch_text(change.epoch)}: {_told(change)}" for change in reversed(changes))
    return ((" · ".join(told), "plain"),) if changes else ()


def _told(change: Changed) -> str:
    return f"new loss: {change.words}" if change.loss else change.words


def _marks(changes: tuple[Changed, ...]) -> tuple[Mark, ...]:
    return tuple(Mark(change.epoch, _told(change), change.loss) for change in changes)


def _losses(curves: Curves | None, changes: tuple[Changed, ...]) -> tuple[Series, ...]:
    """The curves, with a gap wherever another loss begins."""
    if curves is None:
        return ()
    epoch, train, test = curves.epoch, curves.train_loss, curves.test_loss
    breaks = [
        int(np.searchsorted(epoch, change.epoch, "left" if change.within else "right"))
        for change in changes
        if change.loss
    ]
    if breaks:
        epoch, train, test = (np.insert(values, breaks, np.nan) for values in (epoch, train, test))
    return _train_and_test(epoch, train, test)


def _accuracies(curves: Curves | None) -> tuple[Series, ...]:
    if curves is None:
        return ()
    return _train_and_test(curves.epoch, 100 * curves.train_accuracy, 100 * curves.test_accuracy)


def _metrics(lab: Lab, moment: Moment | None, chosen: tuple[str, ...]) -> tuple[tuple[Series, ...], Frame]:
    """The curves of the chosen metrics, train and test; shares in percent."""
    unit = metric_of(chosen[0])[0].unit
    titles = [metric_title(lab, name) for name in chosen]
    # The unit comes first, because what is too long is cut.
    title = ("%: " if unit == "%" else "") + " · ".join(titles)
    marks = _marks(changes_of(lab.run) if _curves(lab, moment) else ())
    frame = Frame(title, "epoch", _epochs(lab, moment), (0.0, 100.0) if unit == "%" else None, marks=marks)
    series: list[Series] = []
    for at, name in enumerate(chosen):
        found = _metric(lab, name, moment)
        if found is None:
            continue
        metric, number = metric_of(name)
        of_class = "" if number is None else f" {job_of(lab.network).schema.classes[number][:SHORT]}"
        short = "" if len(chosen) == 1 else f"{metric.title}{of_class} "
        epoch, *sides = found
        for side, values, style in zip(("train", "test"), sides, STROKES, strict=True):
            scaled = 100 * values if unit == "%" else values
            series.append(
                Series(f"{short}{side}", epoch, scaled, style, averaged=True, color=2 * at + (side == "test"))
            )
    return tuple(series), frame


STROKES: tuple[Stroke, Stroke] = ("line", "dashes")

SHORT = 8
"""Characters of a class's name beside its curve."""


def _metric(lab: Lab, name: str, moment: Moment | None) -> tuple[Floats, Floats, Floats] | None:
    """Epochs, and the values of both sides; None where there are none yet."""
    curves, (metric, _), asked = _curves(lab, moment), metric_of(name), _class_history(name)
    if curves is None:
        return None
    if asked is not None:
        found = moment.seen(asked) if moment is not None else None
        return None if found is None else (found.epoch, found.train, found.test)
    if metric.name == "accuracy":
        return curves.epoch, curves.train_accuracy, curves.test_accuracy
    at = KEPT[metric.task].index(metric)
    if at >= curves.train.shape[1]:
        return None
    return curves.epoch, curves.train[:, at], curves.test[:, at]


def _train_and_test(epoch: Floats, train: Floats, test: Floats) -> tuple[Series, ...]:
    return Series("train", epoch, train, averaged=True), Series("test", epoch, test, "dashes", averaged=True)
