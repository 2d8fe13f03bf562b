"""The numbers of the line at the top explained: epoch, losses and accuracies."""

from __future__ import annotations

import math

from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.lab.samples import metric_of
from nnviz.network import Network, job_of
from nnviz.run.leak import trained_before
from nnviz.run.metrics import BY_CLASS, KEPT
from nnviz.views.explained.explained import Explained, explained
from nnviz.views.explained.losses import loss_of
from nnviz.views.explained.scores import CLASS_METRICS, accuracy, macro, of_class, of_outputs
from nnviz.views.status import epoch_text, share_text
from nnviz.views.training import chosen_metrics

SIDES = ("train", "test")


def of_run(lab: Lab, moment: Moment | None) -> list[Explained]:
    """The numbers of the line at the top."""
    if moment is None or not lab.valid:
        return []
    return [*(one for side in SIDES for one in _side(lab, moment, side)), _epoch(lab, moment)]


def of_training(lab: Lab, moment: Moment | None) -> list[Explained]:
    """Losses and accuracies, and the metrics that the training page draws, as of the last evaluation."""
    if moment is None or not lab.valid:
        return []
    metrics = [name for name in chosen_metrics(lab) if name != "accuracy"]
    own = [one for side in SIDES for one in _side(lab, moment, side)]
    return [*own, *(one for name in metrics for side in SIDES for one in _metric(lab, moment, name, side))]


def _where(moment: Moment, side: str, count: int) -> str:
    kind = "training" if side == "train" else "test"
    return f"all {count:,} {kind} samples after step {moment.now.step:,}, in evaluation mode"


def _epoch(lab: Lab, moment: Moment) -> Explained:
    job = job_of(lab.network)
    samples, batch = job.schema.train, job.batch
    each = math.ceil(samples / batch)
    steps = f"{each:,} {'step' if each == 1 else 'steps'}"
    words = (
        "how often each training sample was seen, rounded down; an epoch is now "
        f"{samples:,} / {batch:,} = {steps}{', rounded up' if samples % batch else ''}"
    )
    name, shown = "epoch", epoch_text(moment.epoch)
    if lab.run.changes:
        # The number of samples may have been another before a change.
        return Explained(name, shown, "samples seen / training samples", words=words)
    seen = {"s": round(moment.epoch * samples), "N": samples}
    return explained(name, shown, "s / N", seen, f"s: samples seen, N: training samples; {words}")


def _side(lab: Lab, moment: Moment, side: str) -> list[Explained]:
    """Loss and accuracy of a side."""
    now, schema = moment.now, job_of(lab.network).schema
    count = schema.train if side == "train" else schema.test
    where, loss = _where(moment, side, count), float(getattr(now, f"{side}_loss"))
    where += _trained_before(lab, moment) if side == "test" else ""
    found = [loss_of(lab, f"{side} loss", loss, count, where, getattr(now, side))]
    share = float(getattr(now, f"{side}_accuracy"))
    if not math.isnan(share):
        words = f"right: {taken_by(lab.network)} is the true one; {where}"
        found.append(accuracy(f"{side} accuracy", share_text(share), round(share * count), count, words))
    return found


def taken_by(network: Network) -> str:
    """Which class a sample is taken for."""
    outputs = job_of(network).outputs
    return "the class with the highest output" if outputs > 1 else "the one of two classes that the output says"


def _trained_before(lab: Lab, moment: Moment) -> str:
    """That some of the test samples were trained on, where it is so."""
    more = trained_before(lab.run, moment.step, job_of(lab.network).schema)
    many = "some" if more is None else f"{more:,}"
    return f"; {many} of them were trained on before, so that it looks too good" if more != 0 else ""


def _metric(lab: Lab, moment: Moment, name: str, side: str) -> list[Explained]:
    metric, number = metric_of(name)
    schema, scores = job_of(lab.network).schema, getattr(moment.now, side)
    where = _where(moment, side, schema.train if side == "train" else schema.test)
    if metric.name in BY_CLASS and scores.own:
        counts = scores.right, scores.taken, scores.own
        if number is None:
            return [_named(side, macro(metric, counts, where))]
        return [_named(side, of_class(metric, schema.classes[number], tuple(c[number] for c in counts), where))]
    if not scores.values:
        return []
    value = scores.values[KEPT[schema.task].index(metric)]
    shown = f"{value:.1%}" if metric in CLASS_METRICS else f"{value:.4g}"
    words = f"{of_outputs(schema)}{metric.meaning}; {where}"
    return [Explained(f"{side} {metric.title}", shown.replace("-", "−"), metric.formula, words=words, value=value)]


def _named(side: str, one: Explained) -> Explained:
    return Explained(f"{side} {one.name}", one.shown, one.formula, one.numbers, one.words, one.value)
