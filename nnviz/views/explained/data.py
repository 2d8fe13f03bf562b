"""The numbers of the data page explained: the metrics, the chosen sample, and the chosen cell of the matrix."""

from __future__ import annotations

import math

import numpy as np

from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.network import job_of
from nnviz.run import metrics
from nnviz.run.queries import Judged, Judgements, Listed, SamplesOf
from nnviz.views import data
from nnviz.views.explained.explained import Explained, explained
from nnviz.views.explained.run import measured_by
from nnviz.views.explained.scores import CLASS_METRICS, accuracy, macro, of_class, of_values, share

SUREST = 0.999
"""Above this, 1 − p has too few digits left to compute a loss from it."""


def of_data(lab: Lab, moment: Moment | None) -> list[Explained]:
    """The numbers of the page: those of the cell or the sample that is chosen, then the metrics."""
    side = lab.data.side
    judged = moment.seen(Judgements(side)) if moment is not None and lab.valid else None
    listed = moment.seen(SamplesOf(side)) if moment is not None else None
    if moment is None or judged is None or listed is None or len(judged.losses) != len(listed.labels):
        return []
    view, classes = data.view(lab, moment), job_of(lab.network).schema.classes
    where = f"{len(judged.losses):,} {data.SIDES[side]} samples"
    if judged.total > len(judged.losses):
        where = f"the first {where} of {judged.total:,}"
    sample = [] if view.sample is None else _sample(lab, moment, judged, listed, view.sample.number)
    if not classes:
        same = listed.labels.shape == judged.predicted.shape
        return [*sample, *(of_values(listed.labels, judged.predicted, where) if same else ())]
    totals = metrics.count_totals(listed.labels, judged.predicted, _width(judged, classes))
    right = int((judged.predicted == listed.labels).sum())
    whole = accuracy("accuracy", share(right / len(judged.losses)), right, len(judged.losses), where)
    if view.confusion is None:
        return [*sample, whole]
    means = [macro(metric, totals, where) for metric in CLASS_METRICS]
    cell = _cell(view.confusion, totals, where)
    return [*cell, *sample, whole, *means] if lab.data.matrix else [*sample, whole, *means, *cell]


def _width(judged: Judged, classes: tuple[str, ...]) -> int:
    return max(len(classes), int(judged.predicted.max(initial=0)) + 1)


def _cell(found: data.Confusion, counts: metrics.Totals, where: str) -> list[Explained]:
    """The chosen cell, and the metrics of its class."""
    true, taken = found.cursor
    kind = "found" if true == taken else f"taken for {found.names[taken]}"
    count = Explained(
        f"{found.names[true]} {kind}", f"{int(found.counts[true, taken]):,}",
        words=f"samples of class {found.names[true]} whose highest output is that of {found.names[taken]}; {where}",
    )  # fmt: skip
    right, guessed, own = (int(column[true]) for column in counts)
    return [count, *(of_class(one, found.names[true], (right, guessed, own), where) for one in CLASS_METRICS)]


def _sample(lab: Lab, moment: Moment, judged: Judged, listed: Listed, row: int) -> list[Explained]:
    """How sure it is of the chosen sample, or how far off; and its loss."""
    title, schema = f"{lab.data.side} {row:,}", job_of(lab.network).schema
    loss, spec = float(judged.losses[row]), lab.network.settings.loss
    if not schema.classes:
        return _regression(lab, moment, judged, listed, row)
    sure = float(judged.confidence[row])
    found = []
    if judged.shares:
        formula = "e^z / Σ e^z over all classes" if measured_by(spec) else ""
        words = "of the class with the highest output; the walk on this sample shows the scores z"
        found.append(Explained(f"{title}, sure", f"{sure:.1%}", formula, words=words, value=sure))
    said = f"{spec.name} of this sample alone; their mean is the loss of the set"
    right = judged.predicted[row] == listed.labels[row]
    if measured_by(spec) != "surprise" or not math.isfinite(loss) or not judged.shares:
        return [*found, Explained(f"{title}, loss", f"{loss:.4g}", words=said, value=loss)]
    if right and sure > 0:
        words = f"p: how sure it is of the true class; {said}"
        found.append(explained(f"{title}, loss", f"{loss:.4g}", "−ln(p)", {"p": sure}, words))
    elif not right and len(schema.classes) == 2 and sure < SUREST:
        words = f"p: how sure it is of the wrong class, of two; {said}"
        found.append(explained(f"{title}, loss", f"{loss:.4g}", "−ln(1 − p)", {"p": sure}, words))
    else:
        words = f"p: what the true class is given, e^−loss = {math.exp(-loss):.3g}; {said}"
        found.append(Explained(f"{title}, loss", f"{loss:.4g}", "−ln(p)", words=words, value=loss))
    return found


def _regression(lab: Lab, moment: Moment, judged: Judged, listed: Listed, row: int) -> list[Explained]:
    title, spec = f"{lab.data.side} {row:,}", lab.network.settings.loss
    loss, scores = float(judged.losses[row]), getattr(moment.now, lab.data.side)
    label, predicted = np.ravel(listed.labels[row]), np.ravel(judged.predicted[row])
    if len(label) != 1 or len(predicted) != 1:
        return [Explained(f"{title}, error", "", "mean |ŷ − y| over its values")]
    values = {"p": float(predicted[0]), "y": float(label[0])}
    error = explained("", "", "|p − y|", values)
    words = "p is predicted, y is right, both in the target's own unit"
    found = [Explained(f"{title}, error", f"{error.value:.4g}", "|p − y|", error.numbers, words, error.value)]
    of_set = float(getattr(moment.now, f"{lab.data.side}_loss"))
    # Of the same predictions, RMSE = √MSE · std.
    std = scores.values[1] / math.sqrt(of_set) if len(scores.values) > 1 and of_set > 0 else math.nan
    said = f"{spec.name} of this sample alone; their mean is the loss of the set"
    if measured_by(spec) != "squares" or not std > 0 or not math.isfinite(loss):
        return [*found, Explained(f"{title}, loss", f"{loss:.4g}", words=said, value=loss)]
    words = f"s: the std of the target, by which it is standardized; {said}"
    found.append(explained(f"{title}, loss", f"{loss:.4g}", "((p − y) / s)²", {**values, "s": std}, words))
    return found
