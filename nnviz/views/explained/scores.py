"""Metrics explained: accuracy, precision, recall, F1, MAE, RMSE and R², with the counts that they are made of."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array
from nnviz.data import Schema
from nnviz.run.metrics import ACCURACY, F1, MAE, PRECISION, R2, RECALL, RMSE, Metric, spread_of, value_scores
from nnviz.views.explained.explained import Explained, explained

MOST = 10
"""Classes whose scores are written one by one in a mean."""

BY_COUNTS = {
    "precision": "TP / (TP + FP)",
    "recall": "TP / (TP + FN)",
    "f1": "2 · TP / (2 · TP + FP + FN)",
}
"""The formulas of the metrics of a class."""

MEANING = {
    "precision": "TP: of the class and taken for it; FP: taken for it, of another",
    "recall": "TP: of the class and taken for it; FN: of it, taken for another",
    "f1": "the harmonic mean of precision and recall",
}
"""What stands in the formulas."""

CLASS_METRICS = (PRECISION, RECALL, F1)

Counts = Sequence[int] | NDArray[np.int64]


def share(value: float) -> str:
    """A share as the data page writes it."""
    return f"{value:.1%}".replace("%", " %")


def accuracy(name: str, shown: str, right: int, count: int, words: str) -> Explained:
    """The share that is right."""
    return explained(name, shown, ACCURACY.formula, {"right": right, "all": count}, words)


def of_class(metric: Metric, class_name: str, counts: tuple[int, int, int], where: str) -> Explained:
    """A metric of one class, from the samples that were found, taken for it, and of it."""
    right, taken, own = counts
    name, formula = f"{metric.title} of class {class_name}", BY_COUNTS[metric.name]
    values = {"TP": right, "FP": taken - right, "FN": own - right}
    divisor = {"precision": taken, "recall": own, "f1": taken + own}[metric.name]
    words = f"{MEANING[metric.name]}; {where}"
    if not divisor:
        return Explained(name, share(0.0), formula, words=f"what is divided by 0 is 0; {words}", value=0.0)
    used = {one: value for one, value in values.items() if one in formula}
    found = explained(name, "", formula, used, words)
    return Explained(name, share(found.value), found.formula, found.numbers, words, found.value)


def macro(metric: Metric, counts: tuple[Counts, Counts, Counts], where: str) -> Explained:
    """The mean of a metric over the classes, from `metrics.totals`."""
    name = f"{metric.title} (macro)"
    scores = [of_class(metric, "", one, "").value for one in zip(*map(_whole, counts), strict=True) if one[1] + one[2]]
    words = f"the mean over the classes of {BY_COUNTS[metric.name]}; {where}"
    if not scores:
        return Explained(name, share(0.0), words=words, value=0.0)
    names = {f"c{at}": score for at, score in enumerate(scores)}
    if len(scores) > MOST:
        formula, values = "S / n", {"S": math.fsum(scores), "n": float(len(scores))}
    else:
        formula, values = f"({' + '.join(names)}) / n", {**names, "n": float(len(scores))}
    found = explained(name, "", formula, values)
    return Explained(name, share(found.value), "Σ over the classes / n", found.numbers, words, found.value)


def _whole(counts: Counts) -> list[int]:
    return [int(one) for one in counts]


def of_outputs(schema: Schema) -> str:
    """Where a regression has several outputs: that its metrics are means over them."""
    return f"the mean over the {schema.values} outputs, each with its own; " if schema.values > 1 else ""


def of_values(labels: Array, predicted: Array, schema: Schema, where: str) -> list[Explained]:
    """MAE, RMSE and R² of a regression; of several outputs their means, without the numbers of each."""
    off = predicted.astype(np.float64) - labels.astype(np.float64)
    count, several = len(off), off.shape[1] > 1
    squares, spread = float(np.square(off).sum()), float(spread_of(labels).sum())
    found = []
    for (metric, shown, formula, values, said), value in zip(
        (
            (MAE, "{:.4g}", "S / n", {"S": float(np.abs(off).sum()), "n": count}, "S = Σ |ŷ − y|"),
            (RMSE, "{:.4g}", "√(S / n)", {"S": squares, "n": count}, "S = Σ (ŷ − y)²"),
            (R2, "{:.4f}", "1 − A / B", {"A": squares, "B": spread}, "A = Σ (ŷ − y)², B = Σ (y − ȳ)²"),
        ),
        value_scores(labels, predicted).values,
        strict=True,
    ):
        text = shown.format(value).replace("-", "−")
        if several or (metric is R2 and (count < 2 or not spread)) or not math.isfinite(value):
            words = f"{of_outputs(schema)}{metric.meaning}; {where}"
            found.append(Explained(metric.title, text, metric.formula, words=words, value=value))
        else:
            found.append(explained(metric.title, text, formula, values, f"{said}; {metric.meaning}; {where}"))
    return found
