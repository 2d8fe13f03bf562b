"""Stores scikit-learn's metrics of random predictions: `python tests/values/make_metrics.py`, where it is installed.

Written with scikit-learn 1.9; nnviz does not need it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn import metrics


def classification(labels: list[int], predicted: list[int], classes: int) -> dict[str, object]:
    every = list(range(classes))
    found: dict[str, object] = {
        "labels": labels,
        "predicted": predicted,
        "classes": classes,
        "accuracy": metrics.accuracy_score(labels, predicted),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=every).tolist(),
    }
    for name in ("precision", "recall", "f1"):
        score = getattr(metrics, f"{name}_score")
        found[name] = score(labels, predicted, labels=every, average=None, zero_division=0).tolist()
        found[f"macro_{name}"] = score(labels, predicted, average="macro", zero_division=0)
    return found


def regression(targets: np.ndarray, predicted: np.ndarray) -> dict[str, object]:
    return {
        "targets": targets.tolist(),
        "predicted": predicted.tolist(),
        "mae": metrics.mean_absolute_error(targets, predicted),
        "rmse": metrics.root_mean_squared_error(targets, predicted),
        "r2": metrics.r2_score(targets, predicted),
    }


def main() -> None:
    generator = np.random.default_rng(17)
    every = []
    for classes, count in ((2, 40), (3, 7), (10, 200), (5, 3), (4, 1)):
        labels = generator.integers(0, classes, count)
        wrong = generator.random(count) < 0.3
        predicted = np.where(wrong, generator.integers(0, classes, count), labels)
        every.append(classification(labels.tolist(), predicted.tolist(), classes))
    # Nothing is right; one class is never predicted; one never occurs; a single class.
    every += [
        classification(*case)
        for case in (
            ([0, 1, 0], [1, 0, 1], 2),
            ([0, 1, 2, 2], [0, 1, 1, 0], 3),
            ([0, 1, 1], [0, 2, 1], 4),
            ([0, 0, 0], [0, 0, 0], 2),
        )
    ]
    values = []
    for outputs, count in ((1, 30), (3, 12), (1, 2)):
        targets = generator.normal(3, 5, (count, outputs))
        values.append(regression(targets, targets + generator.normal(0, 2, targets.shape)))
    alike = np.full((5, 1), 2.0)
    mixed = np.concatenate([alike, np.arange(5.0)[:, None]], axis=1)
    values += [regression(alike, alike), regression(alike, alike + 1), regression(mixed, mixed + 0.5)]
    found = {"scikit-learn": sklearn.__version__, "classification": every, "regression": values}
    Path(__file__).with_name("metrics.json").write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
