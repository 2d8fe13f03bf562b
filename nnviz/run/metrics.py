"""Metrics of a classification and of a regression, as pure functions of numpy arrays.

All of a classification follow from the confusion matrix, which is one count of the predictions that the loss was
measured on. What is divided by 0 is 0, as in scikit-learn with `zero_division=0`; R² of targets that are all alike is 1
if every prediction is right, else 0, as in its `r2_score`.

Source: scikit-learn's user guide, "Metrics and scoring"; van Rijsbergen, Information Retrieval, 1979 (F1).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nnviz.autograd.operation import Array

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Totals = tuple[Counts, Counts, Counts]
"""Of each class: right, taken for it, and of it."""


def confusion_matrix(labels: Array, predicted: Array, classes: int) -> Counts:
    """How often each class was predicted for each: element [i, j] counts samples of class i that were taken for j.

    Shape:
        - labels, predicted: (N,) class numbers from 0 to `classes` − 1
        - returned: (classes, classes)
    """
    # In int64, because the square of many classes is beyond smaller types.
    places = labels.astype(np.int64) * classes + predicted
    return np.bincount(places, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def accuracy(matrix: Counts) -> float:
    """Σᵢ Mᵢᵢ / Σᵢⱼ Mᵢⱼ: the share of samples whose predicted class is the true one; 0 of no samples."""
    return float(_over(np.trace(matrix), matrix.sum()))


def precision(matrix: Counts) -> Floats:
    """Of each class TP / (TP + FP): the share that is right among the samples taken for it; 0 if none was.

    Shape:
        - matrix: (classes, classes), as of `confusion_matrix`
        - returned: (classes,)
    """
    return precision_of(*totals(matrix))


def recall(matrix: Counts) -> Floats:
    """Of each class TP / (TP + FN): the share that was found among the samples of it; 0 if there are none.

    Shape: as of `precision`.
    """
    return recall_of(*totals(matrix))


def f1(matrix: Counts) -> Floats:
    """Of each class 2 TP / (2 TP + FP + FN): the harmonic mean of precision and recall; 0 if both are 0.

    Shape: as of `precision`.
    """
    return f1_of(*totals(matrix))


def totals(matrix: Counts) -> Totals:
    """Of each class: the samples of it that were taken for it, all that were taken for it, all of it; (classes,)."""
    return np.diagonal(matrix), matrix.sum(axis=0), matrix.sum(axis=1)


def count_totals(labels: Array, predicted: Array, classes: int) -> Totals:
    """`totals` without the matrix, which of many classes takes much memory.

    Shape:
        - labels, predicted: (N,) class numbers from 0 to `classes` − 1
    """
    right, taken, own = (
        np.bincount(numbers, minlength=classes).astype(np.int64)
        for numbers in (labels[labels == predicted], predicted, labels)
    )
    return right, taken, own


def precision_of(right: Array, taken: Array, own: Array) -> Floats:  # noqa: ARG001 (all three have the same arguments)
    """Precision from `totals`, elementwise."""
    return _over(right, taken)


def recall_of(right: Array, taken: Array, own: Array) -> Floats:  # noqa: ARG001 (all three have the same arguments)
    """Recall from `totals`, elementwise."""
    return _over(right, own)


def f1_of(right: Array, taken: Array, own: Array) -> Floats:
    """F1 from `totals`, elementwise."""
    return _over(2 * right, taken + own)


def macro(scores: Floats, matrix: Counts) -> float:
    """The mean of a score over the classes, each counting alike; 0 without any.

    A class that is neither a label nor a prediction is left out, as scikit-learn does.
    """
    return _macro(scores, totals(matrix))


def _macro(scores: Floats, found: Totals) -> float:
    _, taken, own = found
    present = (taken + own) > 0
    return float(scores[present].mean()) if present.any() else 0.0


def mean_absolute_error(targets: Array, predicted: Array) -> float:
    """mean |ŷ − y|, in the units of the target.

    Shape: (N, outputs) each; of several outputs the mean. So it is of the other two.
    """
    return float(np.abs(_difference(targets, predicted)).mean(axis=0).mean())


def root_mean_squared_error(targets: Array, predicted: Array) -> float:
    """√ mean (ŷ − y)², in the units of the target; of several outputs the mean of their roots."""
    return float(np.sqrt(np.square(_difference(targets, predicted)).mean(axis=0)).mean())


def r2_score(targets: Array, predicted: Array) -> float:
    """1 − Σ (ŷ − y)² / Σ (y − ȳ)²: the share of the variance that is explained; 0 for always guessing the mean.

    It has no lower bound. Where all targets are alike it is 1 if all predictions are right, else 0; and NaN of fewer
    than two samples.
    """
    return _r2(np.square(_difference(targets, predicted)).sum(axis=0), spread_of(targets), len(targets))


def spread_of(targets: Array) -> Floats:
    """Σ (y − ȳ)² of each output, (outputs,)."""
    values = targets.astype(np.float64)
    values -= values.mean(axis=0)
    return np.asarray(np.square(values, out=values).sum(axis=0))


def _r2(left: Floats, spread: Floats, count: int) -> float:
    if count < 2:
        return math.nan
    if spread.all():
        return float((1 - left / spread).mean())
    known = np.where(spread == 0, np.where(left == 0, 1.0, 0.0), 1 - left / np.where(spread == 0, 1, spread))
    return float(known.mean())


def _difference(targets: Array, predicted: Array) -> Floats:
    return np.asarray(predicted.astype(np.float64) - targets.astype(np.float64))


def _over(part: Array | np.integer, whole: Array | np.integer) -> Floats:
    """The quotient, 0 where the divisor is 0."""
    divisor = np.asarray(whole, np.float64)
    return np.divide(part, divisor, out=np.zeros_like(divisor), where=divisor != 0)


@dataclass(frozen=True)
class Metric:
    """A number that says how good predictions are.

    Attributes:
        name: its name in files: of the training data with `train_` before it, of the test data with `test_`.
        title: what the screen calls it.
        formula: how it is computed.
        meaning: what it says, and what it is where it cannot be computed.
        task: for which kind of data.
        unit: "%" for shares, "" for numbers in the unit of the target, "R²" for that alone: what has one axis.
    """

    name: str
    title: str
    formula: str
    meaning: str
    task: str
    unit: str


ACCURACY = Metric(
    "accuracy", "accuracy", "right / all", "the share of samples whose most probable class is the true one",
    "classification", "%",
)  # fmt: skip
PRECISION = Metric(
    "precision", "precision", "TP / (TP + FP)",
    "of the samples taken for a class, the share that is of it; 0 where none was taken for it", "classification", "%",
)  # fmt: skip
RECALL = Metric(
    "recall", "recall", "TP / (TP + FN)",
    "of the samples of a class, the share that was found; 0 where there are none", "classification", "%",
)  # fmt: skip
F1 = Metric(
    "f1", "F1", "2 TP / (2 TP + FP + FN)", "the harmonic mean of precision and recall; 0 where both are 0",
    "classification", "%",
)  # fmt: skip
MAE = Metric("mae", "MAE", "mean |ŷ − y|", "the mean distance, in the target's own unit", "regression", "")
RMSE = Metric(
    "rmse", "RMSE", "√ mean (ŷ − y)²", "as MAE, but large distances count more", "regression", ""
)  # fmt: skip
R2 = Metric(
    "r2", "R²", "1 − Σ (ŷ − y)² / Σ (y − ȳ)²",
    "1 is perfect, 0 no better than always the mean; of targets that are all alike 1 if all are right, else 0",
    "regression", "R²",
)  # fmt: skip

METRICS = (ACCURACY, PRECISION, RECALL, F1, MAE, RMSE, R2)
"""All metrics, in the order in which they are shown."""

KEPT: Mapping[str, tuple[Metric, ...]] = {"classification": (PRECISION, RECALL, F1), "regression": (MAE, RMSE, R2)}
"""For each task, the metrics that an evaluation has besides the loss and the accuracy."""

BY_CLASS: Mapping[str, Callable[[Array, Array, Array], Floats]] = {
    "precision": precision_of, "recall": recall_of, "f1": f1_of,
}  # fmt: skip
"""The metrics that each class has of its own, from `totals`."""

MOST_CLASSES = 20
"""With more classes, the history keeps what is of all of them alone."""


@dataclass(frozen=True)
class Scores:
    """What the predictions for a set are worth.

    Attributes:
        values: the metrics of `KEPT`, in that order; macro averages of a classification.
        right, taken, own: of each class, as `totals` gives them; empty for a regression, and of many classes.
    """

    values: tuple[float, ...] = ()
    right: tuple[int, ...] = field(default=(), repr=False)
    taken: tuple[int, ...] = field(default=(), repr=False)
    own: tuple[int, ...] = field(default=(), repr=False)


def class_scores(found: Totals) -> Scores:
    """The scores of a classification."""
    if len(found[0]) > MOST_CLASSES:
        return Scores(tuple(_macro(rule(*found), found) for rule in BY_CLASS.values()))
    # A few numbers are added faster without numpy, and this is done at the end of every epoch.
    right, taken, own = (tuple(one.tolist()) for one in found)
    sums, present = [0.0, 0.0, 0.0], 0
    for hit, guessed, real in zip(right, taken, own, strict=True):
        if guessed or real:
            present += 1
            sums[0] += hit / guessed if guessed else 0.0
            sums[1] += hit / real if real else 0.0
            sums[2] += 2 * hit / (guessed + real)
    return Scores(tuple(one / present if present else 0.0 for one in sums), right, taken, own)


def value_scores(targets: Array, predicted: Array, unit: Array | float = 1.0, spread: Floats | None = None) -> Scores:
    """The scores of a regression.

    Args:
        unit: what 1 is in the target's own unit, for each output.
        spread: Σ (y − ȳ)² of each output, where it is known.
    """
    with np.errstate(all="ignore"):
        difference = np.subtract(predicted, targets, dtype=np.float64)
        squares, count = np.einsum("ij,ij->j", difference, difference), len(targets)
        mae = float((np.abs(difference, out=difference).sum(axis=0) * unit).mean()) / count
        rmse = float((np.sqrt(squares / count) * unit).mean())
        return Scores((mae, rmse, _r2(squares, spread_of(targets) if spread is None else spread, count)))
