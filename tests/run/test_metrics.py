"""The metrics against scikit-learn's numbers, and what an evaluation keeps of them."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnviz.files.export import history_csv
from nnviz.files.opened import open_model
from nnviz.run import Evaluation, Run, Trainer, metrics
from nnviz.run.metrics import Scores
from nnviz.run.record import Curves, metric_columns
from tests.files.checkpoints import read_checkpoint, write_checkpoint

STORED: dict[str, Any] = json.loads((Path(__file__).parents[1] / "values" / "metrics.json").read_text())


@pytest.mark.parametrize("case", STORED["classification"])
def test_classification_as_in_scikit_learn(case: dict[str, Any]) -> None:
    labels, predicted = np.array(case["labels"]), np.array(case["predicted"])
    matrix = metrics.confusion_matrix(labels, predicted, case["classes"])
    assert matrix.tolist() == case["confusion"]
    assert metrics.accuracy(matrix) == pytest.approx(case["accuracy"], abs=1e-12)
    for name, score in (("precision", metrics.precision), ("recall", metrics.recall), ("f1", metrics.f1)):
        assert score(matrix) == pytest.approx(case[name], abs=1e-12)
        assert metrics.macro(score(matrix), matrix) == pytest.approx(case[f"macro_{name}"], abs=1e-12)
    counted = metrics.count_totals(labels, predicted, case["classes"])
    assert [one.tolist() for one in counted] == [one.tolist() for one in metrics.totals(matrix)]
    kept = [case[f"macro_{name}"] for name in metrics.BY_CLASS]
    assert metrics.class_scores(counted).values == pytest.approx(kept, abs=1e-12)


@pytest.mark.parametrize("case", STORED["regression"])
def test_regression_as_in_scikit_learn(case: dict[str, Any]) -> None:
    targets, predicted = np.array(case["targets"]), np.array(case["predicted"])
    wanted = [case["mae"], case["rmse"], case["r2"]]
    assert metrics.value_scores(targets, predicted).values == pytest.approx(wanted, abs=1e-12)


def test_r2_of_a_single_sample_is_unknown() -> None:
    assert np.isnan(metrics.r2_score(np.ones((1, 1)), np.ones((1, 1))))


def trained(line: str, steps: int) -> Trainer:
    trainer = Trainer(Run(open_model(line).network))
    for _ in islice(trainer.steps(), steps):
        pass
    return trainer


def test_an_evaluation_of_a_classification_is_that_of_its_predictions() -> None:
    trainer = trained("digits 64-16-10 relu adam:0.01 batch:200", 12)
    found, data = trainer.evaluate(), trainer.data
    for x, labels, accuracy, scores in (
        (data.train_x, data.train_y, found.train_accuracy, found.train),
        (data.test_x, data.test_y, found.test_accuracy, found.test),
    ):
        predicted = trainer.evaluator.predict(data.inputs.undo(x)).argmax(axis=1)
        matrix = metrics.confusion_matrix(labels, predicted, 10)
        assert accuracy == metrics.accuracy(matrix) == (predicted == labels).mean()
        assert scores.right == tuple(np.diagonal(matrix))
        assert scores.taken == tuple(matrix.sum(axis=0))
        assert scores.own == tuple(np.bincount(labels, minlength=10))
        macros = [metrics.macro(score(matrix), matrix) for score in (metrics.precision, metrics.recall, metrics.f1)]
        assert scores.values == pytest.approx(macros, abs=1e-12)


def test_an_evaluation_of_a_regression_is_in_the_targets_own_unit() -> None:
    trainer = trained("plane 2-8-1 tanh MSELoss adam:0.01", 30)
    data = trainer.data
    x = data.inputs.undo(data.test_x)
    assert data.targets is not None
    difference = trainer.evaluator.predict(x) - data.targets.undo(data.test_y)
    mae, rmse, r2 = trainer.evaluate().test.values
    assert mae == pytest.approx(np.abs(difference).mean(), rel=1e-5)
    assert rmse == pytest.approx(np.sqrt(np.square(difference).mean()), rel=1e-5)
    assert r2 == pytest.approx(1 - np.square(difference).sum() / np.square(data.targets.undo(data.test_y) - data.targets.undo(data.test_y).mean()).sum(), rel=1e-4)  # fmt: skip


def test_of_many_classes_the_counts_are_not_kept() -> None:
    labels = np.arange(metrics.MOST_CLASSES + 1)
    found = metrics.class_scores(metrics.count_totals(labels, labels, len(labels)))
    assert found == Scores((1.0, 1.0, 1.0))


@pytest.mark.parametrize("line", ["spiral 2-8-2 tanh adam:0.01", "plane 2-8-1 tanh MSELoss adam:0.01"])
def test_a_saved_history_has_its_metrics_again(line: str, tmp_path: Path) -> None:
    trainer = trained(line, 60)
    path = tmp_path / "state.safetensors"
    write_checkpoint(trainer.checkpoint(), trainer.network, path)
    kept = read_checkpoint(path)[1].history
    assert [(row.step, row.train, row.test) for row in kept] == [
        (row.step, row.train, row.test) for row in trainer.history.rows
    ]
    assert all(row.train.values for row in kept)


def test_a_history_without_metrics_is_read_and_goes_on(tmp_path: Path) -> None:
    """As versions before the metrics have saved it."""
    trainer = trained("spiral 2-8-2 tanh adam:0.01", 60)
    bare = tuple(replace(row, train=Scores(), test=Scores()) for row in trainer.history.rows)
    path = tmp_path / "state.safetensors"
    write_checkpoint(replace(trainer.checkpoint(), history=bare), trainer.network, path)
    network, checkpoint = read_checkpoint(path)
    assert checkpoint.history == bare
    assert metric_columns(bare) == {}
    assert history_csv(bare).splitlines()[0] == "step,epoch,train_loss,test_loss,train_accuracy,test_accuracy"
    resumed = Trainer(Run(network), checkpoint)
    for _ in islice(resumed.steps(), 60):
        pass
    rows = resumed.history.rows
    # Saved again, the rows without metrics are still without.
    write_checkpoint(resumed.checkpoint(), network, path)
    assert read_checkpoint(path)[1].history == rows
    curves = Curves.of(list(rows))
    assert curves.train.shape == (len(rows), 3)
    assert np.isnan(curves.train[: len(bare)]).all()
    assert np.isfinite(curves.train[len(bare) :]).all()


def test_columns_are_those_of_the_task() -> None:
    values = Scores((0.5, 0.25, 0.125))
    row = Evaluation(25, 1.0, 0.5, 0.5, 1.0, 1.0, values, values)
    head, line = history_csv([row]).splitlines()
    assert head.split(",")[6:] == [
        "train_precision", "test_precision", "train_recall", "test_recall", "train_f1", "test_f1",
    ]  # fmt: skip
    assert line == "25,1.0,0.5,0.5,1.0,1.0,0.5,0.5,0.25,0.25,0.125,0.125"
    regression = replace(row, train_accuracy=float("nan"), test_accuracy=float("nan"))
    assert history_csv([regression]).splitlines()[0].split(",")[6:] == [
        "train_mae", "test_mae", "train_rmse", "test_rmse", "train_r2", "test_r2",
    ]  # fmt: skip
