"""The numbers of the data page explained: the metrics, the chosen sample, and the chosen cell of the matrix."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from nnviz.engine import Moment
from nnviz.lab import Lab
from nnviz.network import job_of
from nnviz.registry import Spec
from nnviz.run import metrics
from nnviz.run.queries import Judged, Judgements, Listed, SamplesOf
from nnviz.views import data
from nnviz.views.explained.explained import DIGITS, Explained, explained
from nnviz.views.explained.losses import ends_in_shares, is_mean, measured_by, summary_of
from nnviz.views.explained.run import taken_by
from nnviz.views.explained.scores import CLASS_METRICS, accuracy, macro, of_class, of_values, share

FINE = 9
"""Digits that tell any two float32 apart."""

CLOSE = 1e-2
"""An error below this part of the target needs them."""


def of_data(lab: Lab, moment: Moment | None) -> list[Explained]:
    """The numbers of the page: those of the cell or the sample that is chosen, then the metrics."""
    side = lab.data.side
    judged = moment.seen(Judgements(side)) if moment is not None and lab.valid else None
    listed = moment.seen(SamplesOf(side)) if moment is not None else None
    if moment is None or judged is None or listed is None or len(judged.losses) != len(listed.labels):
        return []
    schema = job_of(lab.network).schema
    classes = schema.classes
    if (judged.predicted.ndim == 1) != bool(classes):
        # They are of other data.
        return []
    view = data.view(lab, moment)
    where = f"{len(judged.losses):,} {data.SIDES[side]} samples"
    if judged.total > len(judged.losses):
        where = f"the first {where} of {judged.total:,}"
    sample = [] if view.sample is None else _sample(lab, moment, judged, listed, view.sample.number)
    if not classes:
        same = listed.labels.shape == judged.predicted.shape
        return [
            *sample,
            *(of_values(listed.labels, judged.predicted, job_of(lab.network).schema, where) if same else ()),
        ]
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
        words=f"samples of class {found.names[true]} that were taken for {found.names[taken]}; {where}",
    )  # fmt: skip
    right, guessed, own = (int(column[true]) for column in counts)
    return [count, *(of_class(one, found.names[true], (right, guessed, own), where) for one in CLASS_METRICS)]


def _sample(lab: Lab, moment: Moment, judged: Judged, listed: Listed, row: int) -> list[Explained]:
    """How sure it is of the chosen sample, or how far off; and its loss."""
    title, schema = f"{lab.data.side} {row:,}", job_of(lab.network).schema
    loss, spec = float(judged.losses[row]), lab.network.settings.loss
    if not schema.classes:
        return _regression(lab, moment, judged, listed, row)
    sure, shares = float(judged.confidence[row]), ends_in_shares(lab.network)
    surprise = measured_by(spec) == "surprise" and not shares
    found = []
    if judged.shares:
        words = f"of {taken_by(lab.network)}; " + (
            "as the last layer gives it" if shares else "the walk shows the outputs"
        )
        formula = "e^z / Σ e^z over all classes" if surprise else ""
        found.append(Explained(f"{title}, sure", f"{sure:.1%}", formula, words=words, value=sure))
    said = _alone(spec)
    right = judged.predicted[row] == listed.labels[row]
    plain = Explained(f"{title}, loss", f"{loss:.4g}", words=said, value=loss)
    if not surprise or not math.isfinite(loss) or not judged.shares:
        return [*found, plain]
    if right and sure > 0:
        words = f"p: how sure it is of the true class; {said}"
        one = explained(plain.name, plain.shown, "−ln(p)", {"p": sure}, words, digits=FINE)
    elif not right and len(schema.classes) == 2:
        words = f"p: how sure it is of the wrong class, of two; {said}"
        one = explained(plain.name, plain.shown, "−ln(1 − p)", {"p": sure}, words, digits=FINE)
    else:
        words = f"p: what the true class is given, e^−loss = {math.exp(-loss):.3g}; {said}"
        one = replace(plain, formula="−ln(p)", words=words)
    return [*found, _true(one, plain)]


def _alone(spec: Spec) -> str:
    """What the loss of a sample is."""
    whole = "their mean is the loss of the set" if is_mean(spec) else "those of a batch are added up"
    return f"{summary_of(spec)}; of this sample alone, {whole}"


def _true(one: Explained, plain: Explained) -> Explained:
    """The explanation, if its formula gives the value: near 0 or 1 a rounded share has too few digits left."""
    return one if math.isclose(one.value, plain.value, rel_tol=2e-3, abs_tol=1e-12) else plain


def _regression(lab: Lab, moment: Moment, judged: Judged, listed: Listed, row: int) -> list[Explained]:
    title, spec = f"{lab.data.side} {row:,}", lab.network.settings.loss
    loss, scores = float(judged.losses[row]), getattr(moment.now, lab.data.side)
    label, predicted = np.ravel(listed.labels[row]).astype(np.float64), np.ravel(judged.predicted[row])
    off = float(np.abs(predicted - label).mean())
    plain = Explained(f"{title}, loss", f"{loss:.4g}", words=_alone(spec), value=loss)
    if len(label) != 1 or len(predicted) != 1:
        return [Explained(f"{title}, error", f"{off:.4g}", "mean |ŷ − y| over its values", value=off), plain]
    values = {"p": float(predicted[0]), "y": float(label[0])}
    words = "p is predicted, y is right, both in the target's own unit"
    digits = FINE if off < CLOSE * abs(values["y"]) else DIGITS
    found = [explained(f"{title}, error", f"{off:.4g}", "|p − y|", values, words, digits=digits)]
    of_set = float(getattr(moment.now, f"{lab.data.side}_loss"))
    # Of the same predictions, RMSE = √MSE · std.
    std = scores.values[1] / math.sqrt(of_set) if len(scores.values) > 1 and of_set > 0 else math.nan
    if measured_by(spec) != "squares" or not std > 0 or not math.isfinite(loss):
        return [*found, plain]
    words = f"s: the std of the target, by which it is standardized; {plain.words}"
    one = explained(plain.name, plain.shown, "((p − y) / s)²", {**values, "s": std}, words, digits=digits)
    return [*found, _true(one, plain)]
