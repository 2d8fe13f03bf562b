"""Losses and metrics along one output or one weight, beside what is measured there directly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz import nn
from nnviz.autograd import Tensor
from nnviz.errors import NnvizError
from nnviz.files.opened import open_model
from nnviz.network import Network
from nnviz.registry import Spec
from nnviz.run import Run, Trainer, metrics
from nnviz.run.convexity import worst_chord
from nnviz.run.queries import CurvesSeen, LossCurves, Measured
from nnviz.run.queries.loss_curves import POINTS, SAMPLES
from nnviz.run.surface import LossSurface
from tests.run.drawn import STACKS, layer, settings
from tests.run.same import same
from tests.run.test_changes import taken

CLASSES, VALUES = "spiral 2-8-2 tanh adam:0.01 seed:1", "plane 2-8-1 tanh MSELoss seed:1"


def trained(line: str | Network, steps: int = 40) -> Trainer:
    trainer = Trainer(Run(open_model(line).network if isinstance(line, str) else line))
    taken(trainer, steps)
    return trainer


def named(seen: CurvesSeen) -> dict[str, Measured]:
    return {one.name: one for one in (*seen.losses, *seen.metrics)}


def test_what_is_now_is_measured_there_even_beside_the_places_drawn() -> None:
    network = open_model("circle 2-4-2 relu seed:1").network
    network = network.insert(3, nn.layers.check(Spec.of("Softmax", dim=1)))
    trainer = trained(network, 60)
    # So sure that the present output lies beyond the places drawn, which stay within its bounds.
    weight = dict(trainer.model.named_parameters())["2.weight"]
    weight.array *= 100
    surface = LossSurface(trainer, SAMPLES)
    outputs = surface.outputs(surface.start)
    for sample in range(SAMPLES):
        seen = LossCurves("output", sample=sample).observe(trainer)
        assert seen.own.now == pytest.approx(surface.loss_of(outputs), rel=1e-9)
        right = outputs.argmax(axis=1) == surface.y
        assert named(seen)["accuracy"].now == right.mean()


def test_as_an_output_moves_all_others_stay() -> None:
    trainer = trained(CLASSES)
    before = trainer.checkpoint()
    seen = LossCurves("output", sample=3, output=1).observe(trainer)
    assert same(trainer.checkpoint(), before)
    surface = LossSurface(trainer, SAMPLES)
    outputs = surface.outputs(surface.start)
    assert seen.present == pytest.approx(outputs[3, 1])
    assert seen.x[0] < seen.present < seen.x[-1]
    found = named(seen)
    assert set(found) == {"cross-entropy", "MSE", "accuracy", "precision", "recall"}
    for place in (0, 37, POINTS - 1):
        moved = outputs.copy()
        moved[3, 1] = seen.x[place]
        shares = np.exp(moved) / np.exp(moved).sum(axis=1, keepdims=True)
        right = np.eye(2)[surface.y]
        assert found["cross-entropy"].values[place] == pytest.approx(-np.log(shares[right == 1]).mean())
        assert found["MSE"].values[place] == pytest.approx(np.square(shares - right).mean())
        counts = metrics.confusion_matrix(surface.y, shares.argmax(axis=1), 2)
        assert found["accuracy"].values[place] == metrics.accuracy(counts)
        assert found["precision"].values[place] == pytest.approx(metrics.macro(metrics.precision(counts), counts))
        assert found["recall"].values[place] == pytest.approx(metrics.macro(metrics.recall(counts), counts))


def test_losses_slope_and_metrics_step() -> None:
    """The gradient of the loss is that of autograd; that of the metrics is 0 but where a sample changes sides."""
    trainer = trained(CLASSES)
    surface = LossSurface(trainer, SAMPLES)
    outputs = surface.outputs(surface.start)
    for sample in range(SAMPLES):
        seen = LossCurves("output", sample, 0).observe(trainer)
        for place in (5, 60, 110):
            moved = outputs.copy()
            moved[sample, 0] = seen.x[place]
            z = Tensor(moved, requires_grad=True)
            nn.CrossEntropyLoss()(z, Tensor(surface.y)).backward()
            assert z.grad is not None
            assert seen.own.slopes[place] == pytest.approx(z.grad.array[sample, 0], abs=1e-5)
        steps = [one for one in seen.metrics if np.ptp(one.values) > 0]
        # Its sample is taken for the one class at one end and for the other at the other.
        assert {one.name for one in steps} >= {"accuracy"}
        for one in seen.metrics:
            assert one.flat >= 1 - 1 / POINTS
            assert len(np.unique(one.values)) <= 2
        assert all(one.flat < 0.2 for one in seen.losses)


def test_a_weight_moves_and_no_other() -> None:
    trainer = trained(CLASSES)
    network = trainer.network
    seen = LossCurves("weight", weight=(network.ids[0], 5)).observe(trainer)
    assert seen.moved == "layer 1 weight[2, 1]"
    weight = trainer.model[0].weight.array  # type: ignore[union-attr]
    assert seen.present == pytest.approx(weight[2, 1])
    rows = np.arange(SAMPLES) * len(trainer.data.train_x) // SAMPLES
    for place in (0, 50, 120):
        kept = trainer.checkpoint()
        weight[2, 1] = seen.x[place]
        loss, accuracy, scores = trainer.evaluator.measure(trainer.data.train_x[rows], trainer.data.train_y[rows])
        trainer.restore(kept)
        found = named(seen)
        assert found["cross-entropy"].values[place] == pytest.approx(loss, rel=1e-5)
        assert found["accuracy"].values[place] == pytest.approx(accuracy)
        assert (found["precision"].values[place], found["recall"].values[place]) == pytest.approx(scores.values[:2])


@pytest.mark.parametrize("network", [CLASSES, VALUES, *STACKS.values()], ids=["classes", "values", *STACKS])
@pytest.mark.parametrize("sample", [0, 7])
def test_the_loss_is_convex_in_the_prediction(network: str | Network, sample: int) -> None:
    trainer = trained(network)
    for output in range(2):
        seen = LossCurves("output", sample, output).observe(trainer)
        assert seen.own.trained
        assert worst_chord(seen.x, seen.own.values) is None


@pytest.mark.long
def test_in_a_weight_before_a_hidden_layer_it_is_not_but_in_the_last_layer_it_is() -> None:
    trainer = trained(CLASSES, 300)
    network = trainer.network
    first = [LossCurves("weight", weight=(network.ids[0], number)).observe(trainer) for number in range(16)]
    last = [LossCurves("weight", weight=(network.ids[-1], number)).observe(trainer) for number in range(16)]
    assert any(worst_chord(seen.x, seen.own.values) is not None for seen in first)
    assert all(worst_chord(seen.x, seen.own.values) is None for seen in last)


def test_of_a_regression_all_slope() -> None:
    trainer = trained(VALUES)
    seen = LossCurves("output", 2).observe(trainer)
    found = named(seen)
    assert list(found) == ["MSE", "MAE", "R²"]
    assert found["MSE"].trained
    surface = LossSurface(trainer, SAMPLES)
    moved = surface.outputs(surface.start)
    moved[2] = seen.x[10]
    assert found["MSE"].values[10] == pytest.approx(np.square(moved - surface.y).mean())
    assert found["MAE"].values[10] == pytest.approx(np.abs(moved - surface.y).mean())
    assert found["R²"].values[10] == pytest.approx(metrics.r2_score(surface.y, moved))
    assert all(one.flat < 0.05 for one in found.values())


def with_loss(line: str, loss: Spec, *more: Spec) -> Network:
    network = open_model(line).network
    given = replace(network.settings, loss=nn.losses.check(loss))
    return Network((*network.layers, *more), given)


def test_another_loss_stands_beside_these() -> None:
    trainer = trained(with_loss(VALUES, Spec("HuberLoss")))
    seen = LossCurves("output").observe(trainer)
    assert [(one.name, one.trained) for one in seen.losses] == [("HuberLoss", True), ("MSE", False), ("MAE", False)]
    trainer = trained(with_loss(CLASSES, Spec.of("CrossEntropyLoss", reduction="sum")))
    seen = LossCurves("output").observe(trainer)
    own, entropy = seen.losses[0], named(seen)["cross-entropy"]
    # A sum is given as over one batch, as it is everywhere.
    assert own.values == pytest.approx(entropy.values * trainer.batch)


def test_outputs_stay_where_they_can_be() -> None:
    network = Network(
        (layer("Linear", in_features=2, out_features=1), layer("Sigmoid")),
        settings(Spec.of("circle", samples=60), "BCELoss", 8),
    )
    seen = LossCurves("output").observe(trained(network))
    assert 0 < seen.x[0] < seen.x[-1] < 1
    assert [one.name for one in seen.losses] == ["cross-entropy", "MSE"]
    assert np.isfinite(seen.own.values).all()


def test_softmax_twice_is_measured_as_it_is_trained() -> None:
    seen = LossCurves("output").observe(trained("lesson 10-5-8 sigmoid seed:1"))
    assert seen.losses[0].name == "cross-entropy"


def test_what_cannot_move_is_refused() -> None:
    network = Network((layer("Tanh"),), settings(Spec.of("circle", samples=60), "CrossEntropyLoss", 8))
    trainer = Trainer(Run(network))
    assert LossCurves("output").observe(trainer).outputs == 2
    with pytest.raises(NnvizError, match="no weights that could move"):
        LossCurves("weight").observe(trainer)
