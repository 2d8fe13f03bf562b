"""What the data page asks of a run, against numpy on the same arrays."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from nnviz.errors import TrainingError
from nnviz.files.opened import open_model
from nnviz.run import Run, Trainer, Walk, alone, metrics
from nnviz.run.queries import ClassHistory, Judgements, SamplesOf, judgements


def trained(line: str, steps: int = 40) -> Trainer:
    trainer = Trainer(Run(open_model(line).network))
    for _ in islice(trainer.steps(), steps):
        pass
    return trainer


@pytest.mark.parametrize("side", ["train", "test"])
def test_a_classification_is_judged_sample_by_sample(side: str) -> None:
    trainer = trained("digits 64-16-10 relu adam:0.01 batch:64")
    judged, listed = trainer.observe(Judgements(side)), trainer.observe(SamplesOf(side))  # type: ignore[arg-type]
    data = trainer.data
    x, y = (data.train_x, data.train_y) if side == "train" else (data.test_x, data.test_y)
    p = trainer.evaluator.predict(data.inputs.undo(x)).astype(np.float64)
    assert judged.total == len(judged.losses) == len(y)
    assert judged.shares
    assert (judged.predicted == p.argmax(axis=1)).all()
    assert judged.confidence == pytest.approx(p.max(axis=1), rel=1e-5)
    assert judged.losses == pytest.approx(-np.log(p[np.arange(len(y)), y]), rel=1e-3, abs=1e-5)
    assert (listed.labels == y).all()
    assert listed.inputs == pytest.approx(data.inputs.undo(x))
    found = trainer.evaluate()
    loss, accuracy = (found.train_loss, found.train_accuracy) if side == "train" else (found.test_loss, found.test_accuracy)  # fmt: skip
    assert judged.losses.mean() == pytest.approx(loss, rel=1e-5)
    assert (judged.predicted == listed.labels).mean() == accuracy


def test_a_regression_is_judged_in_its_own_units() -> None:
    trainer = trained("plane 2-8-1 tanh MSELoss adam:0.01")
    judged, listed = trainer.observe(Judgements("test")), trainer.observe(SamplesOf("test"))
    assert trainer.data.targets is not None
    assert listed.labels == pytest.approx(trainer.data.targets.undo(trainer.data.test_y))
    assert judged.predicted == pytest.approx(trainer.evaluator.predict(listed.inputs), rel=1e-4, abs=1e-5)
    assert np.isnan(judged.confidence).all()
    assert judged.losses.mean() == pytest.approx(trainer.evaluate().test_loss, rel=1e-5)
    found = metrics.value_scores(listed.labels, judged.predicted).values
    assert found == pytest.approx(trainer.evaluate().test.values, rel=1e-4)


@pytest.mark.parametrize("line", ["iris 4-8-3 tanh BCEWithLogitsLoss adam:0.01", "spiral 2-8-1 tanh HingeEmbeddingLoss adam:0.01", "spiral 2-8-1 tanh BCEWithLogitsLoss adam:0.01"])  # fmt: skip
def test_any_loss_is_the_mean_of_those_of_its_samples(line: str) -> None:
    trainer = trained(line)
    judged = trainer.observe(Judgements("train"))
    assert judged.losses.mean() == pytest.approx(trainer.evaluate().train_loss, rel=1e-5)
    assert (judged.predicted == trainer.observe(SamplesOf("train")).labels).mean() == trainer.evaluate().train_accuracy


def test_of_many_samples_the_first_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgements, "MOST", 7)
    trainer = trained("spiral 2-4-2 tanh", 1)
    judged = trainer.observe(Judgements("test"))
    assert (judged.total, len(judged.losses), len(trainer.observe(SamplesOf("test")).labels)) == (250, 7, 7)
    monkeypatch.setattr(judgements, "MOST_BYTES", 3 * 8)
    assert len(trainer.observe(Judgements("test")).losses) == 3


def test_the_curve_of_a_class_is_counted_from_the_history() -> None:
    trainer = trained("iris 4-8-3 tanh adam:0.01", 60)
    found = trainer.observe(ClassHistory("recall", 2))
    rows = trainer.history.rows
    assert found.epoch.tolist() == [row.epoch for row in rows]
    assert found.test.tolist() == [row.test.right[2] / row.test.own[2] for row in rows]
    assert np.isnan(trainer.observe(ClassHistory("f1", 9)).train).all()
    with pytest.raises(TrainingError, match="no metric of single classes is called 'accuracy'"):
        trainer.observe(ClassHistory("accuracy", 0))


def test_a_walk_through_one_sample_is_its_prediction() -> None:
    trainer = trained("digits 64-16-10 relu adam:0.01")
    walk = Walk(trainer.run, trainer.checkpoint(), True, ("test", 11))
    walk.reach(len(walk.stops))
    out = walk.value(walk.stops[-1].node)
    x = trainer.data.inputs.undo(trainer.data.test_x[11:12])
    p = np.exp(out - out.max()) / np.exp(out - out.max()).sum()
    assert p == pytest.approx(trainer.evaluator.predict(x), rel=1e-4, abs=1e-6)
    assert walk.network == alone(trainer.network)
    assert (walk.samples[0], walk.samples[1].tolist()) == ("test", [11])


def test_a_training_step_on_one_sample_goes_to_the_loss_and_back() -> None:
    trainer = trained("spiral 2-4-2 tanh adam:0.01")
    walk = Walk(trainer.run, trainer.checkpoint(), False, ("train", 3))
    walk.reach(len(walk.stops))
    loss = walk.value(walk.stops[walk.forward - 1].node)
    assert float(loss) == pytest.approx(float(trainer.observe(Judgements("train")).losses[3]), rel=1e-5)


def test_a_sample_that_is_not_there_cannot_be_walked() -> None:
    trainer = trained("spiral 2-4-2 tanh", 1)
    with pytest.raises(TrainingError, match="the test data have 250 samples, and no number 250"):
        Walk(trainer.run, None, True, ("test", 250)).load()
